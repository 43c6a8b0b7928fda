#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::core {

/// Texts of which every match of a pattern contains at least one.
using LiteralChoice = std::vector<std::string>;

/// What can be said about a pattern's matches without running it, in lower case.
struct RequiredLiterals {
  /// Every match contains one text of EACH choice; empty if no text is required.
  std::vector<LiteralChoice> choices;
  /// The pattern says nothing else: where a text of the only choice stands, it matches, and nowhere else.
  bool whole = false;
};

/// Derives them from the syntax of RE2. Assumes what normalised replies guarantee: lower case, no white space but
/// single blanks. Syntax that it does not know yields no choices, never wrong ones. Cost: linear in the pattern,
/// times 16.
RequiredLiterals required_literals(std::string_view pattern);

}  // namespace dsnwatch::core
