#include "core/classify/pattern_program.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/classify/pattern_layout.h"

namespace dsnwatch::core {
namespace {

bool is_word(unsigned char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

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
  const bool before = at > 0 && is_word(static_cast<unsigned char>(text[at - 1]));
  const bool behind = at < text.size() && is_word(static_cast<unsigned char>(text[at]));
  return (before != behind) == (assertion == Assertion::kWordBoundary);
}

// Most places differ within two bytes: a loop beats the call of memcmp.
bool starts_with(std::string_view text, std::size_t at, const char* bytes, std::size_t length) {
  if (text.size() - at < length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (text[at + i] != bytes[i]) return false;
  }
  return true;
}

}  // namespace

// One search.
struct PatternProgram::Run {
  Run(const PatternProgram& program, std::string_view searched, PatternScratch& memory)
      : text(searched), scratch(memory), places(program.places_) {}

  std::string_view text;
  PatternScratch& scratch;
  std::uint32_t places;
  bool clean = false;
  std::uint32_t end = 0;
  std::uint32_t saved[2] = {kNowhere, kNowhere};
  static constexpr std::uint32_t kNowhere = 0xffffffff;

  // True the first time that a state is asked for at a place.
  bool first_visit(const State& state, std::uint32_t at) {
    if (!clean) {
      scratch.visited.assign((places * (text.size() + 1) + 63) / 64, 0);
      clean = true;
    }
    const std::size_t bit = state.place * (text.size() + 1) + at;
    std::uint64_t& word = scratch.visited[bit / 64];
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }
  void push(std::int32_t state, std::uint32_t at) { scratch.jobs.push_back({state, at}); }
};

std::optional<PatternProgram> PatternProgram::compile(const PatternNode& pattern) {
  Layout layout;
  if (capturing_groups(pattern) > 1 || !layout.lay_out(pattern)) return std::nullopt;
  return std::move(layout.program);
}

bool PatternProgram::search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch,
                            Span& match, Span* captured) const {
  if (from > text.size() || text.size() > kMaxText) return false;
  Run found(*this, text, scratch);
  const Pairs& pairs = pairs_[entry_pairs_];
  last = std::min(last, text.size());
  for (std::size_t start = from; start <= last; ++start) {
    if (start + 1 < text.size()) {
      const auto* const byte = reinterpret_cast<const unsigned char*>(text.data()) + start;
      if (!holds(pairs, byte)) continue;
    }
    if (!begins(text, start, entry_set_, entry_may_end_) || !run(found, static_cast<std::uint32_t>(start))) continue;
    match = {start, found.end};
    const bool has_group = found.saved[0] != Run::kNowhere && found.saved[1] != Run::kNowhere;
    if (captured != nullptr) *captured = has_group ? Span{found.saved[0], found.saved[1]} : Span{};
    return true;
  }
  return false;
}

// Goes on behind a gap at every width that it can have; the one that it prefers is pushed last.
void PatternProgram::push_widths(Run& run, const State& gap, std::uint32_t at) const {
  const ByteSet& set = sets_[gap.argument];
  const Pairs& pairs = pairs_[gap.detail];
  const State& behind = states_[static_cast<std::size_t>(gap.other)];
  const auto size = static_cast<std::uint32_t>(run.text.size());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(run.text.data());
  std::uint32_t most = 0;
  while (most < gap.max && at + most < size && set[bytes[at + most]]) ++most;
  if (most < gap.min) return;
  for (std::uint32_t i = 0; i <= most - gap.min; ++i) {
    const std::uint32_t place = at + (gap.greedy ? gap.min + i : most - i);
    const bool worth = place + 1 < size ? holds(pairs, bytes + place) : place < size || gap.next_may_end;
    if (worth && run.first_visit(behind, place)) run.push(gap.next, place);
  }
}

bool PatternProgram::run(Run& run, std::uint32_t start) const {
  const std::string_view text = run.text;
  const auto size = static_cast<std::uint32_t>(text.size());
  run.saved[0] = run.saved[1] = Run::kNowhere;
  run.scratch.jobs.clear();
  run.push(entry_, start);
  while (!run.scratch.jobs.empty()) {
    auto [number, at] = run.scratch.jobs.back();
    run.scratch.jobs.pop_back();
    if (number < 0) {
      run.saved[-1 - number] = at;
      continue;
    }
    for (bool alive = true; alive;) {
      const State& state = states_[static_cast<std::size_t>(number)];
      number = state.next;
      switch (state.op) {
        case Op::kText:
          alive = starts_with(text, at, texts_.data() + state.argument, state.detail);
          at += state.detail;
          break;
        case Op::kSet:
          alive = at < size && sets_[state.argument][static_cast<unsigned char>(text[at])];
          ++at;
          break;
        case Op::kAssert:
          alive = stands(state.assertion, text, at);
          break;
        case Op::kSave:
          run.push(-1 - static_cast<std::int32_t>(state.argument), run.saved[state.argument]);
          run.saved[state.argument] = at;
          break;
        case Op::kSplit: {
          const bool one = begins(text, at, state.argument, state.next_may_end);
          const bool two = begins(text, at, state.detail, state.other_may_end);
          alive = (one || two) && ((!state.loops && one != two) || run.first_visit(state, at));
          if (alive && one && two) run.push(state.other, at);
          if (!one) number = state.other;
          break;
        }
        case Op::kSwitch: {
          const Switch& table = switches_[state.argument];
          const std::uint8_t chosen = table.list[at < size ? column(static_cast<unsigned char>(text[at])) : kTextEnd];
          if (chosen == 0) {
            alive = false;
            break;
          }
          const Targets& list = lists_[table.first_list + chosen - 1];
          alive = list.count == 1 || run.first_visit(state, at);
          if (!alive) break;
          for (std::uint32_t i = list.count - 1; i > 0; --i) run.push(targets_[list.begin + i], at);
          number = targets_[list.begin];
          break;
        }
        case Op::kGap:
          alive = false;
          if (run.first_visit(state, at)) push_widths(run, state, at);
          break;
        case Op::kMatch:
          run.end = at;
          return true;
      }
    }
  }
  return false;
}

}  // namespace dsnwatch::core
