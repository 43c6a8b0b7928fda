#include "core/classify/pattern_layout.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "core/same_bytes.h"

namespace dsnwatch::core {
namespace {

using NodeKind = PatternNode::Kind;

constexpr std::size_t kMaxStates = 4000;

constexpr std::uint32_t kAllBits = 0xffffffff;

// A bit for each value that the low five bits of a member have.
std::uint32_t low_bits(const ByteSet& set) {
  std::uint64_t bits = 0;
  for (ByteSet left = set; left.any(); left >>= 64) bits |= (left & ByteSet(~std::uint64_t{0})).to_ullong();
  return static_cast<std::uint32_t>(bits | bits >> 32);
}

template <class Item>
std::uint32_t number_of(std::vector<Item>& items, const Item& item) {
  const auto found = std::find(items.begin(), items.end(), item);
  if (found != items.end()) return static_cast<std::uint32_t>(found - items.begin());
  items.push_back(item);
  return static_cast<std::uint32_t>(items.size() - 1);
}

// The nodes of a sequence, those of the sequences in it among them.
void flatten(const PatternNode& node, std::vector<const PatternNode*>& nodes) {
  if (node.kind != NodeKind::kSequence) {
    nodes.push_back(&node);
    return;
  }
  for (const PatternNode& part : node.parts) flatten(part, nodes);
}

// The alternatives of a node, those that are nothing but alternatives themselves taken apart.
void gather_branches(const PatternNode& node, std::vector<std::vector<const PatternNode*>>& branches) {
  for (const PatternNode& part : node.parts) {
    std::vector<const PatternNode*> nodes;
    flatten(part, nodes);
    if (nodes.size() == 1 && nodes.front()->kind == NodeKind::kAlternatives) {
      gather_branches(*nodes.front(), branches);
    } else {
      branches.push_back(std::move(nodes));
    }
  }
}

}  // namespace

bool PatternProgram::Layout::lay_out(const PatternNode& root) {
  const std::int16_t match = add({.op = Op::kMatch});
  program.entry_ = lay(root, match);
  if (too_large_) return false;
  program.entry_set_ = set_number(first(program.entry_).bytes);
  program.entry_may_end_ = first(program.entry_).may_end;
  program.entry_pairs_ = pairs_number(program.entry_);
  return true;
}

std::int16_t PatternProgram::Layout::add(State state) {
  too_large_ |= program.states_.size() >= kMaxStates;
  if (too_large_) return 0;
  if (state.op == Op::kSplit || state.op == Op::kSwitch || state.op == Op::kFew || state.op == Op::kGap)
    state.place = program.places_++;
  firsts_.push_back(first_of(state));
  program.states_.push_back(state);
  return static_cast<std::int16_t>(program.states_.size() - 1);
}

PatternProgram::Layout::First PatternProgram::Layout::first_of(const State& state) const {
  First all;
  if (state.condition == condition_of(Assertion::kTextEnd)) {
    all.may_end = true;
    return all;
  }
  switch (state.op) {
    case Op::kText:
      all.bytes.set(static_cast<unsigned char>(program.texts_[state.argument]));
      return all;
    case Op::kSet:
      all.bytes = program.sets_[state.argument];
      return all;
    case Op::kGap:
      if (state.min > 0) {
        all.bytes = program.sets_[state.argument];
        return all;
      }
      all = first(state.next);
      if (state.max > 0) all.bytes |= program.sets_[state.argument];
      return all;
    case Op::kSplit:
      all.bytes = first(state.next).bytes | first(state.other).bytes;
      all.may_end = first(state.next).may_end || first(state.other).may_end;
      return all;
    case Op::kSwitch:
    case Op::kFew: {
      const Switch table = table_of(state);
      for (std::size_t byte = 0; byte < all.bytes.size(); ++byte) {
        all.bytes.set(byte, table[column(static_cast<unsigned char>(byte))] != kDead);
      }
      all.may_end = table[kTextEnd] != kDead;
      return all;
    }
    case Op::kAssert:
      return first(state.next);
    case Op::kSave:
      return first(state.next);
    case Op::kMatch:
      all.bytes.set();
      all.may_end = true;
      return all;
  }
  return all;
}

std::int16_t PatternProgram::Layout::add_switch(const Switch& table) {
  Few few{};
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  for (std::size_t place = 0; place < kOtherBytes; ++place) {
    if (table[place] == kDead || count++ >= kMostFew) continue;
    for (std::size_t i = count - 1; i < kMostFew; ++i) {
      bytes = (bytes & ~(std::uint64_t{0xff} << i * 8)) | std::uint64_t{place + ' '} << i * 8;
      few[i] = table[place];
    }
  }
  if (count == 0 || count > kMostFew || table[kOtherBytes] != kDead || table[kTextEnd] != kDead) {
    program.switches_.push_back(table);
    return add({.op = Op::kSwitch, .argument = static_cast<std::uint32_t>(program.switches_.size() - 1)});
  }
  program.fews_.push_back(few);
  return add({.word = bytes, .op = Op::kFew, .argument = static_cast<std::uint32_t>(program.fews_.size() - 1)});
}

PatternProgram::Switch PatternProgram::Layout::table_of(const State& state) const {
  if (state.op == Op::kSwitch) return program.switches_[state.argument];
  Switch table;
  table.fill(kDead);
  for (std::size_t i = 0; i < kMostFew; ++i) {
    table[column(static_cast<unsigned char>(state.word >> i * 8))] = program.fews_[state.argument][i];
  }
  return table;
}

std::uint32_t PatternProgram::Layout::set_number(const ByteSet& set) {
  return number_of(program.sets_, set);
}

std::uint32_t PatternProgram::Layout::pairs_number(std::int16_t state) {
  std::vector<bool> seen(program.states_.size());
  Pairs pairs{};
  find_pairs(state, seen, pairs);
  return number_of(program.pairs_, pairs);
}

void PatternProgram::Layout::find_pairs(std::int16_t number, std::vector<bool>& seen, Pairs& pairs) const {
  if (seen[static_cast<std::size_t>(number)]) return;
  seen[static_cast<std::size_t>(number)] = true;
  const State& state = program.states_[static_cast<std::size_t>(number)];
  ByteSet one, two;
  if (state.op == Op::kText) {
    one.set(static_cast<unsigned char>(program.texts_[state.argument]));
  } else if (state.op == Op::kSet || state.op == Op::kGap) {
    one = program.sets_[state.argument];
  } else if (state.op == Op::kMatch || (state.op == Op::kSplit && state.next == state.other)) {
    pairs.fill(kAllBits);  // whatever follows, or the begin of a loop whose body is still to be laid out
    return;
  }
  if (state.op == Op::kText && state.detail > 1) {
    two.set(static_cast<unsigned char>(program.texts_[state.argument + 1]));
  } else if (one.any()) {
    two = first(state.next).bytes;
    if (first(state.next).may_end) two.set();
    if (state.op == Op::kGap) two |= one;
  }
  const std::uint32_t behind = low_bits(two);
  for (std::uint32_t front = low_bits(one); front != 0; front &= front - 1) {
    pairs[static_cast<std::size_t>(std::countr_zero(front))] |= behind;
  }
  if (state.op == Op::kSwitch || state.op == Op::kFew) {
    const Switch table = table_of(state);
    for (const std::int16_t target : table) {
      if (target >= 0) find_pairs(target, seen, pairs);
      if (target >= kDead) continue;
      const Targets& targets = program.lists_[static_cast<std::size_t>(-2 - target)];
      for (std::uint32_t i = 0; i < targets.count; ++i) find_pairs(program.targets_[targets.begin + i], seen, pairs);
    }
    return;
  }
  if (one.none() || (state.op == Op::kGap && state.min == 0)) find_pairs(state.next, seen, pairs);
  if (state.op == Op::kSplit) find_pairs(state.other, seen, pairs);
}

std::int16_t PatternProgram::Layout::lay_text(std::string_view text, std::int16_t next) {
  if (text.empty()) return next;
  too_large_ |= text.size() > kMaxText;
  const auto place = static_cast<std::uint32_t>(program.texts_.size());
  program.texts_ += text;
  char front[sizeof(State::word)] = {};
  std::copy_n(text.begin(), std::min(text.size(), sizeof front), front);
  return add({.word = load_word<std::uint64_t>(front),
              .op = Op::kText,
              .ignored = ignored_bits(text.size()),
              .detail = static_cast<std::uint16_t>(text.size()),
              .argument = place,
              .next = next});
}

// A copy of what follows, on the condition; a state of its own only where that has one already, or will change.
std::int16_t PatternProgram::Layout::lay_assertion(Assertion assertion, std::int16_t next) {
  if (too_large_) return 0;
  State state = program.states_[static_cast<std::size_t>(next)];
  if (state.condition != 0 || (state.op == Op::kSplit && state.next == state.other)) {
    state = {.op = Op::kAssert, .next = next};
  }
  state.condition = condition_of(assertion);
  return add(state);
}

std::int16_t PatternProgram::Layout::lay(const PatternNode& node, std::int16_t next) {
  switch (node.kind) {
    case NodeKind::kText:
      return lay_text(node.text, next);
    case NodeKind::kSet:
      return add({.op = Op::kSet, .argument = set_number(node.set), .next = next});
    case NodeKind::kAssertion:
      return lay_assertion(node.assertion, next);
    case NodeKind::kAlternatives: {
      std::vector<std::vector<const PatternNode*>> alternatives;
      gather_branches(node, alternatives);
      std::vector<Branch> branches;
      for (std::vector<const PatternNode*>& nodes : alternatives) {
        Branch branch;
        auto rest = nodes.begin();
        for (; rest != nodes.end() && (*rest)->kind == NodeKind::kText; ++rest) branch.lead += (*rest)->text;
        branch.rest.assign(rest, nodes.end());
        branches.push_back(std::move(branch));
      }
      return lay_branches(branches, next);
    }
    case NodeKind::kGroup: {
      const std::int16_t close = add({.op = Op::kSave, .argument = 1, .next = next});
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

std::int16_t PatternProgram::Layout::lay_branch(const Branch& branch, std::int16_t next) {
  for (std::size_t i = branch.rest.size(); i-- > 0;) next = lay(*branch.rest[i], next);
  return lay_text(branch.lead, next);
}

// Branches that begin with the same byte: what they share stands in front of what tells them apart.
std::int16_t PatternProgram::Layout::lay_alike(std::vector<Branch> branches, std::int16_t next) {
  std::size_t shared = branches.front().lead.size();
  for (const Branch& branch : branches) {
    const auto [end, other] = std::mismatch(branches.front().lead.begin(),
                                            branches.front().lead.begin() + static_cast<std::ptrdiff_t>(shared),
                                            branch.lead.begin(), branch.lead.end());
    shared = static_cast<std::size_t>(end - branches.front().lead.begin());
  }
  const std::string text = branches.front().lead.substr(0, shared);
  for (Branch& branch : branches) branch.lead.erase(0, shared);
  return lay_text(text, lay_branches(branches, next));
}

// The states of the branches `viable` at one byte, in their order; those in a row that begin with a text begin alike.
std::vector<std::int16_t> PatternProgram::Layout::states_of(const std::vector<std::size_t>& viable, bool alike,
                                                            const std::vector<Branch>& branches,
                                                            const std::vector<std::int16_t>& laid, std::int16_t next) {
  std::vector<std::int16_t> states;
  for (std::size_t i = 0; i < viable.size() && !too_large_;) {
    if (laid[viable[i]] != kNotLaid) {
      states.push_back(laid[viable[i++]]);
      continue;
    }
    std::vector<Branch> together = {branches[viable[i++]]};
    for (; alike && i < viable.size() && laid[viable[i]] == kNotLaid; ++i) together.push_back(branches[viable[i]]);
    states.push_back(lay_alike(std::move(together), next));
  }
  return states;
}

// As a switch names a state, or a list of several.
std::int16_t PatternProgram::Layout::one_of(const std::vector<std::int16_t>& states) {
  if (states.size() == 1) return states.front();
  program.lists_.push_back(
      {static_cast<std::uint32_t>(program.targets_.size()), static_cast<std::uint32_t>(states.size())});
  program.targets_.insert(program.targets_.end(), states.begin(), states.end());
  too_large_ |= program.lists_.size() > kMaxStates;
  return static_cast<std::int16_t>(-1 - static_cast<int>(program.lists_.size()));
}

// A match prefers the branch that stands first. Of the branches that can begin with one byte the order is kept, and
// others can't match there, so this is the same choice.
std::int16_t PatternProgram::Layout::lay_branches(const std::vector<Branch>& branches, std::int16_t next) {
  if (branches.size() == 1) return lay_branch(branches.front(), next);
  std::vector<std::int16_t> laid(branches.size(), kNotLaid);  // those that begin with no text
  std::array<std::vector<std::size_t>, kTextEnd + 1> viable;
  for (std::size_t i = 0; i < branches.size() && !too_large_; ++i) {
    if (!branches[i].lead.empty()) {
      viable[column(static_cast<unsigned char>(branches[i].lead.front()))].push_back(i);
      continue;
    }
    laid[i] = lay_branch(branches[i], next);
    if (too_large_) return 0;
    const First& begin = first(laid[i]);
    for (std::size_t byte = 0; byte < begin.bytes.size(); ++byte) {
      std::vector<std::size_t>& there = viable[column(static_cast<unsigned char>(byte))];
      if (begin.bytes[byte] && (there.empty() || there.back() != i)) there.push_back(i);
    }
    if (begin.may_end) viable[kTextEnd].push_back(i);
  }
  Switch table;
  table.fill(kDead);
  std::map<std::vector<std::size_t>, std::int16_t> targets;
  for (std::size_t place = 0; place <= kTextEnd; ++place) {
    if (viable[place].empty()) continue;
    const auto [entry, fresh] = targets.emplace(viable[place], kDead);
    if (fresh) entry->second = one_of(states_of(viable[place], place < kOtherBytes, branches, laid, next));
    if (too_large_) return 0;
    table[place] = entry->second;
  }
  return add_switch(table);
}

// A choice between `body` and what follows it, in the order that the repetition prefers.
PatternProgram::State PatternProgram::Layout::choice(bool greedy, std::int16_t body, std::int16_t behind) {
  const std::int16_t next = greedy ? body : behind, other = greedy ? behind : body;
  return {.op = Op::kSplit,
          .next_may_end = first(next).may_end,
          .other_may_end = first(other).may_end,
          .detail = static_cast<std::uint16_t>(set_number(first(other).bytes)),
          .argument = set_number(first(next).bytes),
          .next = next,
          .other = other};
}

std::int16_t PatternProgram::Layout::lay_gap(const PatternNode& node, std::int16_t next) {
  if (too_large_) return 0;
  const ByteSet& set = node.parts.front().set;
  const bool bounded = node.max != PatternNode::kUnbounded;
  return add({.op = Op::kGap,
              .greedy = node.greedy,
              .dot = set.count() == set.size() - 1 && !set['\n'],
              .next_may_end = first(next).may_end,
              .min = static_cast<std::uint16_t>(bounded ? node.min : 0),
              .max = bounded ? static_cast<std::uint16_t>(node.max) : kNoLimit,
              .detail = static_cast<std::uint16_t>(pairs_number(next)),
              .argument = set_number(set),
              .next = next,
              .other = static_cast<std::int16_t>(program.places_++)});
}

std::int16_t PatternProgram::Layout::lay_repeat(const PatternNode& node, std::int16_t next) {
  const PatternNode& body = node.parts.front();
  const bool bounded = node.max != PatternNode::kUnbounded;
  std::int16_t entry = next;
  if (body.kind == NodeKind::kSet) {
    entry = lay_gap(node, next);
    if (bounded) return entry;
  } else if (!bounded) {
    entry = add({.op = Op::kSplit, .next = next, .other = next});
    if (too_large_) return 0;
    First& anything = firsts_[static_cast<std::size_t>(entry)];  // until the body is known
    anything.bytes.set();
    anything.may_end = true;
    const std::int16_t once = lay(body, entry);
    if (too_large_) return 0;
    State& split = program.states_[static_cast<std::size_t>(entry)];
    const std::uint16_t place = split.place;
    split = choice(node.greedy, once, next);
    split.place = place;
    split.loops = true;
    firsts_[static_cast<std::size_t>(entry)] = first_of(split);
  } else {
    for (int i = node.min; i < node.max && !too_large_; ++i) {
      const std::int16_t once = lay(body, entry);
      if (!too_large_) entry = add(choice(node.greedy, once, next));
    }
  }
  for (int i = 0; i < node.min && !too_large_; ++i) entry = lay(body, entry);
  return entry;
}

}  // namespace dsnwatch::core
