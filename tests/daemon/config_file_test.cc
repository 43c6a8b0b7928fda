#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/config/config.h"
#include "daemon/config/run_options.h"
#include "daemon/run/part_settings.h"

namespace dsnwatch::daemon {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

std::vector<fs::path> files(const std::string& ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(DSNWATCH_SOURCE_DIR) / "tests/data/config")) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string content(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string case_name(const testing::TestParamInfo<fs::path>& tested) {
  std::string name = tested.param.filename().string();
  return name.substr(0, name.find('.'));
}

class BadConfig : public testing::TestWithParam<fs::path> {};

/// The first line of the file is a comment that says what must be found, and where.
TEST_P(BadConfig, IsRefusedWithPlaceAndReason) {
  const std::string text = content(GetParam());
  const std::string expected = text.substr(2, text.find('\n') - 2);
  const auto config = read_config(text, "file.yaml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("file.yaml:" + expected));
}

INSTANTIATE_TEST_SUITE_P(ConfigFile, BadConfig, testing::ValuesIn(files(".bad.yaml")), case_name);

class GoodConfig : public testing::TestWithParam<fs::path> {};

TEST_P(GoodConfig, ShowsWhatReadsBackTheSame) {
  const auto config = read_config(content(GetParam()), "file.yaml");
  ASSERT_TRUE(config) << config.error().message;
  for (const bool with_help : {false, true}) {
    const std::string shown = show_config(*config, with_help);
    const auto again = read_config(shown, "shown.yaml");
    ASSERT_TRUE(again) << again.error().message << "\n" << shown;
    EXPECT_EQ(show_config(*again, with_help), shown);
  }
}

INSTANTIATE_TEST_SUITE_P(ConfigFile, GoodConfig, testing::ValuesIn(files(".good.yaml")), case_name);

TEST(ConfigFile, TakesEveryKey) {
  const auto config = load_config(std::string(DSNWATCH_SOURCE_DIR) + "/tests/data/config/full.good.yaml");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->sources.size(), 2u);
  EXPECT_EQ(config->sources[0].start, ingest::FileSettings::Start::kBeginning);
  EXPECT_EQ(config->sources[0].timezone, "Europe/Berlin");
  EXPECT_EQ(config->sources[1].start, ingest::FileSettings::Start::kEnd);
  EXPECT_EQ(config->checkpoint_interval_ms, 500);
  EXPECT_EQ(config->ledger_grace_ms, 5'400'000);
  EXPECT_EQ(config->source_ips.nat, (std::vector<std::pair<std::string, std::string>>{{"10.0.0.5", "192.0.2.5"}}));
  EXPECT_EQ(config->labels.stream, core::TallySettings::Stream::kTenant);
  EXPECT_EQ(config->limits.correlation_memory, 64u << 20);
  EXPECT_EQ(config->birth_hold_ms, 120'000);
  EXPECT_EQ(config->workers, 3u);
  const std::string defaults = show_config(Config{}, false);
  std::istringstream lines(show_config(*config, false));
  for (std::string line; std::getline(lines, line);) {
    const bool section = line.ends_with(":");
    EXPECT_TRUE(section || defaults.find(line + "\n") == std::string::npos) << "still the default: " << line;
  }
}

TEST(ConfigFile, InternalNetworksAreByDefaultThoseOfTheCore) {
  const auto expected = core::default_internal_networks();
  const auto ours = parsed_networks(Config{}.internal_networks);
  ASSERT_EQ(ours.size(), expected.size());
  for (const core::IpNetwork& network : expected) {
    const auto same = [&](const core::IpNetwork& other) {
      return other.prefix == network.prefix && std::ranges::equal(other.address.bytes, network.address.bytes);
    };
    EXPECT_TRUE(std::any_of(ours.begin(), ours.end(), same));
  }
}

TEST(ConfigFile, CollectsAllMistakes) {
  const auto config = read_config("linger: x\nworkers: y\n", "f");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("f:1:9: \"x\""));
  EXPECT_THAT(config.error().message, HasSubstr("\nf:2:10: \"y\""));
}

TEST(ConfigFile, SaysWhichFileCannotBeRead) {
  const auto config = load_config("/nonexistent/dsnwatch.yml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("/nonexistent/dsnwatch.yml: No such file"));
}

struct OptionCase {
  std::string name;
  ParsedOptions options;
  std::string error;  // Empty: accepted.
};

class RunOptions : public testing::TestWithParam<OptionCase> {};

TEST_P(RunOptions, AreCheckedLikeTheFile) {
  const auto config = effective_config(GetParam().options);
  EXPECT_EQ(config.has_value(), GetParam().error.empty());
  if (!config) {
    EXPECT_THAT(config.error().message, HasSubstr(GetParam().error));
  }
}

INSTANTIATE_TEST_SUITE_P(
    ConfigFile, RunOptions,
    testing::Values(
        OptionCase{"none", {}, ""},
        OptionCase{"all",
                   {{{"state-dir", {"/s"}}, {"listen", {":0"}}, {"start", {"end"}}, {"birth-hold", {"0"}}}, {"a", "b"}},
                   ""},
        OptionCase{"start", {{{"start", {"middle"}}}, {"a"}}, "\"middle\" is neither end nor beginning"},
        OptionCase{"birth_hold", {{{"birth-hold", {"6m"}}}, {}}, "\"6m\" is no duration from 0s to 5m"},
        OptionCase{"listen", {{{"listen", {"nowhere"}}}, {}}, "--listen"},
        OptionCase{"stdin", {{}, {"-"}}, "standard input"}, OptionCase{"twice", {{}, {"a", "a"}}, "a is named twice"}),
    [](const auto& tested) { return tested.param.name; });

TEST(RunOptions, GoOverTheFile) {
  ParsedOptions options;
  options.given = {{"config", {std::string(DSNWATCH_SOURCE_DIR) + "/tests/data/config/full.good.yaml"}},
                   {"birth-hold", {"1s"}},
                   {"start", {"beginning"}},
                   {"state-dir", {"/elsewhere"}}};
  options.positional = {"/tmp/other.log"};
  const auto config = effective_config(options);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->sources.size(), 1u);
  EXPECT_EQ(config->sources[0].path, "/tmp/other.log");
  EXPECT_EQ(config->sources[0].start, ingest::FileSettings::Start::kBeginning);
  EXPECT_EQ(config->birth_hold_ms, 1000);
  EXPECT_EQ(config->state_dir, "/elsewhere");
  EXPECT_EQ(config->linger_ms, 45'000);
}

}  // namespace
}  // namespace dsnwatch::daemon
