#include <gtest/gtest.h>

#include "core/providers.h"

namespace dsnwatch::core {
namespace {

ProviderSpec provider(std::string id) {
  ProviderSpec spec;
  spec.mx_suffixes = {id + ".example"};
  spec.id = std::move(id);
  return spec;
}

std::shared_ptr<const Providers> built(const std::vector<std::string>& ids, const Providers* earlier = nullptr) {
  std::vector<ProviderSpec> specs;
  for (const std::string& id : ids) specs.push_back(provider(id));
  auto providers = Providers::build(specs, {}, earlier);
  EXPECT_TRUE(providers.has_value()) << (providers ? "" : providers.error().message);
  return *providers;
}

TEST(ProvidersThatReplaceEarlierOnes, KeepTheirNumbers) {
  const auto before = built({"a", "b", "c"});
  const auto after = built({"new", "c", "a"}, before.get());
  EXPECT_EQ(after->find("a"), before->find("a"));
  EXPECT_EQ(after->find("c"), before->find("c"));
  EXPECT_EQ(after->by_mx("mx.c.example"), before->find("c"));
  EXPECT_EQ(after->find("new"), before->size());
  EXPECT_EQ(after->by_mx("mx.new.example"), after->find("new"));
}

TEST(ProvidersThatReplaceEarlierOnes, OneThatIsGoneKeepsItsNameAndIsNotFound) {
  const auto before = built({"a", "b"});
  const ProviderId b = before->find("b");
  const auto after = built({"a"}, before.get());
  EXPECT_EQ(after->id(b), "b");
  EXPECT_EQ(after->find("b"), kNoProvider);
  EXPECT_EQ(after->by_mx("mx.b.example"), kOtherProvider);
  const auto again = built({"b", "a"}, after.get());
  EXPECT_EQ(again->find("b"), b);
  EXPECT_EQ(again->by_mx("mx.b.example"), b);
}

TEST(ProvidersThatReplaceEarlierOnes, MayNotStandTwice) {
  const auto before = built({"a"});
  const std::vector<ProviderSpec> specs = {provider("a"), provider("a")};
  const auto after = Providers::build(specs, {}, before.get());
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().message, "the provider \"a\" stands twice");
}

}  // namespace
}  // namespace dsnwatch::core
