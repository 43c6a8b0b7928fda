#include "daemon/rule_check.h"

#include "core/classify/classifier.h"
#include "daemon/reply_context.h"

namespace dsnwatch::daemon {

std::vector<std::string> check_rules(const std::shared_ptr<const core::RuleSet>& rules,
                                     const std::shared_ptr<const core::Providers>& providers) {
  std::vector<std::string> problems;
  core::Classifier classifier(rules, providers);
  for (const core::RuleSpec& rule : rules->specs()) {
    const std::string where =
        rule.file + ":" + std::to_string(rule.line) + ":" + std::to_string(rule.column) + ": the rule " + rule.id;
    if (rule.examples.empty()) problems.push_back(where + " has no example; give at least one reply that it must win");
    for (const core::RuleExample& example : rule.examples) {
      const core::Verdict verdict = classifier.classify(context_of(example, *providers));
      if (verdict.rule == rule.id) continue;
      problems.push_back(where + " does not win its example \"" + example.text + "\"; " +
                         (verdict.rule.empty() ? "no rule does" : "the winner is " + std::string(verdict.rule)));
    }
  }
  return problems;
}

}  // namespace dsnwatch::daemon
