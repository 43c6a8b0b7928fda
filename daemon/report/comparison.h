#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <unordered_map>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "core/providers.h"
#include "daemon/time_window.h"

namespace dsnwatch::daemon {

/// Which verdicts another rule set would change: the sink of daemon/pipeline.h for `report --compare`. Bounded. Not
/// thread-safe.
class Comparison {
 public:
  Comparison(std::shared_ptr<const core::RuleSet> other_rules, std::shared_ptr<const core::Providers> providers,
             TimeWindow window);

  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict);

  /// What changes, most frequent first; at most `top` changes, 0 for all.
  void write(std::size_t top, std::ostream& out) const;

 private:
  struct Change {
    std::uint64_t count = 0;
    core::Cause before = core::Cause::kUnknown, after = core::Cause::kUnknown;
    std::string rule_before, rule_after, example;  ///< The first, masked.
  };
  static constexpr std::size_t kMostChanges = 2000;

  core::Classifier classifier_;
  TimeWindow window_;
  std::uint64_t rejections_ = 0, changed_causes_ = 0, changed_rules_ = 0, not_listed_ = 0;
  std::unordered_map<std::string, Change> changes_;
  std::string key_;
};

}  // namespace dsnwatch::daemon
