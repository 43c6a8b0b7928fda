#include "core/classify/required_literals.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <optional>

namespace dsnwatch::core {
namespace {

constexpr std::size_t kMaxStrings = 16;        // that a sequence multiplies out
constexpr std::size_t kMaxLength = 64;         // of one text
constexpr std::size_t kMaxAlternatives = 256;  // of a choice
constexpr int kMaxDepth = 50;                  // of nested groups

char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// A piece of a pattern. Exact: its matches are `strings`, all of them. Otherwise only the choices are known.
struct Part {
  bool exact = true;
  bool assertion = false;  // holds a zero-width assertion: matching the strings is not enough
  std::vector<std::string> strings = {""};
  std::vector<LiteralChoice> choices;

  static Part of(std::string text) {
    Part part;
    part.strings = {std::move(text)};
    return part;
  }
  static Part unknown() {
    Part part;
    part.exact = false;
    part.strings.clear();
    return part;
  }
  static Part zero_width() {
    Part part;
    part.assertion = true;
    return part;
  }
  bool is_blank() const { return exact && strings.size() == 1 && strings[0] == " "; }
};

std::size_t shortest(const LiteralChoice& choice) {
  std::size_t length = kMaxLength;
  for (const std::string& text : choice) length = std::min(length, text.size());
  return length;
}

void add_choice(std::vector<LiteralChoice>& choices, const LiteralChoice& strings) {
  if (!strings.empty() && strings.size() <= kMaxAlternatives && shortest(strings) > 0) choices.push_back(strings);
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
    if (part.exact && multiply(part.strings)) return;
    end_run();
    whole_.exact = false;
    if (part.exact) {
      run_ = part.strings;
    } else {
      whole_.choices.insert(whole_.choices.end(), part.choices.begin(), part.choices.end());
    }
  }

  // `part` once or more often: what is in front stands before its first copy, what follows behind its last.
  void append_repeated(const Part& part) {
    append(part);
    end_run();
    whole_.exact = false;
    if (part.exact) run_ = part.strings;
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

  void end_run() {
    add_choice(whole_.choices, run_);
    run_ = {""};
  }

  Part whole_;
  std::vector<std::string> run_ = {""};
};

// The alternatives of a group.
Part united(const std::vector<Part>& branches) {
  if (branches.size() == 1) return branches.front();
  Part all;
  all.strings.clear();
  LiteralChoice choice;
  bool required = true;
  for (const Part& branch : branches) {
    all.assertion |= branch.assertion;
    all.exact &= branch.exact;
    if (branch.exact) {
      unite(all.strings, branch.strings);
      unite(choice, branch.strings);
      continue;
    }
    const auto best = std::max_element(branch.choices.begin(), branch.choices.end(),
                                       [](const auto& a, const auto& b) { return shortest(a) < shortest(b); });
    if (best == branch.choices.end()) {
      required = false;
    } else {
      unite(choice, *best);
    }
  }
  if (all.exact && all.strings.size() <= kMaxAlternatives) return all;
  all.exact = false;
  all.strings.clear();
  if (required) add_choice(all.choices, choice);
  return all;
}

// Recursive descent over the pattern. Anything unexpected sets failed_, and then nothing is said about the pattern.
class Walker {
 public:
  explicit Walker(std::string_view pattern) : text_(pattern) {}

  RequiredLiterals run() {
    std::vector<Part> branches;
    std::vector<std::string> patterns;
    do {
      const std::size_t begin = at_;
      branches.push_back(sequence(0));
      patterns.emplace_back(text_.substr(begin, at_ - begin));
    } while (take("|"));
    if (failed_ || at_ < text_.size()) return {};
    RequiredLiterals required;
    LiteralChoice exact;  // the branches that are nothing but texts, as one way
    std::string exact_pattern;
    bool assertion = false;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      const Part& branch = branches[i];
      assertion |= branch.assertion;
      if (branch.exact) {
        unite(exact, branch.strings);
        exact_pattern += (exact_pattern.empty() ? "" : "|") + patterns[i];
      } else if (branch.choices.empty()) {
        return {};
      } else {
        required.ways.push_back(branch.choices);
        required.patterns.push_back(std::move(patterns[i]));
      }
    }
    if (exact.empty()) return required;
    LiteralChoices choices;
    add_choice(choices, exact);
    if (choices.empty()) return {};
    required.whole = required.ways.empty() && !assertion;
    required.ways.push_back(std::move(choices));
    required.patterns.push_back(std::move(exact_pattern));
    return required;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek() const { return more() ? text_[at_] : '\0'; }
  bool take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  Part fail() {
    failed_ = true;
    at_ = text_.size();
    return Part::unknown();
  }

  std::vector<Part> alternatives(int depth) {
    if (depth > kMaxDepth) return {fail()};
    std::vector<Part> branches;
    do {
      branches.push_back(sequence(depth));
    } while (take("|"));
    return branches;
  }

  Part sequence(int depth) {
    Sequence parts;
    while (more() && peek() != '|' && peek() != ')') quantified(atom(depth), parts);
    return parts.finish();
  }

  Part atom(int depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return char_class();
      case '.':
        return Part::unknown();
      case '^':
      case '$':
        return Part::zero_width();
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        return fail();
      default:
        return Part::of(std::string(1, folded(c)));
    }
  }

  // How often: {least, most}, most -1 for any number.
  struct Count {
    int least = 1, most = 1;
  };

  std::optional<Count> count() {
    if (take("*")) return Count{0, -1};
    if (take("+")) return Count{1, -1};
    if (take("?")) return Count{0, 1};
    if (peek() != '{') return std::nullopt;
    const std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    const std::size_t comma = inside.find(',');
    Count count;
    if (!number(inside.substr(0, comma), count.least)) return std::nullopt;  // a brace that stands for itself
    count.most = count.least;
    if (comma != std::string_view::npos) {
      count.most = -1;
      if (comma + 1 < inside.size() && !number(inside.substr(comma + 1), count.most)) return std::nullopt;
    }
    at_ = close + 1;
    return count;
  }

  static bool number(std::string_view digits, int& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
  }

  void quantified(const Part& part, Sequence& parts) {
    std::optional<Count> times = count();
    if (!times) return parts.append(part);
    take("?");  // lazy: the same matches
    if (count()) {
      fail();  // a repeated repetition: RE2 refuses most of them
      return;
    }
    // Two blanks never stand side by side, so "one or more" is one.
    if (part.is_blank()) times = Count{std::min(times->least, 1), 1};
    if (times->least == 0) {
      Part optional = part;
      if (part.exact && times->most == 1 && part.strings.size() < kMaxStrings) {
        unite(optional.strings, {""});
      } else {
        optional = Part::unknown();
      }
      optional.assertion = part.assertion;
      return parts.append(optional);
    }
    if (times->most == times->least && times->least <= 8) {
      for (int i = 0; i < times->least; ++i) parts.append(part);
      return;
    }
    for (int i = 1; i < std::min(times->least, 8); ++i) parts.append(part);
    parts.append_repeated(part);
  }

  Part group(int depth) {
    if (take("?")) {
      if (take("P<") || take("<")) {
        const std::size_t close = text_.find('>', at_);
        if (close == std::string_view::npos) return fail();
        at_ = close + 1;
      } else {
        while (more() && peek() != ':' && peek() != ')') {
          if (std::string_view("imsU-").find(peek()) == std::string_view::npos) return fail();
          ++at_;
        }
        if (take(")")) return Part();  // flags for what follows
        if (!take(":")) return fail();
      }
    }
    Part part = united(alternatives(depth + 1));
    if (!take(")")) return fail();
    return part;
  }

  Part escape() {
    if (!more()) return fail();
    const char c = text_[at_++];
    switch (c) {
      case 's':
        return Part::of(" ");
      case 'b':
      case 'B':
      case 'A':
      case 'z':
        return Part::zero_width();
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 'S':
      case 'C':
      case 't':
      case 'n':
      case 'r':
      case 'f':
      case 'v':
      case 'a':
        return Part::unknown();
      case 'p':
      case 'P':
        if (take("{")) {
          const std::size_t close = text_.find('}', at_);
          if (close == std::string_view::npos) return fail();
          at_ = close + 1;
        } else {
          ++at_;
        }
        return at_ > text_.size() ? fail() : Part::unknown();
      case 'Q': {
        const std::size_t end = std::min(text_.find("\\E", at_), text_.size());
        std::string quoted(text_.substr(at_, end - at_));
        std::transform(quoted.begin(), quoted.end(), quoted.begin(), folded);
        at_ = std::min(end + 2, text_.size());
        // A quantifier would mean the last character only.
        return count() || quoted.size() > kMaxLength ? fail() : Part::of(std::move(quoted));
      }
      default:
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return fail();
        return Part::of(std::string(1, c));
    }
  }

  // One member of a class into `set`; false for what is more than one character.
  bool class_member(std::bitset<256>& set, unsigned char& member) {
    if (take("\\")) {
      if (!more()) return false;
      const char c = text_[at_++];
      if (c == 's') {
        set.set(' ');
        member = ' ';
        return true;
      }
      if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return false;
      member = static_cast<unsigned char>(c);
    } else {
      if (text_.substr(at_, 2) == "[:") return false;
      member = static_cast<unsigned char>(folded(text_[at_++]));
    }
    set.set(member);
    return true;
  }

  Part char_class() {
    bool large = take("^");
    std::bitset<256> set;
    bool first = true;
    while (more() && (first || peek() != ']')) {
      first = false;
      unsigned char low = 0, high = 0;
      if (!class_member(set, low)) {
        large = true;
        if (text_.substr(at_, 2) == "[:") {
          const std::size_t close = text_.find(":]", at_);
          if (close == std::string_view::npos) return fail();
          at_ = close + 2;
        }
        continue;
      }
      if (peek() != '-' || at_ + 1 >= text_.size() || text_[at_ + 1] == ']') continue;
      ++at_;
      if (!class_member(set, high)) {
        large = true;
        continue;
      }
      for (int c = low; c <= high; ++c) set.set(static_cast<unsigned char>(folded(static_cast<char>(c))));
    }
    if (!take("]")) return fail();
    // Above 0x7f RE2 folds the case of Latin-1 letters, and here nothing does.
    if (large || (set >> 0x80).any() || set.none() || set.count() > 4) return Part::unknown();
    Part part;
    part.strings.clear();
    for (std::size_t c = 0; c < 256; ++c) {
      if (set.test(c)) part.strings.emplace_back(1, static_cast<char>(c));
    }
    return part;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

RequiredLiterals required_literals(std::string_view pattern) {
  return Walker(pattern).run();
}

}  // namespace dsnwatch::core
