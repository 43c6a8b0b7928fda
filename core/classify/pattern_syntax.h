#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::core {

using ByteSet = std::bitset<256>;

/// A place in the text that consumes nothing.
enum class Assertion : std::uint8_t { kTextBegin, kTextEnd, kWordBoundary, kNoWordBoundary };

/// A pattern's syntax tree, of the part of RE2's syntax that PatternProgram runs.
struct PatternNode {
  enum class Kind : std::uint8_t { kText, kSet, kSequence, kAlternatives, kRepeat, kGroup, kAssertion };
  static constexpr int kUnbounded = -1;

  Kind kind = Kind::kSequence;
  std::string text;                ///< kText; ASCII in lower case.
  ByteSet set;                     ///< kSet
  std::vector<PatternNode> parts;  ///< What it is made of; one for kRepeat and kGroup (the one that captures).
  int min = 0, max = kUnbounded;   ///< kRepeat
  bool greedy = true;              ///< kRepeat
  Assertion assertion = Assertion::kTextBegin;
};

/// Parses a pattern as RE2 does with case folding and one byte a character, for texts in lower case. Nothing for what
/// is no pattern, or syntax beyond that: flags (but for `(?i)`), Unicode classes, back references.
std::optional<PatternNode> parse_pattern(std::string_view pattern);

/// A tree, or a part of one that keeps all of it.
using SharedPattern = std::shared_ptr<const PatternNode>;
/// As parse_pattern(); null where that has nothing.
SharedPattern parse_shared_pattern(std::string_view pattern);

/// How many groups of a pattern capture.
int capturing_groups(const PatternNode& pattern);

}  // namespace dsnwatch::core
