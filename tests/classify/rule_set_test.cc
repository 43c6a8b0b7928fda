#include "core/classify/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/classify/engine_fixture.h"

namespace dsnwatch::core {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct FaultCase {
  const char* name;
  std::function<void(RuleSpec&)> spoil;
  const char* message;
};

class Fault : public testing::TestWithParam<FaultCase> {};

TEST_P(Fault, IsSaidWithItsPlace) {
  RuleSpec spec = rule("own.rule", Cause::kSpam, "spam");
  spec.file = "own.yaml";
  spec.line = 7;
  spec.column = 3;
  GetParam().spoil(spec);
  const auto rules = RuleSet::build({spec}, *two_providers());
  ASSERT_FALSE(rules.has_value());
  EXPECT_THAT(rules.error().message, StartsWith("own.yaml:7:3: "));
  EXPECT_THAT(rules.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Fault,
    testing::ValuesIn(std::vector<FaultCase>{
        {"pattern", [](RuleSpec& spec) { spec.match = "spam("; }, "match"},
        {"pattern_that_matches_everything", [](RuleSpec& spec) { spec.match = "(?:spam)?"; }, "every reply"},
        {"nothing_asked", [](RuleSpec& spec) { spec.match.clear(); }, "says nothing"},
        {"provider", [](RuleSpec& spec) { spec.provider = "alpah"; }, "did you mean \"alpha\""},
        {"blocklist", [](RuleSpec& spec) { spec.blocklist = "spamhaus_zan"; }, "did you mean \"spamhaus_zen\""},
        {"stage", [](RuleSpec& spec) { spec.stage = {"rcptto"}; }, "unknown stage"},
        {"enhanced_code", [](RuleSpec& spec) { spec.enhanced_code = {"5.7"}; }, "5.7.26, 5.7.x or x.7.1"},
        {"reply_code", [](RuleSpec& spec) { spec.reply_code = {"5x0"}; }, "550, 55x or 5xx"},
        {"extract_without_group", [](RuleSpec& spec) { spec.extract = {{"ip", "[0-9.]+"}}; }, "one group"},
        {"extract_with_two_groups", [](RuleSpec& spec) { spec.extract = {{"ip", "([0-9]+)\\.([0-9]+)"}}; },
         "one group"},
        {"extract_pattern", [](RuleSpec& spec) { spec.extract = {{"ip", "([0-9"}}; }, "extract.ip"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RuleSet, RefusesAnIdThatStandsTwice) {
  RuleSpec one = rule("own.rule", Cause::kSpam, "spam");
  RuleSpec two = rule("own.rule", Cause::kMalware, "virus");
  one.file = two.file = "own.yaml";
  one.line = 1;
  two.line = 9;
  const auto rules = RuleSet::build({two, one}, *two_providers());
  ASSERT_FALSE(rules.has_value());
  EXPECT_THAT(rules.error().message, HasSubstr("own.yaml:9:"));
  EXPECT_THAT(rules.error().message, HasSubstr("own.yaml:1:"));
}

TEST(RuleSet, NamesTheRulesThatNoLiteralGuards) {
  const auto rules =
      compiled({rule("with.literal", Cause::kSpam, "spam.*[0-9]"), rule("without.literal", Cause::kSpam, "^[0-9]{7}$"),
                code_rule("by.code", Cause::kSpam, "550")},
               *two_providers());
  EXPECT_EQ(rules->without_literal(), std::vector<std::string>{"without.literal"});
}

TEST(RuleSet, RulesWithoutLiteralStillMatch) {
  const auto providers = two_providers();
  Classifier classifier(compiled({rule("without.literal", Cause::kSpam, "^[0-9]{7}$")}, *providers), providers);
  ReplyContext reply;
  reply.text = "550 1234567";
  EXPECT_EQ(classifier.classify(reply).rule, "without.literal");
}

TEST(RuleSet, CanBeEmpty) {
  const auto providers = two_providers();
  Classifier classifier(compiled({}, *providers), providers);
  ReplyContext reply;
  reply.text = "550 5.7.1 refused";
  const Verdict verdict = classifier.classify(reply);
  EXPECT_EQ(verdict.cause, Cause::kUnknown);
  EXPECT_EQ(to_string(verdict.enhanced), "5.7.1");
}

}  // namespace
}  // namespace dsnwatch::core
