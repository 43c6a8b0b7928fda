#include "daemon/unclassified_replies.h"

#include <gmock/gmock.h>

#include "daemon/report/rule_skeletons.h"
#include "daemon/rule_check.h"
#include "daemon/rule_loading.h"
#include "daemon/rules_file/rules_file.h"

namespace dsnwatch::daemon {
namespace {

using testing::HasSubstr;

core::Attempt bounce(std::string_view text, std::int64_t time_us = 1) {
  core::Attempt attempt;
  attempt.result = core::AttemptResult::kBounced;
  attempt.text = text;
  attempt.time_us = time_us;
  return attempt;
}

TEST(UnclassifiedReplies, AreThoseWithoutKnownWords) {
  core::Verdict verdict;
  for (const auto confidence : {core::Confidence::kVendor, core::Confidence::kText, core::Confidence::kStatus}) {
    verdict.confidence = confidence;
    EXPECT_FALSE(is_unclassified(core::AttemptResult::kBounced, verdict));
  }
  for (const auto confidence : {core::Confidence::kCode, core::Confidence::kNone}) {
    verdict.confidence = confidence;
    EXPECT_TRUE(is_unclassified(core::AttemptResult::kDeferred, verdict));
    EXPECT_FALSE(is_unclassified(core::AttemptResult::kDelivered, verdict));
  }
}

TEST(UnclassifiedReplies, TemplatesLeaveNumbersOut) {
  const struct {
    const char *masked, *expected;
  } cases[] = {
      {"550 5.7.1 quota 12 of 100.", "550 5.7.1 quota <n> of <n>."},
      {"450-4.2.0 wait 30s 450 4.2.0 or 60", "450-4.2.0 wait 30s <n> 4.2.0 or <n>"},
      {"#4.16.55 RL000001 (7)", "#4.16.55 RL000001 (<n>)"},
      {"421 <host> 5 x", "421 <host> <n> x"},
      {"12", "12"},
      {"", ""},
  };
  for (const auto& test : cases) {
    std::string out;
    mask_numbers(test.masked, out);
    EXPECT_EQ(out, test.expected);
  }
}

TEST(UnclassifiedReplies, TheSameButForValuesCountTogether) {
  UnclassifiedReplies replies;
  replies.add(bounce("550 gnarf 17 for a@x.test at mx1.x.test[192.0.2.1]", 30), core::Cause::kPolicy);
  replies.add(bounce("550 gnarf 18 for b@y.test at mx2.y.test[192.0.2.2]", 10), core::Cause::kPolicy);
  replies.add(bounce("550 5.7.1", 10), core::Cause::kPolicy);
  replies.add(bounce("", 10), core::Cause::kUnknown);
  const auto all = replies.ranked(0);
  ASSERT_EQ(all.size(), 1u) << "what has no words is not kept";
  EXPECT_EQ(all[0]->text, "550 gnarf <n> for <address> at <host>[<ip>]");
  EXPECT_EQ(all[0]->count, 2u);
  EXPECT_EQ(all[0]->first_us, 10);
  EXPECT_EQ(all[0]->last_us, 30);
  EXPECT_EQ(all[0]->cause, core::Cause::kPolicy);
}

std::string word(int number) {
  std::string text = "gnarf ";
  for (; number > 0; number /= 20) text += static_cast<char>('a' + number % 20);
  return text;
}

TEST(UnclassifiedReplies, AFloodOfOneOffsDoesNotDriveTheFrequentOut) {
  UnclassifiedReplies replies(10);
  for (int i = 0; i < 1000; ++i) {
    replies.add(bounce(word(i + 1)), core::Cause::kUnknown);
    if (i % 3 == 0) replies.add(bounce("frequent words"), core::Cause::kUnknown);
  }
  EXPECT_EQ(replies.size(), 10u);
  EXPECT_EQ(replies.total(), 1334u);
  EXPECT_EQ(replies.ranked(1).at(0)->text, "frequent words");
  std::uint64_t listed = 0;
  for (const auto* reply : replies.ranked(0)) listed += reply->count;
  EXPECT_EQ(listed + replies.not_listed(), replies.total());
}

TEST(UnclassifiedReplies, MergedListsAddUp) {
  UnclassifiedReplies one, two;
  one.add(bounce("gnarf", 5), core::Cause::kUnknown);
  two.add(bounce("gnarf", 3), core::Cause::kUnknown);
  two.add(bounce("other", 9), core::Cause::kServerError);
  one.merge(two);
  const auto all = one.ranked(0);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]->text, "gnarf");
  EXPECT_EQ(all[0]->count, 2u);
  EXPECT_EQ(all[0]->first_us, 3);
  EXPECT_EQ(all[1]->cause, core::Cause::kServerError);
  EXPECT_EQ(one.total(), 3u);
}

class RuleSkeletons : public testing::Test {
 protected:
  static void SetUpTestSuite() { providers_ = *load_providers("", core::default_internal_networks()); }
  static std::string skeletons(const UnclassifiedReplies& replies) {
    const auto yaml = rule_skeletons(replies, 0, core::shipped_rules(), providers_);
    EXPECT_TRUE(yaml) << (yaml ? "" : yaml.error().message);
    return yaml ? *yaml : "";
  }
  static std::shared_ptr<const core::Providers> providers_;
};
std::shared_ptr<const core::Providers> RuleSkeletons::providers_;

TEST_F(RuleSkeletons, PassTheCheckOnceACauseIsFilledIn) {
  UnclassifiedReplies replies;
  for (const char* text :
       {"550 gnarf, it's not (for) you: see http://x.test/?a=1 99", "554 5.7.1 zwolf <a@x.test> (gerbelt+) [192.0.2.1]",
        "452 please blorp the frobnicator; please wait 00:05:00", "550 \xc3\x84rger mit dem Quastenflosser",
        "550 gnarf: it's not (for) you: see http://x.test/?a=1 99 #7"})
    replies.add(bounce(text), core::Cause::kPolicy);
  const std::string yaml = skeletons(replies);
  const auto unfinished = read_rules(yaml, "own.yaml");
  ASSERT_FALSE(unfinished) << "a cause must be filled in";
  EXPECT_THAT(unfinished.error().message, HasSubstr("own.yaml:6:5: `cause` has no value"));
  for (const char* cause : {"spam", "user_unknown", "policy", "greylisted", "ptr_missing"}) {
    SCOPED_TRACE(cause);
    std::string filled = yaml;
    for (std::size_t at = 0; (at = filled.find("cause:\n", at)) != std::string::npos; ++at)
      filled.insert(at + 6, std::string(" ") + cause);
    auto own = read_rules(filled, "own.yaml");
    ASSERT_TRUE(own) << own.error().message << "\n" << filled;
    EXPECT_EQ(own->size(), 5u);
    std::vector<core::RuleSpec> all = core::shipped_rules();
    all.insert(all.end(), own->begin(), own->end());
    const auto rules = core::RuleSet::build(std::move(all), *providers_);
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_THAT(check_rules(*rules, providers_), testing::IsEmpty()) << filled;
  }
}

TEST_F(RuleSkeletons, SayWhereThereAreTooFewWords) {
  UnclassifiedReplies replies;
  replies.add(bounce("550 nix a@x.test"), core::Cause::kPolicy);
  const std::string yaml = skeletons(replies);
  EXPECT_THAT(yaml, HasSubstr("too few words of its own for a pattern: 550 nix <address>"));
  EXPECT_TRUE(read_rules(yaml, "own.yaml"));
}

TEST_F(RuleSkeletons, OfNothingAreAnEmptyList) {
  const auto rules = read_rules(skeletons(UnclassifiedReplies()), "own.yaml");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_TRUE(rules->empty());
}

}  // namespace
}  // namespace dsnwatch::daemon
