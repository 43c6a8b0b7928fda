#include "core/classify/pattern_layout.h"

#include <algorithm>
#include <utility>

namespace dsnwatch::core {
namespace {

using NodeKind = PatternNode::Kind;

constexpr std::size_t kMaxStates = 4000;
constexpr std::size_t kUnboundedLength = PatternProgram::kMaxText + 1;
constexpr std::size_t kEnd = 256;  // in a switch: where the text has ended

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
  const std::int32_t match = add({.op = Op::kMatch});
  program.entry_ = lay(root, match);
  if (too_large_) return false;
  program.longest_ = longest_match(root);
  program.entry_set_ = set_number(first(program.entry_).bytes);
  program.entry_may_end_ = first(program.entry_).may_end;
  program.entry_pairs_ = pairs_number(program.entry_);
  return true;
}

std::int32_t PatternProgram::Layout::add(State state) {
  too_large_ |= program.states_.size() >= kMaxStates;
  if (too_large_) return 0;
  if (state.op == Op::kSplit || state.op == Op::kSwitch || state.op == Op::kGap) state.place = program.places_++;
  firsts_.push_back(first_of(state));
  program.states_.push_back(state);
  return static_cast<std::int32_t>(program.states_.size() - 1);
}

PatternProgram::Layout::First PatternProgram::Layout::first_of(const State& state) const {
  First all;
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
    case Op::kSwitch: {
      const Switch& by_byte = program.switches_[state.argument];
      for (std::size_t byte = 0; byte < kEnd; ++byte) all.bytes.set(byte, by_byte.list[byte] != 0);
      all.may_end = by_byte.list[kEnd] != 0;
      return all;
    }
    case Op::kAssert:
      if (state.assertion == Assertion::kTextEnd) {
        all.may_end = true;
        return all;
      }
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

std::uint32_t PatternProgram::Layout::set_number(const ByteSet& set) {
  return number_of(program.sets_, set);
}

std::uint32_t PatternProgram::Layout::pairs_number(std::int32_t state) {
  std::vector<bool> seen(program.states_.size());
  Pairs pairs;
  find_pairs(state, seen, pairs);
  return number_of(program.pairs_, pairs);
}

void PatternProgram::Layout::find_pairs(std::int32_t number, std::vector<bool>& seen, Pairs& pairs) const {
  if (seen[static_cast<std::size_t>(number)]) return;
  seen[static_cast<std::size_t>(number)] = true;
  const State& state = program.states_[static_cast<std::size_t>(number)];
  ByteSet one, two;
  if (state.op == Op::kText) {
    one.set(static_cast<unsigned char>(program.texts_[state.argument]));
  } else if (state.op == Op::kSet || state.op == Op::kGap) {
    one = program.sets_[state.argument];
  } else if (state.op == Op::kMatch) {
    pairs.set();
    return;
  }
  if (state.op == Op::kText && state.detail > 1) {
    two.set(static_cast<unsigned char>(program.texts_[state.argument + 1]));
  } else if (one.any()) {
    two = first(state.next).bytes;
    if (first(state.next).may_end) two.set();
    if (state.op == Op::kGap) two |= one;
  }
  for (std::size_t a = 0; a < one.size(); ++a) {
    for (std::size_t b = 0; one[a] && b < two.size(); ++b) {
      if (two[b]) pairs.set(pair_slot(static_cast<unsigned char>(a), static_cast<unsigned char>(b)));
    }
  }
  if (state.op == Op::kSwitch) {
    for (const std::uint16_t list : program.switches_[state.argument].list) {
      const Targets& targets = program.lists_[list];
      for (std::uint32_t i = 0; i < targets.count; ++i) find_pairs(program.targets_[targets.begin + i], seen, pairs);
    }
    return;
  }
  if (one.none() || (state.op == Op::kGap && state.min == 0)) find_pairs(state.next, seen, pairs);
  if (state.op == Op::kSplit) find_pairs(state.other, seen, pairs);
}

std::int32_t PatternProgram::Layout::lay_text(std::string_view text, std::int32_t next) {
  if (text.empty()) return next;
  const auto place = static_cast<std::uint32_t>(program.texts_.size());
  program.texts_ += text;
  return add({.op = Op::kText, .argument = place, .detail = static_cast<std::uint32_t>(text.size()), .next = next});
}

std::int32_t PatternProgram::Layout::lay(const PatternNode& node, std::int32_t next) {
  switch (node.kind) {
    case NodeKind::kText:
      return lay_text(node.text, next);
    case NodeKind::kSet:
      return add({.op = Op::kSet, .argument = set_number(node.set), .next = next});
    case NodeKind::kAssertion:
      return add({.op = Op::kAssert, .assertion = node.assertion, .next = next});
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

std::int32_t PatternProgram::Layout::lay_branch(const Branch& branch, std::int32_t next) {
  for (std::size_t i = branch.rest.size(); i-- > 0;) next = lay(*branch.rest[i], next);
  return lay_text(branch.lead, next);
}

// Branches that begin with the same byte: what they share stands in front of what tells them apart.
std::int32_t PatternProgram::Layout::lay_alike(std::vector<Branch> branches, std::int32_t next) {
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

// A match prefers the branch that stands first. Of the branches that can begin with one byte the order is kept, and
// others can't match there, so this is the same choice.
std::int32_t PatternProgram::Layout::lay_branches(const std::vector<Branch>& branches, std::int32_t next) {
  if (branches.size() == 1) return lay_branch(branches.front(), next);
  std::vector<std::int32_t> laid(branches.size(), -1);  // those that begin with no text
  std::array<std::vector<std::size_t>, kEnd + 1> viable;
  for (std::size_t i = 0; i < branches.size() && !too_large_; ++i) {
    if (!branches[i].lead.empty()) {
      viable[static_cast<unsigned char>(branches[i].lead.front())].push_back(i);
      continue;
    }
    laid[i] = lay_branch(branches[i], next);
    if (too_large_) return 0;
    const First& begin = first(laid[i]);
    for (std::size_t byte = 0; byte < kEnd; ++byte) {
      if (begin.bytes[byte]) viable[byte].push_back(i);
    }
    if (begin.may_end) viable[kEnd].push_back(i);
  }
  Switch by_byte;
  std::map<std::vector<std::size_t>, std::uint16_t> lists;
  for (std::size_t byte = 0; byte <= kEnd && !too_large_; ++byte) {
    if (viable[byte].empty()) continue;
    const auto [entry, fresh] = lists.emplace(viable[byte], 0);
    if (fresh) {
      std::vector<std::int32_t> states;
      for (std::size_t i = 0; i < viable[byte].size();) {
        if (laid[viable[byte][i]] >= 0) {
          states.push_back(laid[viable[byte][i++]]);
          continue;
        }
        std::vector<Branch> alike;
        for (; i < viable[byte].size() && laid[viable[byte][i]] < 0; ++i) alike.push_back(branches[viable[byte][i]]);
        states.push_back(lay_alike(std::move(alike), next));
      }
      if (program.lists_.empty()) program.lists_.emplace_back();  // 0: nothing to try
      too_large_ |= program.lists_.size() > 0xffff;
      entry->second = static_cast<std::uint16_t>(program.lists_.size());
      program.lists_.push_back(
          {static_cast<std::uint32_t>(program.targets_.size()), static_cast<std::uint32_t>(states.size())});
      program.targets_.insert(program.targets_.end(), states.begin(), states.end());
    }
    by_byte.list[byte] = entry->second;
  }
  if (too_large_) return 0;
  if (program.lists_.empty()) program.lists_.emplace_back();
  program.switches_.push_back(by_byte);
  return add({.op = Op::kSwitch, .argument = static_cast<std::uint32_t>(program.switches_.size() - 1)});
}

// A choice between `body` and what follows it, in the order that the repetition prefers.
PatternProgram::State PatternProgram::Layout::choice(bool greedy, std::int32_t body, std::int32_t behind) {
  const std::int32_t next = greedy ? body : behind, other = greedy ? behind : body;
  return {.op = Op::kSplit,
          .next_may_end = first(next).may_end,
          .other_may_end = first(other).may_end,
          .argument = set_number(first(next).bytes),
          .detail = set_number(first(other).bytes),
          .next = next,
          .other = other};
}

std::int32_t PatternProgram::Layout::lay_gap(const PatternNode& node, std::int32_t next) {
  // A state of its own for the places behind the gap, which several gaps may reach.
  const std::int32_t behind = add({.op = Op::kSplit, .next = next, .other = next});
  if (too_large_) return 0;
  return add({.op = Op::kGap,
              .greedy = node.greedy,
              .next_may_end = first(next).may_end,
              .min = static_cast<std::uint16_t>(node.min),
              .max = static_cast<std::uint16_t>(node.max),
              .argument = set_number(node.parts.front().set),
              .detail = pairs_number(next),
              .next = next,
              .other = behind});
}

std::int32_t PatternProgram::Layout::lay_repeat(const PatternNode& node, std::int32_t next) {
  const PatternNode& body = node.parts.front();
  std::int32_t entry = next;
  if (node.max == PatternNode::kUnbounded) {
    entry = add({.op = Op::kSplit, .next = next, .other = next});
    if (too_large_) return 0;
    First& anything = firsts_[static_cast<std::size_t>(entry)];  // until the body is known
    anything.bytes.set();
    anything.may_end = true;
    const std::int32_t once = lay(body, entry);
    if (too_large_) return 0;
    State& split = program.states_[static_cast<std::size_t>(entry)];
    const std::uint32_t place = split.place;
    split = choice(node.greedy, once, next);
    split.place = place;
    split.loops = true;
    firsts_[static_cast<std::size_t>(entry)] = first_of(split);
  } else if (body.kind == NodeKind::kSet) {
    return lay_gap(node, next);
  } else {
    for (int i = node.min; i < node.max && !too_large_; ++i) {
      const std::int32_t once = lay(body, entry);
      if (!too_large_) entry = add(choice(node.greedy, once, next));
    }
  }
  for (int i = 0; i < node.min && !too_large_; ++i) entry = lay(body, entry);
  return entry;
}

}  // namespace dsnwatch::core
