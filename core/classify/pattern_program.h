#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
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
    std::int32_t state;  ///< Negative: a capture to take back, or a gap whose other widths are still to be tried.
    std::uint32_t at;
    std::uint32_t end;  ///< Of a gap: the last place to try.
  };
  std::vector<Job> jobs;
  std::vector<std::uint64_t> visited;
};

/// A rule's pattern as a small program, for texts in lower case: the same leftmost match as RE2 finds with case folding
/// and one byte a character. RE2 builds a DFA whose states explode where patterns have bounded gaps (`.{0,40}`) and
/// texts never repeat: measured here at 5 microseconds a search against 0.1. This one backtracks. Once a search has
/// done so kPatience times it remembers what it tried, and tries no state twice at the same place, so it costs at most
/// states × text (× the width of a bounded gap); few searches ever get there. Alternatives are told apart by their next
/// byte, those that begin alike share their beginning, and two bytes decide whether it is worth to go on behind a gap.
///
/// Immutable after compile(); any thread.
class PatternProgram {
 public:
  /// Longer texts are left to RE2: the memory of the tried states grows with the text.
  static constexpr std::size_t kMaxText = 4096;
  static constexpr std::size_t kAnywhere = std::numeric_limits<std::size_t>::max();

  /// Nothing for a pattern that would become too large or has more than one group that captures.
  static std::optional<PatternProgram> compile(const PatternNode& pattern);

  /// The leftmost match that begins at one of the places `from` to `last`. `captured` (may be null) gets the group's
  /// place; it is empty if the group took no part. `text` must not be longer than kMaxText.
  bool search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch, Span& match,
              Span* captured) const;

 private:
  enum class Op : std::uint8_t { kText, kSet, kSplit, kSwitch, kFew, kGap, kAssert, kSave, kMatch };
  struct State {
    std::uint64_t word = 0;  // kText: its first eight bytes; kFew: the bytes that lead on, the last of them repeated
    Op op = Op::kMatch;
    bool greedy = true;         // kGap
    bool loops = false;         // kSplit: of a repetition, may come back to itself
    bool dot = false;           // kGap: any byte but the line end
    bool next_may_end = false;  // kSplit, kGap: a match may end where `next` begins
    bool other_may_end = false;
    std::uint8_t condition = 0;      // 1 + an Assertion that must hold in front of it
    std::uint8_t ignored = 0;        // kText: for same_front()
    std::uint16_t min = 0, max = 0;  // kGap; kNoLimit: any width
    std::uint16_t detail = 0;        // kText: length; kSplit: the set of `other`; kGap: the pairs of `next`
    std::uint16_t place = 0;     // kSplit, kSwitch, kFew, kGap: its number among those that remember where they were
    std::uint32_t argument = 0;  // kText: place in texts_; kSet, kGap: number of a set; kSplit: of the set of bytes
                                 // that `next` can begin with; kSwitch, kFew: of a table; kSave: 0 or 1
    std::int16_t next = 0, other = 0;  // kGap: `other` is the number under which the places behind it are remembered
  };
  static_assert(sizeof(State) == 32, "two to a line of the cache: a search spends its time waiting for memory");
  static constexpr std::uint16_t kNoLimit = 0xffff;
  // Which two bytes something can begin with: by the low five bits of the first, a bit for those of the second.
  using Pairs = std::array<std::uint32_t, 32>;
  static bool holds(const Pairs& pairs, const unsigned char* bytes) {
    return (pairs[bytes[0] & 31U] >> (bytes[1] & 31U) & 1U) != 0;
  }
  // The first of the places `at` to `end` whose two bytes are among the pairs; `end` if there is none, and `at` itself
  // if it stands behind that.
  template <class Place>
  static Place next_pair(const Pairs& pairs, const unsigned char* bytes, Place at, Place end) {
    while (at < end && !holds(pairs, bytes + at)) ++at;
    return at;
  }
  // By the next byte (printable ASCII, anything else, the end of the text) the state to try; kDead: none; below:
  // several, the list of number -2 - state.
  static constexpr std::int16_t kDead = -1;
  static constexpr std::size_t kOtherBytes = 0x7f - 0x20, kTextEnd = kOtherBytes + 1;
  static std::size_t column(unsigned char byte) { return std::min<std::size_t>(byte - 0x20U, kOtherBytes); }
  using Switch = std::array<std::int16_t, kTextEnd + 1>;
  // The same where few bytes lead on: an eighth of the memory.
  static constexpr std::size_t kMostFew = 8;
  using Few = std::array<std::int16_t, kMostFew>;
  struct Targets {
    std::uint32_t begin = 0, count = 0;
  };
  // Where a search stands; the state is kDead where nothing leads on.
  struct Step {
    std::int32_t state = kDead;
    std::uint32_t at = 0;
  };
  static constexpr std::uint32_t kNowhere = 0xffffffff;
  class Layout;
  struct Run;

  std::uint32_t run(Run& run, std::uint32_t start) const;
  bool begins(std::string_view text, std::size_t at, std::uint32_t set, bool may_end) const {
    return at < text.size() ? sets_[set][static_cast<unsigned char>(text[at])] : may_end;
  }
  std::int32_t target_of(const State& few, unsigned char byte) const;
  bool stands_at(const Run& run, std::uint32_t at, const State& text) const;
  Step go_back(Run& run) const;
  Step enter_gap(Run& run, std::int32_t number, std::uint32_t at) const;
  Step widen(Run& run, std::int32_t number, std::uint32_t at, std::uint32_t end) const;
  Step narrow(Run& run, std::int32_t number, std::uint32_t at, std::uint32_t end) const;
  std::int32_t first_of_list(Run& run, std::int32_t list, std::uint16_t place, std::uint32_t at) const;
  bool in_gap(const State& gap, unsigned char byte) const { return gap.dot ? byte != '\n' : sets_[gap.argument][byte]; }

  // What every search looks at stands in front.
  std::vector<State> states_;
  std::vector<Pairs> pairs_;
  std::int16_t entry_ = 0;
  bool entry_may_end_ = false;
  std::uint16_t places_ = 0;  // number of states that remember
  std::uint32_t entry_set_ = 0, entry_pairs_ = 0;
  std::vector<ByteSet> sets_;
  std::vector<Few> fews_;
  std::string texts_;
  std::vector<Switch> switches_;
  std::vector<Targets> lists_;
  std::vector<std::int16_t> targets_;
};

}  // namespace dsnwatch::core
