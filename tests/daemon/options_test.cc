#include "daemon/commands/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/cli.h"

namespace dsnwatch::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const CommandSpec kSpec = {"dsnwatch report [OPTION...] [FILE...]",
                           "Reads logs.",
                           {{"format", "text|json", "how to print"}, {"top", "N", "rows"}, {"quiet", "", "say less"}}};

ParsedOptions parsed(const std::vector<std::string>& args) {
  auto result = parse_options(kSpec, args);
  EXPECT_TRUE(std::holds_alternative<ParsedOptions>(result));
  return std::get<ParsedOptions>(std::move(result));
}

struct WrongUse {
  int status;
  std::string message;
};

WrongUse refused(const std::vector<std::string>& args) {
  ::testing::internal::CaptureStderr();
  auto result = parse_options(kSpec, args);
  std::string message = ::testing::internal::GetCapturedStderr();
  if (!std::holds_alternative<int>(result)) return {-1, "was accepted"};
  return {std::get<int>(result), message};
}

TEST(Options, ValueBehindBlankOrEqualsSign) {
  const ParsedOptions options = parsed({"--format", "json", "a.log", "--top=5", "b.log"});
  EXPECT_EQ(options.value("format"), "json");
  EXPECT_EQ(options.value("top"), "5");
  EXPECT_THAT(options.positional, ElementsAre("a.log", "b.log"));
  EXPECT_FALSE(options.has("quiet"));
}

TEST(Options, ValueMayHoldAnything) {
  EXPECT_EQ(parsed({"--format=a=b"}).value("format"), "a=b");
  EXPECT_EQ(parsed({"--format="}).value("format", "unset"), "");
  EXPECT_EQ(parsed({"--format", "-"}).value("format"), "-");
  EXPECT_EQ(parsed({"--top", "-5"}).value("top"), "-5");
}

TEST(Options, RepeatedOptionKeepsAllValues) {
  EXPECT_THAT(parsed({"--format=a", "--format", "b"}).values("format"), ElementsAre("a", "b"));
  EXPECT_EQ(parsed({"--format=a", "--format", "b"}).value("format"), "b");
}

TEST(Options, FlagsDashAndDoubleDash) {
  const ParsedOptions options = parsed({"--quiet", "-", "--", "--format", "-x"});
  EXPECT_TRUE(options.has("quiet"));
  EXPECT_THAT(options.values("quiet"), IsEmpty());
  EXPECT_FALSE(options.has("format"));
  EXPECT_THAT(options.positional, ElementsAre("-", "--format", "-x"));
}

TEST(Options, HelpPrintsEveryOption) {
  ::testing::internal::CaptureStdout();
  auto result = parse_options(kSpec, {"a.log", "--help"});
  const std::string text = ::testing::internal::GetCapturedStdout();
  ASSERT_TRUE(std::holds_alternative<int>(result));
  EXPECT_EQ(std::get<int>(result), 0);
  for (const char* part : {"dsnwatch report", "Reads logs.", "--format text|json", "how to print", "--quiet", "--help"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(Options, WrongUseSaysWhat) {
  const struct {
    std::vector<std::string> args;
    const char* message;
  } cases[] = {
      {{"--fromat", "json"}, "unknown option \"--fromat\"; did you mean \"--format\"?"},
      {{"--tpo=3"}, "unknown option \"--tpo\"; did you mean \"--top\"?"},
      {{"-top", "3"}, "unknown option \"-top\"; did you mean \"--top\"?"},
      {{"--zzzzzzzzzz"}, "unknown option \"--zzzzzzzzzz\"\n"},
      {{"---"}, "unknown option \"---\""},
      {{"---top=1"}, "unknown option \"---top\"; did you mean \"--top\"?"},
      {{"--=x"}, "unknown option \"--\""},
      {{"--top"}, "option \"--top\" needs a value: --top N"},
      {{"--top", "--", "x"}, "needs a value"},
      {{"--quiet=yes"}, "option \"--quiet\" takes no value"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.args[0]);
    const WrongUse result = refused(c.args);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.message, HasSubstr(c.message));
    EXPECT_THAT(result.message, HasSubstr("Try 'dsnwatch report --help'."));
  }
}

Arguments last_arguments;

int remember(const Arguments& args) {
  last_arguments = args;
  return 7;
}
int throws(const Arguments&) {
  throw std::runtime_error("no more memory");
}

constexpr Subcommand kCommands[] = {{"report", "[FILE...]", "who rejects what", remember},
                                    {"events", "[FILE...]", "one object per attempt", throws}};

TEST(Cli, HandsOverBehindTheName) {
  EXPECT_EQ(dispatch(kCommands, {"report", "--help", "report"}), 7);
  EXPECT_THAT(last_arguments, ElementsAre("--help", "report"));
}

TEST(Cli, UnknownCommandNamesTheNearest) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(dispatch(kCommands, {"reprot", "x"}), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("unknown command \"reprot\"; did you mean \"report\"?"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(dispatch(kCommands, {"--vresion"}), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("did you mean \"--version\"?"));
}

TEST(Cli, HelpVersionAndNothing) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(dispatch(kCommands, {"--help"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"--version"}), 0);
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(text, HasSubstr("report [FILE...]"));
  EXPECT_THAT(text, ::testing::ContainsRegex("dsnwatch [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(dispatch(kCommands, {}), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("usage:"));
}

TEST(Cli, AnExceptionIsAFailureWithItsCommand) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(dispatch(kCommands, {"events"}), 1);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "dsnwatch events: no more memory\n");
}

}  // namespace
}  // namespace dsnwatch::daemon
