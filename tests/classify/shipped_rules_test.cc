// The shipped rules against their own examples, the hard cases and rewordings: what a reply means must not hang on one
// sample's wording.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
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

TEST(ShippedRules, TheOrderOfTheRulesDoesNotMatter) {
  constexpr unsigned kSeed = 20261124;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::vector<RuleSpec> shuffled = shipped_rules();
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(kSeed));
  const Engine other = shipped(std::move(shuffled));
  Classifier one(engine().rules, engine().providers);
  Classifier two(other.rules, other.providers);
  for (const auto& row : table("rewordings.tsv")) {
    ReplyContext reply;
    reply.text = row[1];
    const std::string first(one.classify(reply).rule);
    EXPECT_EQ(two.classify(reply).rule, first) << row[1];
  }
}

}  // namespace
}  // namespace dsnwatch::core
