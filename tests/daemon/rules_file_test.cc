// What `rules check` says of broken and whole files. The first line of each broken one is what it must be told, with
// line and column.
#include "daemon/rules_file/rules_file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "daemon/rule_check.h"
#include "daemon/rule_loading.h"

namespace dsnwatch::daemon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<fs::path> files(const std::string& ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(std::string(DSNWATCH_SOURCE_DIR) + "/tests/data/rules")) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  const std::string name = info.param.filename().string();
  return name.substr(0, name.find('.'));
}

const std::shared_ptr<const core::Providers>& providers() {
  static const auto shipped = *load_providers("", core::default_internal_networks());
  return shipped;
}

/// All that is wrong with a file, one a line.
std::string problems_of(const fs::path& file) {
  const auto rules = load_rules({file.string()}, *providers());
  if (!rules) return rules.error().message;
  std::string all;
  for (const std::string& problem : check_rules(*rules, providers())) all += problem + "\n";
  return all;
}

class BadRules : public testing::TestWithParam<fs::path> {};

TEST_P(BadRules, AreToldWhereAndWhy) {
  std::string expected;
  std::ifstream in(GetParam());
  std::getline(in, expected);
  ASSERT_GT(expected.size(), 6u) << "the first line says what must be told";
  EXPECT_THAT(problems_of(GetParam()), HasSubstr(GetParam().string() + ":" + expected.substr(2)));
}

INSTANTIATE_TEST_SUITE_P(RulesFile, BadRules, testing::ValuesIn(files(".bad.yaml")), case_name);

class GoodRules : public testing::TestWithParam<fs::path> {};

TEST_P(GoodRules, HaveNoProblem) {
  EXPECT_EQ(problems_of(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(RulesFile, GoodRules, testing::ValuesIn(files(".good.yaml")), case_name);

TEST(RulesFile, TheSameIdReplacesAShippedRule) {
  const std::size_t shipped = core::shipped_rules().size();
  const std::string folder = testing::TempDir();
  const std::string file = folder + "/replaced.yaml";
  std::ofstream(file) << "rules:\n  - id: user.unknown\n    cause: policy\n    match: gnarf zwolf\n"
                         "    examples: ['550 gnarf zwolf']\n";
  const auto merged = merged_rules({file});
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->size(), shipped);
  const auto found = std::find_if(merged->begin(), merged->end(), [](const auto& r) { return r.id == "user.unknown"; });
  ASSERT_NE(found, merged->end());
  EXPECT_EQ(found->cause, core::Cause::kPolicy);
  fs::remove(file);
}

TEST(RulesFile, AMissingPathIsNamed) {
  const auto rules = load_rules({"/nonexistent/rules.yaml"}, *providers());
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().message, HasSubstr("/nonexistent/rules.yaml"));
  const auto own = load_providers("/nonexistent/providers.yaml", {});
  ASSERT_FALSE(own);
  EXPECT_THAT(own.error().message, HasSubstr("/nonexistent/providers.yaml"));
}

}  // namespace
}  // namespace dsnwatch::daemon
