// The shipped rules against their own examples, the hard cases and rewordings: what a reply means must not hang on one
// sample's wording.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "core/classify/rule_spec.h"

namespace dsnwatch::core {
namespace {

struct Engine {
  std::shared_ptr<const Providers> providers;
  std::shared_ptr<const RuleSet> rules;
};

Engine shipped(std::vector<RuleSpec> specs = shipped_rules()) {
  const std::vector<ProviderSpec> provider_specs = shipped_providers();
  auto providers = Providers::build(provider_specs, default_internal_networks());
  EXPECT_TRUE(providers.has_value()) << (providers ? "" : providers.error().message);
  auto rules = RuleSet::build(std::move(specs), **providers);
  EXPECT_TRUE(rules.has_value()) << (rules ? "" : rules.error().message);
  return {*providers, *rules};
}

const Engine& engine() {
  static const Engine shared = shipped();
  return shared;
}

std::vector<std::vector<std::string>> table(const std::string& file) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(std::string(DSNWATCH_SOURCE_DIR) + "/tests/data/classify/" + file);
  EXPECT_TRUE(in.is_open()) << file;
  std::string line;
  std::getline(in, line);  // the names of the columns
  while (std::getline(in, line)) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '\t') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

Stage stage_named(std::string_view text) {
  if (text == "banner") return Stage::kConnect;
  if (text == "end_of_data") return Stage::kEod;
  return parse_stage(text).value_or(Stage::kUnknown);
}

ReplyContext context_of(const RuleExample& example, const Providers& providers) {
  ReplyContext reply;
  reply.text = example.text;
  reply.stage = stage_named(example.stage);
  reply.side = example.side;
  if (!example.provider.empty()) {
    reply.provider = providers.find(example.provider);
  } else if (!example.remote_host.empty()) {
    reply.provider = providers.by_mx(example.remote_host);
  } else if (!example.recipient_domain.empty()) {
    reply.provider = providers.by_recipient_domain(example.recipient_domain);
  }
  return reply;
}

TEST(ShippedRules, EveryExampleIsWonByItsRule) {
  Classifier classifier(engine().rules, engine().providers);
  for (const RuleSpec& rule : engine().rules->specs()) {
    EXPECT_FALSE(rule.examples.empty()) << rule.id;
    for (const RuleExample& example : rule.examples) {
      const Verdict verdict = classifier.classify(context_of(example, *engine().providers));
      EXPECT_EQ(verdict.rule, rule.id) << example.text;
    }
  }
}

TEST(ShippedRules, EveryRuleIsGuardedByALiteral) {
  EXPECT_TRUE(engine().rules->without_literal().empty()) << engine().rules->without_literal().front();
}

TEST(ShippedRules, EveryCauseButUnknownHasARule) {
  std::vector<int> rules_of(kCauseCount);
  for (const RuleSpec& rule : engine().rules->specs()) ++rules_of[static_cast<std::size_t>(rule.cause)];
  for (int i = 1; i < kCauseCount; ++i) {
    EXPECT_GT(rules_of[static_cast<std::size_t>(i)], 0) << name(static_cast<Cause>(i));
  }
}

TEST(ShippedRules, HardCasesHaveTheirPrimaryCause) {
  Classifier classifier(engine().rules, engine().providers);
  const auto rows = table("ambiguous_cases.tsv");
  EXPECT_EQ(rows.size(), 63u);
  for (const auto& row : rows) {
    ASSERT_GE(row.size(), 4u);
    ReplyContext reply;
    reply.text = row[2];
    reply.stage = stage_named(row[1]);
    const Verdict verdict = classifier.classify(reply);
    EXPECT_EQ(name(verdict.cause), row[3]) << "case " << row[0] << " by " << verdict.rule << ": " << row[2];
  }
}

TEST(ShippedRules, RewordedRepliesKeepTheirCause) {
  Classifier classifier(engine().rules, engine().providers);
  for (const auto& row : table("rewordings.tsv")) {
    ASSERT_EQ(row.size(), 2u);
    ReplyContext reply;
    reply.text = row[1];
    const Verdict verdict = classifier.classify(reply);
    EXPECT_EQ(name(verdict.cause), row[0]) << "by " << verdict.rule << ": " << row[1];
  }
}

/// One reply for each answer that is known of the world's receivers, with its vendor as hint.
TEST(ShippedRules, EveryKnownReplyIsHitByARuleOfItsCause) {
  Classifier classifier(engine().rules, engine().providers);
  const auto rows = table("known_replies.tsv");
  EXPECT_EQ(rows.size(), 854u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 4u);
    RuleExample example;
    example.provider = row[0];
    example.stage = row[1];
    example.text = row[3];
    const Verdict verdict = classifier.classify(context_of(example, *engine().providers));
    EXPECT_EQ(name(verdict.cause), row[2]) << "by " << verdict.rule << ": " << row[3];
    EXPECT_LT(verdict.confidence, Confidence::kCode) << "no rule knows it: " << row[3];
  }
}

TEST(ShippedRules, ABlockByAListIsNoFurtherCause) {
  Classifier classifier(engine().rules, engine().providers);
  for (const char* const text :
       {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "550 5.7.1 Your IP address 192.0.2.1 is blocked: it is listed at zen.spamhaus.org"}) {
    ReplyContext reply;
    reply.text = text;
    const Verdict verdict = classifier.classify(reply);
    EXPECT_EQ(name(verdict.cause), name(Cause::kIpBlocklisted)) << text;
    EXPECT_EQ(verdict.secondary_count, 0) << text;
  }
}

/// All of a verdict that must not hang on anything but the text.
std::string answer(const Verdict& verdict) {
  std::string all(verdict.rule);
  for (const std::string_view part :
       {name(verdict.cause), verdict.vendor_code, verdict.ip, verdict.domain, verdict.url})
    all.append("|").append(part);
  for (std::size_t i = 0; i < verdict.secondary_count; ++i) all.append("+").append(name(verdict.secondary[i]));
  return all + "|" + std::to_string(verdict.blocklist) + "|" + std::to_string(verdict.wait_seconds) + "|" +
         std::to_string(verdict.provider);
}

std::vector<std::string> many_texts() {
  std::vector<std::string> texts;
  for (const auto& row : table("rewordings.tsv")) texts.push_back(row[1]);
  for (const auto& row : table("known_replies.tsv")) texts.push_back(row[3]);
  for (const auto& row : table("ambiguous_cases.tsv")) texts.push_back(row[2]);
  return texts;
}

std::vector<std::string> answers(const Engine& by, const std::vector<std::string>& texts,
                                 const std::vector<std::size_t>& order) {
  Classifier classifier(by.rules, by.providers);
  std::vector<std::string> all(texts.size());
  for (const std::size_t at : order) {
    ReplyContext reply;
    reply.text = texts[at];
    all[at] = answer(classifier.classify(reply));
  }
  return all;
}

class ShippedRulesAnswer : public testing::Test {
 protected:
  ShippedRulesAnswer() : random_(seed_), texts_(many_texts()), order_(texts_.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    expected_ = answers(engine(), texts_, order_);
  }
  void expect_same(const std::vector<std::string>& other) const {
    for (std::size_t i = 0; i < texts_.size(); ++i)
      EXPECT_EQ(other[i], expected_[i]) << texts_[i] << ", seed " << seed_;
  }
  unsigned seed_ = std::random_device{}();
  std::mt19937 random_;
  std::vector<std::string> texts_;
  std::vector<std::size_t> order_;
  std::vector<std::string> expected_;
};

TEST_F(ShippedRulesAnswer, DoesNotHangOnTheOrderOfTheRules) {
  std::vector<RuleSpec> shuffled = shipped_rules();
  std::shuffle(shuffled.begin(), shuffled.end(), random_);
  expect_same(answers(shipped(std::move(shuffled)), texts_, order_));
}

TEST_F(ShippedRulesAnswer, DoesNotHangOnEarlierTexts) {
  std::shuffle(order_.begin(), order_.end(), random_);
  expect_same(answers(engine(), texts_, order_));
}

TEST_F(ShippedRulesAnswer, DoesNotHangOnOtherThreads) {
  std::vector<std::vector<std::string>> found(4);
  std::vector<std::vector<std::size_t>> orders(found.size(), order_);
  for (auto& order : orders) std::shuffle(order.begin(), order.end(), random_);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < found.size(); ++i)
    threads.emplace_back([&, i] { found[i] = answers(engine(), texts_, orders[i]); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& other : found) expect_same(other);
}

}  // namespace
}  // namespace dsnwatch::core
