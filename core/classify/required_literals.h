#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::core {

/// Texts of which every match of a pattern contains at least one.
using LiteralChoice = std::vector<std::string>;

/// One way to match: a match of this kind contains a text of EACH choice.
using LiteralChoices = std::vector<LiteralChoice>;

/// What can be said about a pattern's matches without running it, in lower case.
struct RequiredLiterals {
  /// Every match is of one of these kinds, the alternatives of the pattern; empty if some match requires no text.
  std::vector<LiteralChoices> ways;
  /// By way: the alternatives of the pattern that it stands for, as a pattern of their own.
  std::vector<std::string> patterns;
  /// The pattern says nothing else: where a text of the only choice stands, it matches, and nowhere else.
  bool whole = false;
};

/// Derives them from the syntax of RE2. Assumes what normalised replies guarantee: lower case, no white space but
/// single blanks. Syntax that it does not know yields nothing, never what is wrong. Cost: linear in the pattern,
/// times 16.
RequiredLiterals required_literals(std::string_view pattern);

}  // namespace dsnwatch::core
