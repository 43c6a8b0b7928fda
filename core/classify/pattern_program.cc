#include "core/classify/pattern_program.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/classify/byte_class.h"
#include "core/classify/pattern_layout.h"
#include "core/same_bytes.h"

namespace dsnwatch::core {
namespace {

// As RE2 counts, the underscore among them.
constexpr ByteClass kWordBytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

bool stands(Assertion assertion, std::string_view text, std::size_t at) {
  switch (assertion) {
    case Assertion::kTextBegin:
      return at == 0;
    case Assertion::kTextEnd:
      return at == text.size();
    case Assertion::kWordBoundary:
    case Assertion::kNoWordBoundary:
      break;
  }
  const bool before = at > 0 && kWordBytes.has(text[at - 1]);
  const bool behind = at < text.size() && kWordBytes.has(text[at]);
  return (before != behind) == (assertion == Assertion::kWordBoundary);
}

// After so many ways that led nowhere a search remembers where it was.
constexpr std::uint32_t kPatience = 256;

}  // namespace

// One search.
struct PatternProgram::Run {
  Run(const PatternProgram& program, std::string_view searched, PatternScratch& memory)
      : text(searched.data()),
        size(static_cast<std::uint32_t>(searched.size())),
        scratch(memory),
        places(program.places_) {}

  const char* text;
  std::uint32_t size;
  PatternScratch& scratch;
  std::uint32_t places;
  std::uint32_t tired = 0;
  bool remembers = false;
  std::uint32_t saved[2] = {kNowhere, kNowhere};

  unsigned char byte(std::uint32_t at) const { return static_cast<unsigned char>(text[at]); }
  void tire() {
    if (++tired != kPatience) return;
    scratch.visited.assign((places * (std::size_t{size} + 1) + 63) / 64, 0);
    remembers = true;
  }
  // True the first time that a place of the text is asked for; always, while nothing is remembered.
  bool first_visit(std::uint32_t place, std::uint32_t at) {
    if (!remembers) return true;
    const std::size_t bit = place * (std::size_t{size} + 1) + at;
    std::uint64_t& word = scratch.visited[bit / 64];
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }
  // The end of the line that `at` stands in, at most `end`.
  std::uint32_t line_end(std::uint32_t at, std::uint32_t end) const {
    const void* const found = std::memchr(text + at, '\n', end - at);
    return found == nullptr ? end : static_cast<std::uint32_t>(static_cast<const char*>(found) - text);
  }
  void put_off(std::int32_t state, std::uint32_t at, std::uint32_t end = 0) {
    scratch.jobs.push_back({state, at, end});
  }
};

namespace {

// What a job's negative state says.
constexpr std::int32_t saved_number(std::uint32_t group_end) {
  return -1 - static_cast<std::int32_t>(group_end);
}
constexpr std::int32_t gap_number(std::int32_t gap) {
  return -3 - gap;
}

}  // namespace

std::optional<PatternProgram> PatternProgram::compile(const PatternNode& pattern) {
  Layout layout;
  if (capturing_groups(pattern) > 1 || !layout.lay_out(pattern)) return std::nullopt;
  return PatternProgram(layout.program);  // a copy: its parts lie side by side, none larger than it has to be
}

bool PatternProgram::search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch,
                            Span& match, Span* captured) const {
  if (from > text.size() || text.size() > kMaxText) return false;
  // Programs are many and seldom near: fetched while the places to begin are looked for.
  __builtin_prefetch(states_.data() + entry_);
  __builtin_prefetch(fews_.data());
  Run found(*this, text, scratch);
  const Pairs& pairs = pairs_[entry_pairs_];
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  last = std::min(last, text.size());
  const std::size_t end_of_pairs = std::min(last + 1, text.size() - std::min<std::size_t>(text.size(), 1));
  for (std::size_t start = from;; ++start) {
    start = next_pair(pairs, bytes, start, end_of_pairs);
    if (start > last) return false;
    if (!begins(text, start, entry_set_, entry_may_end_)) continue;
    const std::uint32_t end = run(found, static_cast<std::uint32_t>(start));
    if (end == kNowhere) continue;
    match = {start, end};
    const bool has_group = found.saved[0] != kNowhere && found.saved[1] != kNowhere;
    if (captured != nullptr) *captured = has_group ? Span{found.saved[0], found.saved[1]} : Span{};
    return true;
  }
}

// What was put off last.
PatternProgram::Step PatternProgram::go_back(Run& run) const {
  std::vector<PatternScratch::Job>& jobs = run.scratch.jobs;
  run.tire();
  while (!jobs.empty()) {
    const PatternScratch::Job job = jobs.back();
    jobs.pop_back();
    if (job.state >= 0) return {job.state, job.at};
    if (job.state >= saved_number(1)) {
      run.saved[-1 - job.state] = job.at;
      continue;
    }
    const std::int32_t gap = gap_number(job.state);
    const Step step = states_[static_cast<std::size_t>(gap)].greedy ? narrow(run, gap, job.at, job.end)
                                                                    : widen(run, gap, job.at, job.end);
    if (step.state != kDead) return step;
  }
  return {};
}

// From the beginning of a gap to the first place behind it that is worth a try, in the order that it prefers.
PatternProgram::Step PatternProgram::enter_gap(Run& run, std::int32_t number, std::uint32_t at) const {
  const State& gap = states_[static_cast<std::size_t>(number)];
  if (gap.max != kNoLimit && !run.first_visit(gap.place, at)) return {};
  const std::uint32_t furthest = std::min<std::uint32_t>(run.size, at + gap.max);
  const std::uint32_t nearest = at + gap.min;
  if (nearest > furthest) return {};
  while (at < nearest) {
    if (!in_gap(gap, run.byte(at++))) return {};
  }
  if (!gap.greedy) return widen(run, number, at, gap.dot ? run.line_end(at, furthest) : furthest);
  if (gap.max == kNoLimit) {
    if (!run.first_visit(gap.place, at)) return {};
    // Behind a place that was reached before everything has been tried.
    while (at < furthest && in_gap(gap, run.byte(at)) && run.first_visit(gap.place, at + 1)) ++at;
  } else {
    while (at < furthest && in_gap(gap, run.byte(at))) ++at;
  }
  return narrow(run, number, at, nearest);
}

// The next place behind a gap from `at` on, at most `end`, where it is worth to go on; what is wider is put off.
PatternProgram::Step PatternProgram::widen(Run& run, std::int32_t number, std::uint32_t at, std::uint32_t end) const {
  const State& gap = states_[static_cast<std::size_t>(number)];
  const Pairs& pairs = pairs_[gap.detail];
  const auto* const bytes = reinterpret_cast<const unsigned char*>(run.text);
  for (;; ++at) {
    if (gap.dot && !run.remembers) {
      at = next_pair(pairs, bytes, at, std::min(end, run.size - 1));
    } else if (gap.max == kNoLimit && !run.first_visit(gap.place, at)) {
      return {};
    }
    const bool worth = at + 1 < run.size ? holds(pairs, bytes + at) : at < run.size || gap.next_may_end;
    const bool goes_on = at < end && (gap.dot || in_gap(gap, bytes[at]));
    if (worth && run.first_visit(static_cast<std::uint16_t>(gap.other), at)) {
      if (goes_on) run.put_off(gap_number(number), at + 1, end);
      return {gap.next, at};
    }
    if (!goes_on) return {};
  }
}

// The same backwards from `at`, at least `end`, for a gap that wants to be wide.
PatternProgram::Step PatternProgram::narrow(Run& run, std::int32_t number, std::uint32_t at, std::uint32_t end) const {
  const State& gap = states_[static_cast<std::size_t>(number)];
  const Pairs& pairs = pairs_[gap.detail];
  const auto* const bytes = reinterpret_cast<const unsigned char*>(run.text);
  for (;; --at) {
    const bool worth = at + 1 < run.size ? holds(pairs, bytes + at) : at < run.size || gap.next_may_end;
    if (worth && run.first_visit(static_cast<std::uint16_t>(gap.other), at)) {
      if (at > end) run.put_off(gap_number(number), at - 1, end);
      return {gap.next, at};
    }
    if (at == end) return {};
  }
}

// The first of several states that can begin with the next byte; the others are put off.
std::int32_t PatternProgram::first_of_list(Run& run, std::int32_t list, std::uint16_t place, std::uint32_t at) const {
  if (!run.first_visit(place, at)) return kDead;
  const Targets& targets = lists_[static_cast<std::size_t>(-2 - list)];
  for (std::uint32_t i = targets.count - 1; i > 0; --i) run.put_off(targets_[targets.begin + i], at);
  return targets_[targets.begin];
}

inline std::int32_t PatternProgram::target_of(const State& few, unsigned char byte) const {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = 0x8080808080808080;
  const std::uint64_t differences = few.word ^ kOnes * byte;
  const std::uint64_t zeros = (differences - kOnes) & ~differences & kHighBits;  // right up to the lowest
  return zeros == 0 ? kDead : fews_[few.argument][static_cast<std::size_t>(std::countr_zero(zeros)) / 8];
}

inline bool PatternProgram::stands_at(const Run& run, std::uint32_t at, const State& text) const {
  if (run.size - at < sizeof text.word) {
    return run.size - at >= text.detail && same_bytes(run.text + at, texts_.data() + text.argument, text.detail);
  }
  if (!same_front(load_word<std::uint64_t>(run.text + at), text.word, text.ignored)) return false;
  return text.detail <= sizeof text.word ||
         (run.size - at >= text.detail && same_bytes(run.text + at, texts_.data() + text.argument, text.detail));
}

// Where the match ends that begins at `start`.
std::uint32_t PatternProgram::run(Run& run, std::uint32_t start) const {
  const std::string_view text(run.text, run.size);
  run.saved[0] = run.saved[1] = kNowhere;
  run.scratch.jobs.clear();
  for (Step step = {entry_, start}; step.state != kDead || (step = go_back(run)).state != kDead;) {
    const State& state = states_[static_cast<std::size_t>(step.state)];
    const std::uint32_t at = step.at;
    if (state.condition != 0 && !stands(static_cast<Assertion>(state.condition - 1), text, at)) {
      step.state = kDead;
      continue;
    }
    // The two commonest first: a jump by the kind of the state is guessed worse by the processor.
    if (state.op == Op::kText) {
      step = {stands_at(run, at, state) ? state.next : kDead, at + state.detail};
      continue;
    }
    if (state.op == Op::kFew) {
      step.state = at < run.size ? target_of(state, run.byte(at)) : kDead;
      if (step.state < kDead) step.state = first_of_list(run, step.state, state.place, at);
      continue;
    }
    switch (state.op) {
      case Op::kText:
      case Op::kFew:
        break;
      case Op::kSet:
        step = {at < run.size && sets_[state.argument][run.byte(at)] ? state.next : kDead, at + 1};
        break;
      case Op::kAssert:
        step.state = state.next;
        break;
      case Op::kSave:
        run.put_off(saved_number(state.argument), run.saved[state.argument]);
        run.saved[state.argument] = at;
        step.state = state.next;
        break;
      case Op::kSplit: {
        const bool one = begins(text, at, state.argument, state.next_may_end);
        const bool two = begins(text, at, state.detail, state.other_may_end);
        if (state.loops) run.tire();
        step.state = one ? state.next : two ? state.other : kDead;
        if ((!state.loops && one != two) || step.state == kDead) break;
        if (!run.first_visit(state.place, at)) {
          step.state = kDead;
        } else if (one && two) {
          run.put_off(state.other, at);
        }
        break;
      }
      case Op::kSwitch: {
        step.state = switches_[state.argument][at < run.size ? column(run.byte(at)) : kTextEnd];
        if (step.state < kDead) step.state = first_of_list(run, step.state, state.place, at);
        break;
      }
      case Op::kGap:
        step = enter_gap(run, step.state, at);
        break;
      case Op::kMatch:
        return at;
    }
  }
  return kNowhere;
}

}  // namespace dsnwatch::core
