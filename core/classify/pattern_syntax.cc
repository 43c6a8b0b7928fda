#include "core/classify/pattern_syntax.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace dsnwatch::core {
namespace {

constexpr int kMaxDepth = 50;    // of nested groups
constexpr int kMaxCount = 1000;  // of a repetition; RE2's own limit

using NodeKind = PatternNode::Kind;

bool is_upper(int byte) {
  return byte >= 'A' && byte <= 'Z';
}

void add_folded(ByteSet& set, int byte) {
  set.set(static_cast<std::size_t>(byte));
  if (is_upper(byte)) set.set(static_cast<std::size_t>(byte) + ('a' - 'A'));
  if (byte >= 'a' && byte <= 'z') set.set(static_cast<std::size_t>(byte) - ('a' - 'A'));
}

void add_range(ByteSet& set, int first, int last) {
  for (int byte = first; byte <= last; ++byte) add_folded(set, byte);
}

/// \d, \w, \s and their opposites; nothing for another letter.
std::optional<ByteSet> letter_class(char letter) {
  ByteSet set;
  switch (letter | 0x20) {
    case 'd':
      add_range(set, '0', '9');
      break;
    case 'w':
      add_range(set, '0', '9');
      add_range(set, 'a', 'z');
      set.set('_');
      break;
    case 's':
      for (const char blank : {'\t', '\n', '\f', '\r', ' '}) set.set(static_cast<std::size_t>(blank));
      break;
    default:
      return std::nullopt;
  }
  return is_upper(letter) ? ~set : set;
}

/// The byte that an escape stands for: punctuation for itself, and the usual control characters.
std::optional<unsigned char> escaped_byte(char letter) {
  switch (letter) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(letter);
  const bool word = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || is_upper(byte) || byte >= 0x80;
  return word ? std::nullopt : std::optional<unsigned char>(byte);
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : left_(pattern) {}

  std::optional<PatternNode> whole() {
    auto node = alternatives(0);
    return node && left_.empty() ? node : std::nullopt;
  }

 private:
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view token) {
    if (!left_.starts_with(token)) return false;
    left_.remove_prefix(token.size());
    return true;
  }

  std::optional<PatternNode> alternatives(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    PatternNode node;
    node.kind = NodeKind::kAlternatives;
    do {
      auto part = sequence(depth);
      if (!part) return std::nullopt;
      node.parts.push_back(*std::move(part));
    } while (take('|'));
    if (node.parts.size() > 1) return node;
    PatternNode only = std::move(node.parts.front());
    return only;
  }

  // The bytes in front that stand for themselves and that no repetition follows.
  std::size_t plain_length() const {
    constexpr std::string_view kSigns = "\\.^$|()[]*+?{}";
    const std::size_t size = std::min(left_.find_first_of(kSigns), left_.size());
    const bool repeated = size < left_.size() && std::string_view("*+?{").find(left_[size]) != std::string_view::npos;
    return repeated && size > 0 ? size - 1 : size;
  }

  // Most of a pattern is text: taken at once, not a node a byte.
  void take_plain(PatternNode& sequence) {
    const std::size_t size = plain_length();
    if (size == 0) return;
    if (sequence.parts.empty() || sequence.parts.back().kind != NodeKind::kText)
      sequence.parts.emplace_back().kind = NodeKind::kText;
    std::string& text = sequence.parts.back().text;
    for (const char c : left_.substr(0, size)) text += is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
    left_.remove_prefix(size);
  }

  std::optional<PatternNode> sequence(int depth) {
    PatternNode node;
    while (!left_.empty() && left_.front() != '|' && left_.front() != ')') {
      take_plain(node);
      if (left_.empty() || left_.front() == '|' || left_.front() == ')') break;
      auto part = atom(depth);
      if (!part || !quantify(*part)) return std::nullopt;
      const bool joins =
          part->kind == NodeKind::kText && !node.parts.empty() && node.parts.back().kind == NodeKind::kText;
      if (joins) {
        node.parts.back().text += part->text;
      } else {
        node.parts.push_back(*std::move(part));
      }
    }
    return node;
  }

  std::optional<PatternNode> atom(int depth) {
    PatternNode node;
    const char c = left_.front();
    left_.remove_prefix(1);
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return bracket();
      case '\\':
        return escape();
      case '.':
        node.kind = NodeKind::kSet;
        node.set.set();
        node.set.reset('\n');
        return node;
      case '^':
      case '$':
        node.kind = NodeKind::kAssertion;
        node.assertion = c == '^' ? Assertion::kTextBegin : Assertion::kTextEnd;
        return node;
      case '*':
      case '+':
      case '?':
        return std::nullopt;
      default:
        return text(static_cast<unsigned char>(c));
    }
  }

  static PatternNode text(unsigned char byte) {
    PatternNode node;
    node.kind = NodeKind::kText;
    node.text = static_cast<char>(is_upper(byte) ? byte + ('a' - 'A') : byte);
    return node;
  }

  std::optional<PatternNode> group(int depth) {
    bool captures = true;
    if (take('?')) {
      if (take("i)")) return PatternNode();  // it is on already
      if (take("P<") || take("<")) {
        if (!name()) return std::nullopt;
      } else if (take(':')) {
        captures = false;
      } else {
        return std::nullopt;
      }
    }
    auto inner = alternatives(depth + 1);
    if (!inner || !take(')')) return std::nullopt;
    if (!captures) {
      // A sequence of its own, so that a text beside it does not grow into a repetition.
      PatternNode node;
      node.parts.push_back(*std::move(inner));
      return node;
    }
    PatternNode node;
    node.kind = NodeKind::kGroup;
    node.parts.push_back(*std::move(inner));
    return node;
  }

  // The name of a group, up to ">": word characters, no name twice.
  bool name() {
    const std::string_view name = left_.substr(0, left_.find('>'));
    const bool word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || is_upper(c) || c == '_';
    });
    if (!word || std::find(names_.begin(), names_.end(), name) != names_.end()) return false;
    names_.push_back(name);
    left_.remove_prefix(std::min(name.size() + 1, left_.size()));
    return true;
  }

  std::optional<PatternNode> escape() {
    if (left_.empty()) return std::nullopt;
    const char letter = left_.front();
    left_.remove_prefix(1);
    PatternNode node;
    if (letter == 'Q') return quoted();
    if (letter == 'b' || letter == 'B') {
      node.kind = NodeKind::kAssertion;
      node.assertion = letter == 'b' ? Assertion::kWordBoundary : Assertion::kNoWordBoundary;
      return node;
    }
    if (auto set = letter_class(letter)) {
      node.kind = NodeKind::kSet;
      node.set = *set;
      return node;
    }
    const auto byte = escaped_byte(letter);
    if (!byte) return std::nullopt;
    return text(*byte);
  }

  // Everything up to \E; where a repetition follows, RE2 means the last byte only.
  std::optional<PatternNode> quoted() {
    PatternNode node;
    const std::size_t end = std::min(left_.find("\\E"), left_.size());
    for (const char c : left_.substr(0, end)) {
      PatternNode byte = text(static_cast<unsigned char>(c));
      node.text += byte.text;
    }
    left_.remove_prefix(std::min(end + 2, left_.size()));
    if (!left_.empty() && std::string_view("*+?{").find(left_.front()) != std::string_view::npos) return std::nullopt;
    if (!node.text.empty()) node.kind = NodeKind::kText;
    return node;
  }

  // One member of a class: a byte, or nothing if it was a class itself and has been added.
  bool member(ByteSet& set, int& byte) {
    const char c = left_.front();
    left_.remove_prefix(1);
    byte = static_cast<unsigned char>(c);
    if (c == '[' && !left_.empty() && left_.front() == ':') {
      byte = -1;
      return named_class(set);
    }
    if (c != '\\') return true;
    if (left_.empty()) return false;
    const char letter = left_.front();
    left_.remove_prefix(1);
    if (auto inner = letter_class(letter)) {
      set |= *inner;
      byte = -1;
      return true;
    }
    const auto escaped = escaped_byte(letter);
    if (escaped) byte = *escaped;
    return escaped.has_value();
  }

  // "[:alpha:]" and its like inside brackets, behind their first byte.
  bool named_class(ByteSet& set) {
    struct Named {
      std::string_view name;
      std::initializer_list<std::pair<unsigned char, unsigned char>> ranges;
    };
    static const Named kClasses[] = {
        {":alnum:]", {{'0', '9'}, {'a', 'z'}}},
        {":alpha:]", {{'a', 'z'}}},
        {":ascii:]", {{0, 0x7f}}},
        {":blank:]", {{'\t', '\t'}, {' ', ' '}}},
        {":cntrl:]", {{0, 0x1f}, {0x7f, 0x7f}}},
        {":digit:]", {{'0', '9'}}},
        {":graph:]", {{'!', '~'}}},
        {":lower:]", {{'a', 'z'}}},
        {":print:]", {{' ', '~'}}},
        {":punct:]", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
        {":space:]", {{'\t', '\r'}, {' ', ' '}}},
        {":upper:]", {{'a', 'z'}}},
        {":word:]", {{'0', '9'}, {'a', 'z'}, {'_', '_'}}},
        {":xdigit:]", {{'0', '9'}, {'a', 'f'}}},
    };
    for (const Named& named : kClasses) {
      if (!take(named.name)) continue;
      for (const auto& [first, last] : named.ranges) add_range(set, first, last);
      return true;
    }
    return false;
  }

  std::optional<PatternNode> bracket() {
    PatternNode node;
    node.kind = NodeKind::kSet;
    const bool negated = take('^');
    for (bool first = true; first || (!left_.empty() && left_.front() != ']'); first = false) {
      int from = 0;
      if (left_.empty() || !member(node.set, from)) return std::nullopt;
      if (from < 0) continue;
      int to = from;
      if (left_.size() > 1 && left_[0] == '-' && left_[1] != ']') {
        left_.remove_prefix(1);
        if (!member(node.set, to) || to < from) return std::nullopt;
      }
      add_range(node.set, from, to);
    }
    if (!take(']')) return std::nullopt;
    if (negated) node.set = ~node.set;
    return node;
  }

  std::optional<int> number() {
    int value = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (error != std::errc() || value > kMaxCount) return std::nullopt;
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }

  // {m}, {m,} or {m,n}; false for what is none of these.
  bool counts(int& min, int& max) {
    const auto first = number();
    if (!first) return false;
    min = max = *first;
    if (take(',')) {
      max = PatternNode::kUnbounded;
      if (!left_.empty() && left_.front() != '}') {
        const auto last = number();
        if (!last || *last < min) return false;
        max = *last;
      }
    }
    return take('}');
  }

  // Wraps the node into the repetition behind it, if there is one.
  bool quantify(PatternNode& node) {
    int min = 0, max = PatternNode::kUnbounded;
    if (take('*')) {
    } else if (take('+')) {
      min = 1;
    } else if (take('?')) {
      max = 1;
    } else if (!take('{')) {
      return true;
    } else if (!counts(min, max)) {
      return false;
    }
    PatternNode repeat;
    repeat.kind = NodeKind::kRepeat;
    repeat.min = min;
    repeat.max = max;
    repeat.greedy = !take('?');
    repeat.parts.push_back(std::move(node));
    node = std::move(repeat);
    return left_.empty() || (left_.front() != '*' && left_.front() != '+' && left_.front() != '?');
  }

  std::string_view left_;
  std::vector<std::string_view> names_;
};

}  // namespace

std::optional<PatternNode> parse_pattern(std::string_view pattern) {
  return Parser(pattern).whole();
}

SharedPattern parse_shared_pattern(std::string_view pattern) {
  auto tree = parse_pattern(pattern);
  return tree ? std::make_shared<const PatternNode>(*std::move(tree)) : nullptr;
}

int capturing_groups(const PatternNode& pattern) {
  int groups = pattern.kind == NodeKind::kGroup ? 1 : 0;
  for (const PatternNode& part : pattern.parts) groups += capturing_groups(part);
  return groups;
}

}  // namespace dsnwatch::core
