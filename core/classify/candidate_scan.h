#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/classify/reading.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

/// A rule that a reply may fall under: what its pattern requires stands in the text.
struct Candidate {
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

  /// The candidates for the text that was read, those for the reading's codes among them, as numbers in the order of
  /// decision: most are never looked at, because what stands before them decides.
  std::span<const std::uint64_t> candidates(const Reading& reading);
  std::uint32_t rule_of(std::uint64_t candidate) const;
  Candidate candidate(std::uint64_t number) const;

 private:
  // A way whose literal stands in the text.
  struct FoundWay {
    std::uint32_t text = 0;              // in which it was found last
    std::uint32_t span_begin, span_end;  // of the literal that was found first
    std::uint32_t piece_end;             // where it was found
    std::uint32_t first, last;           // where literals of the way begin
  };
  // A target of a literal, and where that ends.
  struct Place {
    std::uint32_t target, end;
  };
  // The low half of a candidate's number: a way, or with this bit a rule. The high half: its place.
  static constexpr std::uint32_t kWholeRule = 0x80000000;

  void add(std::uint32_t rule, int subject);
  void add_by_codes(const Reading& reading, int subject);
  void find_way(std::uint32_t number, std::uint32_t begin, std::uint32_t end, std::uint32_t piece_end);
  void find_mark(const LiteralTarget& target, Reading& reading);
  void meet_needs(std::span<const LiteralFilter::Occurrence> some);
  std::span<const Place> places_of(std::span<const LiteralFilter::Occurrence> some);
  void look_around(std::span<const Place> places, Reading& reading);
  bool meets_needs(const WayGate& way) const;

  const RuleSet::Impl& rules_;
  std::uint32_t text_ = 0;                 // the number of this text
  std::vector<std::uint32_t> rule_texts_;  // which text found a rule by its codes last
  std::vector<FoundWay> ways_;             // by number
  std::vector<std::uint32_t> found_ways_;
  std::vector<std::uint64_t> met_;  // bit per need
  std::vector<Place> places_;
  std::vector<std::uint64_t> candidates_;  // as many as there can be; of these the first are used
  std::size_t candidate_count_ = 0;
  std::size_t mark_length_ = 0, list_length_ = 0;
};

}  // namespace dsnwatch::core
