#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/classify/candidate_scan.h"
#include "core/classify/postfix_rejected.h"
#include "core/classify/reading.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

/// Which rule a reply falls under, and what else it says.
struct Decision {
  const CompiledRule* rule = nullptr;  ///< nullptr: a built-in rule decided, or none.
  std::string_view rule_id;            ///< Empty: nothing was recognised.
  Cause cause = Cause::kUnknown;
  std::uint8_t secondary_count = 0;
  std::array<Cause, 4> secondary{};
  Confidence confidence = Confidence::kNone;

  /// Adds a further cause, unless it is known already or there is no room.
  void add_secondary(Cause further);
};

/// Finds the rules that a reply may fall under and decides between them, in the order of RuleSet's tiers. Owns scratch
/// memory; one per classifier, for one rule set.
class Decider {
 public:
  explicit Decider(const RuleSet::Impl& rules);

  /// One pass over the text: fills in the markers, the provider mark and the list of `reading`, gathers candidates.
  void scan(Reading& reading) { scan_.read(reading); }

  /// The decision on the reading of the last scan.
  Decision decide(const Reading& reading);

  /// For searches beside its own.
  PatternScratch& scratch() { return scratch_; }

 private:
  // Words that assert a cause.
  struct Hit {
    const CompiledRule* rule;
    Cause cause;
    Span span;
    bool unlikely;  // at this stage
  };

  bool conditions_hold(const CompiledRule& rule, const Reading& reading) const;
  bool match(const CompiledRule& rule, const Candidate& candidate, std::string_view text, std::size_t from, Span& span);
  static bool is_companion(const Hit& hit, Cause cause);
  bool may_wait(const CompiledRule& rule, const std::optional<PostfixRejected>& rejected) const;
  void assert_put_off(const Reading& reading);
  void assert_words(const Reading& reading, const CompiledRule& rule, std::uint32_t way,
                    const std::optional<PostfixRejected>& rejected, std::vector<Hit>& hits);
  Decision decide_by_words(const std::vector<Hit>& hits, const std::optional<PostfixRejected>& rejected) const;
  Decision decide_by_object(const Reading& reading, const std::optional<PostfixRejected>& rejected) const;
  Decision settle(const Reading& reading, const std::optional<PostfixRejected>& rejected);

  CandidateScan scan_;
  PatternScratch scratch_;
  // What the texts of each tier assert, and the first code rules whose conditions hold.
  std::vector<Hit> hits_, weak_hits_, faint_hits_;
  std::vector<std::uint32_t> put_off_;  // ways of rules whose cause is asserted already
  const CompiledRule* decisive_ = nullptr;
  const CompiledRule* leaning_ = nullptr;
  const CompiledRule* by_code_ = nullptr;
};

}  // namespace dsnwatch::core
