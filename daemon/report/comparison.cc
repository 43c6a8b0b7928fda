#include "daemon/report/comparison.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/report/content.h"
#include "daemon/report/mask_reply.h"

namespace dsnwatch::daemon {
namespace {

std::string rule_or_none(std::string_view rule) {
  return rule.empty() ? "no rule" : std::string(rule);
}

}  // namespace

Comparison::Comparison(std::shared_ptr<const core::RuleSet> other_rules,
                       std::shared_ptr<const core::Providers> providers, TimeWindow window)
    : classifier_(std::move(other_rules), std::move(providers)), window_(window) {}

void Comparison::on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
  if (!window_.contains(attempt.time_us) || attempt.result == core::AttemptResult::kDelivered ||
      attempt.result == core::AttemptResult::kExpired)
    return;
  rejections_ += attempt.count;
  const core::Verdict other = classifier_.classify(attempt);
  if (other.cause == verdict.cause && other.rule == verdict.rule) return;
  (other.cause == verdict.cause ? changed_rules_ : changed_causes_) += attempt.count;
  key_.assign(core::name(verdict.cause)).append(" ").append(verdict.rule).append(" ");
  key_.append(core::name(other.cause)).append(" ").append(other.rule);
  auto found = changes_.find(key_);
  if (found == changes_.end()) {
    if (changes_.size() >= kMostChanges) {
      not_listed_ += attempt.count;
      return;
    }
    Change change;
    change.before = verdict.cause;
    change.after = other.cause;
    change.rule_before = rule_or_none(verdict.rule);
    change.rule_after = rule_or_none(other.rule);
    mask_reply(attempt.text, {attempt.recipient, attempt.sender}, change.example);
    found = changes_.emplace(key_, std::move(change)).first;
  }
  found->second.count += attempt.count;
}

void Comparison::write(std::size_t top, std::ostream& out) const {
  out << "Of " << grouped(rejections_) << " rejections the other rules give " << grouped(changed_causes_)
      << " another cause, and " << grouped(changed_rules_) << " the same cause by another rule.\n";
  std::vector<const Change*> changes;
  for (const auto& [key, change] : changes_) changes.push_back(&change);
  std::sort(changes.begin(), changes.end(), [](const Change* a, const Change* b) {
    return std::make_tuple(a->before == a->after, b->count, std::tie(a->rule_before, a->rule_after)) <
           std::make_tuple(b->before == b->after, a->count, std::tie(b->rule_before, b->rule_after));
  });
  if (top != 0 && changes.size() > top) changes.resize(top);
  for (const Change* change : changes) {
    out << "\n"
        << grouped(change->count) << "  " << core::name(change->before) << " (" << change->rule_before << ") -> "
        << core::name(change->after) << " (" << change->rule_after << ")\n   \"" << change->example << "\"\n";
  }
  if (changes.size() < changes_.size())
    out << "\n" << grouped(changes_.size() - changes.size()) << " more kinds of change\n";
  if (not_listed_ > 0) out << "\n" << grouped(not_listed_) << " rejections change in ways that found no room here\n";
}

}  // namespace dsnwatch::daemon
