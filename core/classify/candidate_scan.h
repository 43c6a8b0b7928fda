#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/classify/reading.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

/// A rule that a reply may fall under: what its pattern requires stands in the text.
struct Candidate {
  const Way* way;        ///< The alternative that a literal points at.
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

  /// The candidates for the text that was read, those for the reading's codes among them, as numbers of ways in the
  /// order of decision: most are never looked at, because what stands before them decides.
  std::span<const std::uint32_t> candidates(const Reading& reading);
  const CompiledRule& rule_of(std::uint32_t way) const { return rules_.rules[rules_.gates[way].rule]; }
  Candidate candidate(std::uint32_t way) const;
  /// From the first to the last place where a literal of a candidate begins; the whole text for one without.
  Span literals_of(std::uint32_t way) const {
    return rules_.ways[way].guarded ? Span{ways_[way].first, ways_[way].last} : Span{0, PatternProgram::kAnywhere};
  }

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
  // For the order of decision.
  struct Placed {
    std::int32_t place;
    std::uint32_t way;
  };

  void add(std::span<const std::uint32_t> ways, std::size_t subject);
  void sort();
  void find_way(std::uint32_t number, std::uint32_t begin, std::uint32_t end, std::uint32_t piece_end);
  void find_mark(const LiteralTarget& target, Reading& reading);
  void meet_needs(std::span<const LiteralFilter::Occurrence> some);
  std::span<Place> places_of(std::span<const LiteralFilter::Occurrence> some);
  std::span<const Place> standing(std::span<Place> places, std::string_view text) const;
  void take(std::span<const Place> places, Reading& reading);
  bool meets_needs(const WayGate& way) const;

  const RuleSet::Impl& rules_;
  std::uint32_t text_ = 0;      // the number of this text
  std::vector<FoundWay> ways_;  // by number
  std::vector<std::uint32_t> found_ways_;
  std::vector<NeedBits> met_;
  std::vector<Place> places_;
  std::vector<Placed> placed_;  // as many as there can be; of these the first are used
  std::size_t placed_count_ = 0;
  std::vector<std::uint32_t> candidates_;
  std::size_t mark_length_ = 0, list_length_ = 0;
};

}  // namespace dsnwatch::core
