#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/classify/reading.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

/// A rule that a reply may fall under: what its pattern requires stands in the text.
struct Candidate {
  std::uint32_t place;  ///< In the order of decision.
  std::uint32_t rule;
  std::uint32_t way;     ///< Number of the alternative that a literal points at; kNoWay: the whole rule.
  Span span;             ///< Of the text that was found first.
  std::size_t from = 0;  ///< No match begins in front of this place,
  std::size_t last;      ///< nor behind this one.
};

/// Finds the candidates among the rules with one pass over a text. Owns scratch memory; one per classifier, for one
/// rule set.
class CandidateScan {
 public:
  explicit CandidateScan(const RuleSet::Impl& rules);

  /// Reads the text of `reading` and fills in its markers, provider mark and list.
  void read(Reading& reading);

  /// The candidates for the text that was read, those for the reading's codes among them, in the order of decision.
  std::span<const Candidate> candidates(const Reading& reading);

 private:
  // A way whose literal stands in the text.
  struct FoundWay {
    std::uint32_t way;
    Span span;                // of the literal that was found first
    std::size_t piece_end;    // where it was found
    std::size_t first, last;  // where literals of the way begin
  };

  void add(std::uint32_t rule);
  void add_by_codes(const Reading& reading);
  Candidate candidate_of(const FoundWay& found) const;
  void point_at(const LiteralTarget& target, Span span, std::size_t piece_end, Reading& reading);
  bool holds_what_is_needed(std::uint32_t way) const;

  const RuleSet::Impl& rules_;
  std::uint32_t text_ = 0;                             // the number of this text
  std::vector<std::uint32_t> rule_texts_, way_texts_;  // which text found a rule by its codes, a way, last
  std::vector<std::uint32_t> way_places_;              // where in ways_
  std::vector<FoundWay> ways_;
  std::vector<std::uint64_t> present_;  // bit per literal
  std::vector<Candidate> candidates_;
  std::size_t mark_length_ = 0, list_length_ = 0;
};

}  // namespace dsnwatch::core
