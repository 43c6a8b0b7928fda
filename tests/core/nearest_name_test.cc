#include "core/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dsnwatch::core {
namespace {

TEST(NearestName, FindsMisspellings) {
  const std::vector<std::string> names = {"timezone", "since", "until", "top", "rules"};
  const struct {
    const char* given;
    const char* nearest;
  } cases[] = {
      {"timezone", "timezone"},
      {"time-zone", "timezone"},
      {"timezoen", "timezone"},
      {"sinse", "since"},
      {"untill", "until"},
      {"tpo", "top"},
      {"ruels", "rules"},
      {"format", ""},
      {"", ""},
      {"xy", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(nearest_name(c.given, names), c.nearest) << c.given;
}

TEST(NearestName, LongNamesAreNoMisspellings) {
  const std::vector<std::string> names = {"a", std::string(100'000, 'x')};
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), names), "");
  EXPECT_EQ(nearest_name("b", std::vector<std::string>{}), "");
}

TEST(NearestName, Question) {
  const std::vector<std::string> names = {"since", "until"};
  EXPECT_EQ(did_you_mean("untl", names), "; did you mean \"until\"?");
  EXPECT_EQ(did_you_mean("completely-different", names), "");
}

}  // namespace
}  // namespace dsnwatch::core
