#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/commands/command.h"

namespace dsnwatch::daemon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string list(const Arguments& args) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(metrics_command(args), kExitDone);
  return ::testing::internal::GetCapturedStdout();
}

TEST(MetricsList, Text) {
  EXPECT_THAT(
      list({"list"}),
      AllOf(HasSubstr("dsnwatch_domain_rejections_total{provider,domain,result,enhanced_code,cause}  counter\n"),
            HasSubstr("dsnwatch_attempts_total{mta,provider,result[,host]}  counter\n"),
            HasSubstr("dsnwatch_delivery_delay_seconds{provider,result}  histogram\n"),
            HasSubstr("dsnwatch_source_unparsed_total{source,reason}  counter\n    Records shaped like"),
            HasSubstr("process_open_fds  gauge\n")));
}

TEST(MetricsList, Json) {
  const std::string json = list({"list", "--format", "json"});
  EXPECT_THAT(json, ::testing::StartsWith("[\n  {\"name\": \"dsnwatch_attempts_total\", \"type\": \"counter\", "
                                          "\"labels\": [\"mta\", \"provider\", \"result\"], "
                                          "\"optional_labels\": [\"host\"], \"help\": \""));
  EXPECT_THAT(json, ::testing::EndsWith("\"}\n]\n"));
  EXPECT_THAT(json, HasSubstr("{\"name\": \"dsnwatch_rules_loaded\", \"type\": \"gauge\", \"labels\": [], "
                              "\"optional_labels\": [], \"help\": \""));
}

TEST(MetricsList, WrongUse) {
  for (const auto& [args, message] :
       std::vector<std::pair<Arguments, std::string>>{{{}, "say what to do: list"},
                                                      {{"lits"}, "did you mean \"list\""},
                                                      {{"list", "more"}, "unexpected argument \"more\""},
                                                      {{"list", "--format=jsn"}, "did you mean \"json\""}}) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(metrics_command(args), kExitUsage);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace dsnwatch::daemon
