#include "core/name_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace dsnwatch::core {
namespace {

std::optional<ProviderId> slow_longest_suffix(const std::map<std::string, ProviderId>& names, std::string name) {
  for (char& c : name) c = lower(c);
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (at > 0 && (name[at - 1] != '.' || name[at] == '.')) continue;
    if (const auto found = names.find(name.substr(at)); found != names.end()) return found->second;
  }
  return std::nullopt;
}

TEST(NameMap, FindsTheLongestSuffixOfWholeLabels) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> labels = {"a", "b", "ab", "mx", "mail", "Com", "net", "example", "x-1"};
  const auto name = [&] {
    std::string text = labels[random() % labels.size()];
    for (std::size_t more = random() % 4; more > 0; --more) text += "." + labels[random() % labels.size()];
    return text;
  };
  std::map<std::string, ProviderId> names;
  NameMap map;
  for (ProviderId i = 2; i < 40; ++i) {
    const std::string known = lower(std::string_view(name()));
    if (map.add(known, i).second) names[known] = i;
  }
  std::size_t found = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string asked = name();
    const auto wanted = slow_longest_suffix(names, asked);
    EXPECT_EQ(map.longest_suffix(asked), wanted) << asked;
    const auto whole = names.find(lower(std::string_view(asked)));
    EXPECT_EQ(map.whole(asked), whole == names.end() ? std::nullopt : std::optional(whole->second)) << asked;
    found += wanted.has_value();
  }
  EXPECT_GT(found, 0u);
}

TEST(NameEndings, TellMostNamesApartAndForgetNone) {
  NameEndings endings;
  EXPECT_FALSE(endings.may_end_so("mx.example.com"));
  const std::vector<std::string> names = {"i.ua", "ya.ru", "web.de", "mail.protection.outlook.com"};
  for (const std::string& name : names) endings.add(name);
  for (const std::string& name : names) {
    EXPECT_TRUE(endings.may_end_so(name));
    EXPECT_TRUE(endings.may_end_so("mx." + name));
    EXPECT_TRUE(endings.may_end_so("MX." + std::string(1, static_cast<char>(name[0] - 0x20)) + name.substr(1))) << name;
  }
  EXPECT_FALSE(endings.may_end_so("mx.example.com"));
  endings.add("x");
  EXPECT_TRUE(endings.may_end_so("mx.example.com")) << "nothing tells so short a name from others";
}

TEST(NameMap, KnowsWholeNamesInAnyCaseAndNoPartsOfLabels) {
  NameMap map;
  EXPECT_TRUE(map.add("outlook.com", 2).second);
  EXPECT_TRUE(map.add("mail.protection.outlook.com", 3).second);
  EXPECT_EQ(map.add("outlook.com", 4), std::pair(ProviderId{2}, false));
  EXPECT_EQ(map.longest_suffix("x.mail.protection.OUTLOOK.com"), ProviderId{3});
  EXPECT_EQ(map.longest_suffix("protection.outlook.com"), ProviderId{2});
  EXPECT_EQ(map.longest_suffix("my-outlook.com"), std::nullopt);
  EXPECT_EQ(map.longest_suffix("com"), std::nullopt);
  EXPECT_EQ(map.longest_suffix(""), std::nullopt);
  EXPECT_EQ(map.whole("OUTLOOK.com"), ProviderId{2});
  EXPECT_EQ(map.whole("mx.outlook.com"), std::nullopt);
}

}  // namespace
}  // namespace dsnwatch::core
