#include "core/classify/pattern_program.h"

#include <algorithm>
#include <utility>

namespace dsnwatch::core {
namespace {

using NodeKind = PatternNode::Kind;

constexpr std::size_t kMaxStates = 2000;
constexpr std::size_t kUnboundedLength = PatternProgram::kMaxText + 1;

bool is_word(unsigned char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

bool holds(Assertion assertion, std::string_view text, std::size_t at) {
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

std::size_t added(std::size_t a, std::size_t b) {
  return std::min(a + b, kUnboundedLength);
}

std::size_t longest_match(const PatternNode& node) {
  std::size_t length = 0;
  switch (node.kind) {
    case NodeKind::kText:
      return node.text.size();
    case NodeKind::kSet:
      return 1;
    case NodeKind::kAssertion:
      return 0;
    case NodeKind::kAlternatives:
      for (const PatternNode& part : node.parts) length = std::max(length, longest_match(part));
      return length;
    case NodeKind::kRepeat: {
      const std::size_t once = longest_match(node.parts.front());
      if (node.max == PatternNode::kUnbounded) return once == 0 ? 0 : kUnboundedLength;
      return std::min(once * static_cast<std::size_t>(node.max), kUnboundedLength);
    }
    case NodeKind::kSequence:
    case NodeKind::kGroup:
      for (const PatternNode& part : node.parts) length = added(length, longest_match(part));
      return length;
  }
  return kUnboundedLength;
}

}  // namespace

// Lays the tree out from the end to the beginning: each piece is told what follows it.
class PatternProgram::Compiler {
 public:
  bool compile(const PatternNode& root) {
    const std::int32_t match = add({.op = Op::kMatch});
    program.entry_ = lay(root, match);
    if (too_large_) return false;
    program.longest_ = longest_match(root);
    for (std::size_t i = 0; i < program.states_.size(); ++i) {
      std::vector<bool> seen(program.states_.size());
      ByteSet first;
      bool may_end = false;
      find_first(static_cast<std::int32_t>(i), seen, first, may_end);
      program.states_[i].first = set_number(first);
      program.states_[i].may_end = may_end;
    }
    std::vector<bool> seen(program.states_.size());
    find_pairs(program.entry_, seen);
    return true;
  }

  PatternProgram program;

 private:
  std::int32_t add(State state) {
    too_large_ |= program.states_.size() >= kMaxStates;
    if (too_large_) return 0;
    program.states_.push_back(state);
    return static_cast<std::int32_t>(program.states_.size() - 1);
  }

  std::uint32_t set_number(const ByteSet& set) {
    const auto found = std::find(program.sets_.begin(), program.sets_.end(), set);
    if (found != program.sets_.end()) return static_cast<std::uint32_t>(found - program.sets_.begin());
    program.sets_.push_back(set);
    return static_cast<std::uint32_t>(program.sets_.size() - 1);
  }

  std::int32_t lay(const PatternNode& node, std::int32_t next) {
    switch (node.kind) {
      case NodeKind::kText: {
        const auto place = static_cast<std::uint32_t>(program.texts_.size());
        program.texts_ += node.text;
        return add(
            {.op = Op::kText, .argument = place, .length = static_cast<std::uint32_t>(node.text.size()), .next = next});
      }
      case NodeKind::kSet:
        return add({.op = Op::kSet, .argument = set_number(node.set), .next = next});
      case NodeKind::kAssertion:
        return add({.op = Op::kAssert, .assertion = node.assertion, .next = next});
      case NodeKind::kAlternatives: {
        std::int32_t entry = lay(node.parts.back(), next);
        for (std::size_t i = node.parts.size() - 1; i-- > 0;) {
          const std::int32_t part = lay(node.parts[i], next);
          entry = add({.op = Op::kSplit, .next = part, .other = entry});
        }
        return entry;
      }
      case NodeKind::kGroup: {
        const std::int32_t close = add({.op = Op::kSave, .argument = 1, .next = next});
        return add({.op = Op::kSave, .argument = 0, .next = lay(node.parts.front(), close)});
      }
      case NodeKind::kRepeat:
        return lay_repeat(node, next);
      case NodeKind::kSequence:
        break;
    }
    for (std::size_t i = node.parts.size(); i-- > 0;) next = lay(node.parts[i], next);
    return next;
  }

  // A choice between `body` and what follows it, in the order that the repetition prefers.
  State choice(bool greedy, std::int32_t body, std::int32_t behind) {
    return {.op = Op::kSplit, .next = greedy ? body : behind, .other = greedy ? behind : body};
  }

  std::int32_t lay_repeat(const PatternNode& node, std::int32_t next) {
    const PatternNode& body = node.parts.front();
    std::int32_t entry = next;
    if (node.max == PatternNode::kUnbounded) {
      entry = add({.op = Op::kSplit});
      const std::int32_t once = lay(body, entry);
      if (too_large_) return 0;
      program.states_[static_cast<std::size_t>(entry)] = choice(node.greedy, once, next);
      program.states_[static_cast<std::size_t>(entry)].loops = true;
    } else if (body.kind == NodeKind::kSet) {
      // A state of its own for the places behind the gap, which several gaps may reach.
      const std::int32_t behind = add({.op = Op::kSplit, .next = next, .other = next});
      return add({.op = Op::kGap,
                  .greedy = node.greedy,
                  .min = static_cast<std::uint16_t>(node.min),
                  .max = static_cast<std::uint16_t>(node.max),
                  .argument = set_number(body.set),
                  .next = next,
                  .other = behind});
    } else {
      for (int i = node.min; i < node.max && !too_large_; ++i) {
        entry = add(choice(node.greedy, lay(body, entry), next));
      }
    }
    for (int i = 0; i < node.min && !too_large_; ++i) entry = lay(body, entry);
    return entry;
  }

  // The bytes with which a state can go on, and whether it can do without any.
  void find_first(std::int32_t number, std::vector<bool>& seen, ByteSet& first, bool& may_end) {
    if (seen[static_cast<std::size_t>(number)]) return;
    seen[static_cast<std::size_t>(number)] = true;
    const State& state = program.states_[static_cast<std::size_t>(number)];
    switch (state.op) {
      case Op::kText:
        first.set(static_cast<unsigned char>(program.texts_[state.argument]));
        return;
      case Op::kSet:
        first |= program.sets_[state.argument];
        return;
      case Op::kGap:
        if (state.max > 0) first |= program.sets_[state.argument];
        if (state.min == 0) find_first(state.next, seen, first, may_end);
        return;
      case Op::kSplit:
        find_first(state.next, seen, first, may_end);
        find_first(state.other, seen, first, may_end);
        return;
      case Op::kAssert:
        if (state.assertion == Assertion::kTextEnd) {
          may_end = true;
          return;
        }
        find_first(state.next, seen, first, may_end);
        return;
      case Op::kSave:
        find_first(state.next, seen, first, may_end);
        return;
      case Op::kMatch:
        first.set();
        may_end = true;
        return;
    }
  }

  // The pairs of bytes with which a match can begin.
  void find_pairs(std::int32_t number, std::vector<bool>& seen) {
    if (seen[static_cast<std::size_t>(number)]) return;
    seen[static_cast<std::size_t>(number)] = true;
    const State& state = program.states_[static_cast<std::size_t>(number)];
    ByteSet one, two;
    if (state.op == Op::kText) {
      one.set(static_cast<unsigned char>(program.texts_[state.argument]));
    } else if (state.op == Op::kSet || state.op == Op::kGap) {
      one = program.sets_[state.argument];
    }
    if (state.op == Op::kText && state.length > 1) {
      two.set(static_cast<unsigned char>(program.texts_[state.argument + 1]));
    } else if (one.any()) {
      const State& next = program.states_[static_cast<std::size_t>(state.next)];
      two = program.sets_[next.first];
      if (next.may_end) two.set();
      if (state.op == Op::kGap) two |= one;
    }
    for (std::size_t a = 0; a < one.size(); ++a) {
      for (std::size_t b = 0; one[a] && b < two.size(); ++b) {
        if (two[b]) program.pairs_.set(pair_slot(static_cast<unsigned char>(a), static_cast<unsigned char>(b)));
      }
    }
    if (state.op == Op::kMatch) program.pairs_.set();
    const bool goes_on = one.none() && state.op != Op::kMatch;
    if (goes_on || (state.op == Op::kGap && state.min == 0)) find_pairs(state.next, seen);
    if (state.op == Op::kSplit) find_pairs(state.other, seen);
  }

  bool too_large_ = false;
};

// One search.
struct PatternProgram::Run {
  std::string_view text;
  PatternScratch& scratch;
  std::uint32_t end = 0;
  std::uint32_t saved[2] = {kNowhere, kNowhere};
  static constexpr std::uint32_t kNowhere = 0xffffffff;

  // True the first time that a state is asked for at a place.
  bool first_visit(std::int32_t state, std::uint32_t at) {
    const std::size_t bit = static_cast<std::size_t>(state) * (text.size() + 1) + at;
    std::uint64_t& word = scratch.visited[bit / 64];
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }
  void push(std::int32_t state, std::uint32_t at) { scratch.jobs.push_back({state, at}); }
};

std::optional<PatternProgram> PatternProgram::compile(std::string_view pattern) {
  const auto tree = parse_pattern(pattern);
  Compiler compiler;
  if (!tree || !compiler.compile(*tree)) return std::nullopt;
  return std::move(compiler.program);
}

int PatternProgram::groups() const {
  return std::any_of(states_.begin(), states_.end(), [](const State& state) { return state.op == Op::kSave; }) ? 1 : 0;
}

bool PatternProgram::search(std::string_view text, std::size_t from, PatternScratch& scratch, Span& match,
                            Span* captured) const {
  if (from > text.size() || text.size() > kMaxText) return false;
  Run found{text, scratch};
  bool clean = false;
  for (std::size_t start = from; start <= text.size(); ++start) {
    const auto* const byte = reinterpret_cast<const unsigned char*>(text.data()) + start;
    if (start + 1 < text.size() && !pairs_[pair_slot(byte[0], byte[1])]) continue;
    if (!can_begin(entry_, text, start)) continue;
    if (!clean) {
      scratch.visited.assign((states_.size() * (text.size() + 1) + 63) / 64, 0);
      clean = true;
    }
    if (!run(found, static_cast<std::uint32_t>(start))) continue;
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
  const auto size = static_cast<std::uint32_t>(run.text.size());
  std::uint32_t most = 0;
  while (most < gap.max && at + most < size && set[static_cast<unsigned char>(run.text[at + most])]) ++most;
  if (most < gap.min) return;
  for (std::uint32_t i = 0; i <= most - gap.min; ++i) {
    const std::uint32_t width = gap.greedy ? gap.min + i : most - i;
    if (can_begin(gap.next, run.text, at + width) && run.first_visit(gap.other, at + width)) {
      run.push(gap.next, at + width);
    }
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
      switch (state.op) {
        case Op::kText:
          alive = starts_with(text, at, texts_.data() + state.argument, state.length);
          at += state.length;
          break;
        case Op::kSet:
          alive = at < size && sets_[state.argument][static_cast<unsigned char>(text[at])];
          ++at;
          break;
        case Op::kAssert:
          alive = holds(state.assertion, text, at);
          break;
        case Op::kSave:
          run.push(-1 - static_cast<std::int32_t>(state.argument), run.saved[state.argument]);
          run.saved[state.argument] = at;
          break;
        case Op::kSplit: {
          const bool one = can_begin(state.next, text, at), two = can_begin(state.other, text, at);
          alive = (one || two) && ((!state.loops && one != two) || run.first_visit(number, at));
          if (alive && one && two) run.push(state.other, at);
          if (!one) {
            number = state.other;
            continue;
          }
          break;
        }
        case Op::kGap:
          alive = false;
          if (run.first_visit(number, at)) push_widths(run, state, at);
          break;
        case Op::kMatch:
          run.end = at;
          return true;
      }
      number = state.next;
    }
  }
  return false;
}

}  // namespace dsnwatch::core
