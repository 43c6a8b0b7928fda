#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "core/classify/pattern_syntax.h"

namespace dsnwatch::core {

/// How many bytes stand somewhere: from `least` to `most`.
struct Width {
  static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();
  std::size_t least = 0, most = 0;
};

/// Texts of which every match of a pattern contains at least one.
struct LiteralChoice {
  std::vector<std::string> texts;
  Width before;  ///< From the begin of the match to the text.

  std::size_t shortest() const;
};

/// One way to match.
struct LiteralWay {
  std::vector<LiteralChoice> choices;  ///< A match of this kind contains a text of EACH choice.
  SharedPattern pattern;               ///< The whole pattern, or the alternative of it that the way stands for.
  /// Where the way stands for several alternatives, but not for all: these, which are parts of `pattern`.
  std::vector<const PatternNode*> branches;
  std::size_t longest = 0;  ///< No match of this kind is longer (bytes).
};

/// What can be said about a pattern's matches without running it, in lower case.
struct RequiredLiterals {
  /// Every match is of one of these kinds, the alternatives of the pattern; empty if some match requires no text.
  std::vector<LiteralWay> ways;
  /// The pattern says nothing else: where a text of the only choice stands, it matches, and nowhere else.
  bool whole = false;
};

/// Derives them from a pattern's syntax tree. Assumes what normalised replies guarantee: lower case, no control
/// characters, no blanks side by side.
RequiredLiterals required_literals(const SharedPattern& pattern);

}  // namespace dsnwatch::core
