#include "core/classify/required_literals.h"

#include <algorithm>
#include <utility>

namespace dsnwatch::core {
namespace {

using NodeKind = PatternNode::Kind;

constexpr std::size_t kMaxStrings = 16;        // that a sequence multiplies out
constexpr std::size_t kMaxLength = 64;         // of one text
constexpr std::size_t kMaxAlternatives = 256;  // of a choice
constexpr std::size_t kMaxSetBytes = 4;        // of a set that counts as texts of one byte
constexpr int kMaxCopies = 8;                  // of a repetition that is written out

std::size_t added(std::size_t a, std::size_t b) {
  return a == Width::kUnbounded || b == Width::kUnbounded ? Width::kUnbounded : a + b;
}

// Far beyond the longest text there is no need to know how far.
std::size_t times(std::size_t count, std::size_t width) {
  constexpr std::size_t kFar = 1 << 20;
  return width != 0 && (count > kFar || width > kFar || count * width > kFar) ? Width::kUnbounded : count * width;
}

Width operator+(Width a, Width b) {
  return {added(a.least, b.least), added(a.most, b.most)};
}

Width either(Width a, Width b) {
  return {std::min(a.least, b.least), std::max(a.most, b.most)};
}

Width width_of(const std::vector<std::string>& strings) {
  Width width{Width::kUnbounded, 0};
  for (const std::string& text : strings) width = either(width, {text.size(), text.size()});
  return width;
}

// A piece of a pattern. Exact: its matches are `strings`, all of them. Otherwise only the choices are known.
struct Part {
  bool exact = true;
  bool assertion = false;  // holds a zero-width assertion: matching the strings is not enough
  std::vector<std::string> strings = {""};
  std::vector<LiteralChoice> choices;  // counted from the begin of the part
  Width width;                         // of all of it

  static Part of(std::vector<std::string> strings) {
    Part part;
    part.width = width_of(strings);
    part.strings = std::move(strings);
    return part;
  }
  static Part unknown(Width width) {
    Part part;
    part.exact = false;
    part.strings.clear();
    part.width = width;
    return part;
  }
  bool is_blank() const { return exact && strings.size() == 1 && strings[0] == " "; }
};

void add_choice(std::vector<LiteralChoice>& choices, LiteralChoice choice) {
  if (choice.texts.empty() || choice.texts.size() > kMaxAlternatives || choice.shortest() == 0) return;
  choices.push_back(std::move(choice));
}

void unite(std::vector<std::string>& into, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    if (std::find(into.begin(), into.end(), text) == into.end()) into.push_back(text);
  }
}

// Parts one behind the other.
class Sequence {
 public:
  void append(const Part& part) {
    whole_.assertion |= part.assertion;
    if (!part.exact || !multiply(part.strings)) {
      end_run();
      whole_.exact = false;
      if (part.exact) {
        run_ = part.strings;
      } else {
        for (LiteralChoice choice : part.choices) {
          choice.before = choice.before + whole_.width;
          whole_.choices.push_back(std::move(choice));
        }
      }
    }
    whole_.width = whole_.width + part.width;
    if (!part.exact) run_begin_ = whole_.width;
  }

  // `part` once or more often, up to `most` times: what is in front stands before its first copy, what follows behind
  // its last.
  void append_repeated(const Part& part, std::size_t most) {
    const Width first = whole_.width;
    append(part);
    end_run();
    whole_.exact = false;
    const std::size_t more = times(most - 1, part.width.most);
    if (part.exact) {
      run_ = part.strings;
      run_begin_ = first + Width{0, more};
    }
    whole_.width = whole_.width + Width{0, more};
    if (!part.exact) run_begin_ = whole_.width;
  }

  Part finish() {
    if (whole_.exact) {
      whole_.strings = run_;
    } else {
      whole_.strings.clear();
      end_run();
    }
    return std::move(whole_);
  }

 private:
  bool multiply(const std::vector<std::string>& strings) {
    if (run_.size() * strings.size() > kMaxStrings) return false;
    if (run_.size() == 1 && strings.size() == 1) {
      if (run_.front().size() + strings.front().size() > kMaxLength) return false;
      run_.front() += strings.front();
      return true;
    }
    std::vector<std::string> product;
    for (const std::string& front : run_) {
      for (const std::string& back : strings) {
        if (front.size() + back.size() > kMaxLength) return false;
        product.push_back(front + back);
      }
    }
    run_ = std::move(product);
    return true;
  }

  // What follows begins a run of its own, here.
  void end_run() {
    add_choice(whole_.choices, {run_, run_begin_});
    run_ = {""};
    run_begin_ = whole_.width;
  }

  Part whole_;
  std::vector<std::string> run_ = {""};
  Width run_begin_;
};

Part part_of(const PatternNode& node);

// The alternatives of a group.
Part united(const std::vector<PatternNode>& branches) {
  Part all;
  all.strings.clear();
  all.width = {Width::kUnbounded, 0};
  LiteralChoice choice{{}, {Width::kUnbounded, 0}};
  bool required = true;
  for (const PatternNode& node : branches) {
    const Part branch = part_of(node);
    all.assertion |= branch.assertion;
    all.exact &= branch.exact;
    all.width = either(all.width, branch.width);
    if (branch.exact) {
      unite(all.strings, branch.strings);
      unite(choice.texts, branch.strings);
      choice.before = either(choice.before, {0, 0});
      continue;
    }
    const auto best = std::max_element(branch.choices.begin(), branch.choices.end(),
                                       [](const auto& a, const auto& b) { return a.shortest() < b.shortest(); });
    if (best == branch.choices.end()) {
      required = false;
    } else {
      unite(choice.texts, best->texts);
      choice.before = either(choice.before, best->before);
    }
  }
  if (all.exact && all.strings.size() <= kMaxAlternatives) return all;
  all.exact = false;
  all.strings.clear();
  if (required) add_choice(all.choices, std::move(choice));
  return all;
}

// A set of few bytes, of those that a normalised reply can hold.
Part part_of_set(const ByteSet& set) {
  ByteSet possible = set;
  for (std::size_t byte = 0; byte < ' '; ++byte) possible.reset(byte);
  for (std::size_t byte = 'A'; byte <= 'Z'; ++byte) possible.reset(byte);
  possible.reset(0x7f);
  // Above 0x7f RE2 folds the case of Latin-1 letters, and here nothing does.
  if ((possible >> 0x80).any() || possible.none() || possible.count() > kMaxSetBytes) return Part::unknown({1, 1});
  std::vector<std::string> strings;
  for (std::size_t byte = 0; byte < 0x80; ++byte) {
    if (possible.test(byte)) strings.emplace_back(1, static_cast<char>(byte));
  }
  return Part::of(std::move(strings));
}

// A repetition that may be left out.
Part optional(Part part, std::size_t most) {
  if (part.exact && most == 1 && part.strings.size() < kMaxStrings) {
    unite(part.strings, {""});
    part.width.least = 0;
    return part;
  }
  Part unknown = Part::unknown({0, times(most, part.width.most)});
  unknown.assertion = part.assertion;
  return unknown;
}

void append_repetition(const PatternNode& node, Sequence& sequence) {
  Part part = part_of(node.parts.front());
  int least = node.min;
  std::size_t most = node.max == PatternNode::kUnbounded ? Width::kUnbounded : static_cast<std::size_t>(node.max);
  // Two blanks never stand side by side, so "one or more" is one.
  if (part.is_blank()) {
    least = std::min(least, 1);
    most = 1;
  }
  if (least == 0) return sequence.append(optional(std::move(part), most));
  const bool counted = most == static_cast<std::size_t>(least) && least <= kMaxCopies;
  const int single = counted ? least : std::min(least, kMaxCopies) - 1;
  for (int i = 0; i < single; ++i) sequence.append(part);
  if (counted) return;
  sequence.append_repeated(part, most == Width::kUnbounded ? most : most - static_cast<std::size_t>(single));
}

Part part_of(const PatternNode& node) {
  switch (node.kind) {
    case NodeKind::kText: {
      if (node.text.size() <= kMaxLength) return Part::of({node.text});
      Part part = Part::unknown({node.text.size(), node.text.size()});
      part.choices.push_back({{node.text.substr(0, kMaxLength)}, {}});
      return part;
    }
    case NodeKind::kSet:
      return part_of_set(node.set);
    case NodeKind::kAssertion: {
      Part part;
      part.assertion = true;
      return part;
    }
    case NodeKind::kAlternatives:
      return united(node.parts);
    case NodeKind::kRepeat:
    case NodeKind::kSequence:
    case NodeKind::kGroup:
      break;
  }
  Sequence sequence;
  if (node.kind == NodeKind::kRepeat) {
    append_repetition(node, sequence);
  } else {
    for (const PatternNode& part : node.parts) {
      if (part.kind == NodeKind::kRepeat) {
        append_repetition(part, sequence);
      } else {
        sequence.append(part_of(part));
      }
    }
  }
  return sequence.finish();
}

// The alternatives at the top of a pattern.
std::vector<const PatternNode*> alternatives(const PatternNode& pattern) {
  const PatternNode* node = &pattern;
  while (node->kind == NodeKind::kSequence && node->parts.size() == 1) node = &node->parts.front();
  if (node->kind != NodeKind::kAlternatives) return {node};
  std::vector<const PatternNode*> all;
  for (const PatternNode& part : node->parts) all.push_back(&part);
  return all;
}

}  // namespace

std::size_t LiteralChoice::shortest() const {
  std::size_t length = Width::kUnbounded;
  for (const std::string& text : texts) length = std::min(length, text.size());
  return length;
}

RequiredLiterals required_literals(const SharedPattern& pattern) {
  RequiredLiterals required;
  // The branches that are nothing but texts, as one way.
  LiteralChoice exact;
  std::vector<const PatternNode*> exact_branches;
  bool assertion = false;
  for (const PatternNode* const node : alternatives(*pattern)) {
    Part branch = part_of(*node);
    assertion |= branch.assertion;
    if (branch.exact) {
      unite(exact.texts, branch.strings);
      exact_branches.push_back(node);
    } else if (branch.choices.empty()) {
      return {};
    } else {
      required.ways.push_back({std::move(branch.choices), SharedPattern(pattern, node), {}, branch.width.most});
    }
  }
  if (exact.texts.empty()) return required;
  std::vector<LiteralChoice> choices;
  add_choice(choices, std::move(exact));
  if (choices.empty()) return {};
  required.whole = required.ways.empty() && !assertion;
  const std::size_t longest = width_of(choices.front().texts).most;
  if (required.ways.empty()) exact_branches.clear();
  required.ways.push_back({std::move(choices), pattern, std::move(exact_branches), longest});
  return required;
}

}  // namespace dsnwatch::core
