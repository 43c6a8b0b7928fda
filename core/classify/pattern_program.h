#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/pattern_syntax.h"
#include "core/classify/reading.h"

namespace dsnwatch::core {

/// What a search needs beside the program; reused, one per thread.
struct PatternScratch {
  struct Job {
    std::int32_t state;  ///< Negative: take a capture back.
    std::uint32_t at;
  };
  std::vector<Job> jobs;
  std::vector<std::uint64_t> visited;
};

/// A rule's pattern as a small program, for texts in lower case: the same leftmost match as RE2 finds with case folding
/// and one byte a character. RE2 builds a DFA whose states explode where patterns have bounded gaps (`.{0,40}`) and
/// texts never repeat: measured here at 5 microseconds a search against 0.1. This one backtracks, but tries no state
/// twice at the same place, so a search costs at most states × text (× the width of a bounded gap).
///
/// Immutable after compile(); any thread.
class PatternProgram {
 public:
  /// Longer texts are left to RE2: the memory of the tried states grows with the text.
  static constexpr std::size_t kMaxText = 4096;

  /// Nothing for a pattern that parse_pattern() does not know, or that would become too large.
  static std::optional<PatternProgram> compile(std::string_view pattern);

  /// The leftmost match that begins at `from` or behind. `captured` (may be null) gets the group's place; it is empty
  /// if the group took no part. `text` must not be longer than kMaxText.
  bool search(std::string_view text, std::size_t from, PatternScratch& scratch, Span& match, Span* captured) const;

  /// No match is longer (bytes); kMaxText + 1 where there is no bound.
  std::size_t longest() const { return longest_; }

  /// 1 if it has a group that captures, else 0.
  int groups() const;

 private:
  enum class Op : std::uint8_t { kText, kSet, kSplit, kGap, kAssert, kSave, kMatch };
  struct State {
    Op op = Op::kMatch;
    bool greedy = true;    // kGap; kSplit prefers `next`
    bool loops = false;    // kSplit: of a repetition, may come back to itself
    bool may_end = false;  // a match may end here
    Assertion assertion{};
    std::uint16_t min = 0, max = 0;  // kGap
    std::uint32_t argument = 0;      // kText: place in texts_; kSet, kGap: number of the set; kSave: 0 or 1
    std::uint32_t length = 0;        // kText
    std::uint32_t first = 0;         // number of the set of bytes that can come next
    std::int32_t next = 0, other = 0;
  };
  class Compiler;
  static std::size_t pair_slot(unsigned char one, unsigned char two) {
    return (static_cast<std::size_t>(one) << 5 ^ two) % kPairSlots;
  }
  struct Run;

  bool run(Run& run, std::uint32_t start) const;
  void push_widths(Run& run, const State& gap, std::uint32_t at) const;
  /// Whether a state can go on at a place: the look that spares most of the steps.
  bool can_begin(std::int32_t state, std::string_view text, std::size_t at) const {
    const State& entered = states_[static_cast<std::size_t>(state)];
    return at < text.size() ? sets_[entered.first][static_cast<unsigned char>(text[at])] : entered.may_end;
  }

  std::vector<State> states_;
  std::vector<ByteSet> sets_;
  std::string texts_;
  std::int32_t entry_ = 0;
  // Which two bytes a match can begin with, by pair_slot(): most places of a text are none where it is worth to start.
  static constexpr std::size_t kPairSlots = 4096;
  std::bitset<kPairSlots> pairs_;
  std::size_t longest_ = 0;
};

}  // namespace dsnwatch::core
