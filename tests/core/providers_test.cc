#include "core/providers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dsnwatch::core {
namespace {

std::shared_ptr<const Providers> some_providers() {
  std::vector<ProviderSpec> specs(3);
  specs[0].id = "alpha";
  specs[0].mx_suffixes = {"alpha.example", "mx.alpha.test"};
  specs[0].recipient_domains = {"alphamail.example"};
  specs[1].id = "beta";
  specs[1].mx_suffixes = {"beta.alpha.example", "test"};
  specs[2].id = "gamma";
  specs[2].recipient_domains = {"gamma.example"};
  std::vector<IpNetwork> internal = default_internal_networks();
  internal.push_back(*IpNetwork::parse("198.51.100.0/23"));
  return *Providers::build(specs, internal);
}

TEST(Providers, TheLongestSuffixOfWholeLabelsNamesTheServer) {
  const auto providers = some_providers();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"alpha.example", "alpha"},
      {"in.alpha.example", "alpha"},
      {"IN.Alpha.EXAMPLE.", "alpha"},
      {"a.b.beta.alpha.example", "beta"},
      {"notalpha.example", "other"},
      {"beta-alpha.example", "other"},
      {"mx.alpha.test", "alpha"},
      {"my.alpha.test", "beta"},
      {"alpha.example.net", "other"},
      {"", "other"},
      {".", "other"},
      {"..", "other"},
      {".alpha.example", "alpha"},
      {std::string(300, 'a') + ".alpha.example", "other"},
      {std::string("\0alpha.example", 14), "other"},
  };
  for (const auto& [host, provider] : cases) EXPECT_EQ(providers->id(providers->by_mx(host)), provider) << host;
}

TEST(Providers, ARecipientDomainIsMeantAsAWhole) {
  const auto providers = some_providers();
  EXPECT_EQ(providers->id(providers->by_recipient_domain("AlphaMail.example")), "alpha");
  EXPECT_EQ(providers->id(providers->by_recipient_domain("x.alphamail.example")), "other");
  EXPECT_EQ(providers->id(providers->by_recipient_domain("")), "other");
}

TEST(Providers, AnInnerServerIsInternalWhateverItsName) {
  const auto providers = some_providers();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"10.0.0.1", "internal"},
      {"172.31.255.255", "internal"},
      {"172.32.0.0", "alpha"},
      {"198.51.101.9", "internal"},
      {"198.51.102.9", "alpha"},
      {"::1", "internal"},
      {"fe80::1", "internal"},
      {"fdab::1", "internal"},
      {"2001:db8::1", "alpha"},
      {"::ffff:10.1.2.3", "internal"},
      {"10.0.0", "alpha"},
      {"1000.0.0.1", "alpha"},
      {"", "alpha"},
  };
  for (const auto& [ip, provider] : cases) {
    Attempt attempt;
    attempt.remote_host = "mx.alpha.example";
    attempt.remote_ip = ip;
    EXPECT_EQ(providers->id(providers->of(attempt)), provider) << ip;
  }
}

TEST(Providers, TheServerComesBeforeTheDomain) {
  const auto providers = some_providers();
  Attempt attempt;
  attempt.recipient = "someone@gamma.example";
  attempt.remote_host = "mx.alpha.example";
  EXPECT_EQ(providers->id(providers->of(attempt)), "alpha");
  attempt.remote_host = "mx.elsewhere.example";
  EXPECT_EQ(providers->id(providers->of(attempt)), "gamma");
  attempt.local_transport = true;
  EXPECT_EQ(providers->id(providers->of(attempt)), "internal");
}

}  // namespace
}  // namespace dsnwatch::core
