#include "core/remedies.h"

#include <gmock/gmock.h>

#include <string>

namespace dsnwatch::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Remedies, EveryCauseHasCompleteAdvice) {
  for (int i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    const Remedy& advice = remedy(cause);
    EXPECT_FALSE(advice.what.empty()) << name(cause);
    for (const std::string_view check : advice.checks) EXPECT_FALSE(check.empty()) << name(cause);
    EXPECT_FALSE(advice.fixer.empty()) << name(cause);
    EXPECT_FALSE(advice.recipient.empty()) << name(cause);
    EXPECT_FALSE(advice.traffic.empty()) << name(cause);
    EXPECT_FALSE(meaning(cause).empty()) << name(cause);
  }
}

TEST(Remedies, EveryPlaceholderIsAKnownOne) {
  const RemedyValues values{.ip = "192.0.2.1", .domain = "example.com", .list_zone = "bl.example.net", .form = "FORM"};
  for (int i = 0; i < kCauseCount; ++i) {
    const Remedy& advice = remedy(static_cast<Cause>(i));
    for (const std::string_view check : advice.checks) {
      EXPECT_THAT(filled(check, values), Not(HasSubstr("{"))) << name(static_cast<Cause>(i));
      EXPECT_THAT(filled(check, {}), Not(HasSubstr("{"))) << name(static_cast<Cause>(i));
    }
    EXPECT_THAT(filled(advice.fixer, values), Not(HasSubstr("{"))) << name(static_cast<Cause>(i));
  }
}

TEST(Remedies, TheAdviceOnAListingAsksTheListForTheAddress) {
  const RemedyValues values{.ip = "192.0.2.130", .domain = {}, .list_zone = "zen.spamhaus.org", .form = {}};
  EXPECT_THAT(filled(remedy(Cause::kIpBlocklisted).checks[0], values),
              HasSubstr("dig +short 130.2.0.192.zen.spamhaus.org"));
}

TEST(Remedies, ReversesAddressesAsDnsListsWantThem) {
  EXPECT_EQ(reversed_ip("192.0.2.1"), "1.2.0.192");
  EXPECT_EQ(reversed_ip("2001:db8::1"), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
  EXPECT_EQ(reversed_ip("::ffff:192.0.2.1"), "1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
  EXPECT_EQ(reversed_ip("not an address"), "");
  EXPECT_EQ(reversed_ip(""), "");
  EXPECT_EQ(reversed_ip("192.0.2.1.5"), "");
}

TEST(Remedies, WhatIsNotKnownIsNamed) {
  EXPECT_EQ(filled("dig -x {ip} {domain}", {}), "dig -x IP DOMAIN");
  EXPECT_EQ(filled("{ip", {}), "{ip");
  EXPECT_EQ(filled("", {}), "");
}

TEST(Taxonomy, NamesAreUniqueAndReadBack) {
  for (int i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_EQ(parse_cause(name(cause)), cause);
  }
  EXPECT_EQ(parse_cause("no_such_cause"), std::nullopt);
}

TEST(Taxonomy, OnlyDeadAddressesAreSuppressedByDefault) {
  for (int i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    if (default_action(cause) != Action::kSuppress) continue;
    EXPECT_EQ(category_of(cause), Category::kRecipient) << name(cause);
  }
  EXPECT_EQ(default_action(Cause::kUserUnknown), Action::kSuppress);
  EXPECT_EQ(default_action(Cause::kIpBlocklisted), Action::kDelist);
  EXPECT_EQ(default_action(Cause::kRecipientThrottled), Action::kSlow);
  EXPECT_EQ(default_action(Cause::kMailboxFull), Action::kRetry);
}

}  // namespace
}  // namespace dsnwatch::core
