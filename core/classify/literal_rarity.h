#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/required_literals.h"

namespace dsnwatch::core {

/// Guesses how rare a text is in replies, from sample replies (the examples of the rules): in how many of them its
/// rarest four bytes stand (or all of it, where it is shorter). A guard that seldom fires spares confirmations.
class LiteralRarity {
 public:
  void add_sample(std::string_view folded);

  /// The choices of a pattern, that first whose texts are seen least (and of equal ones the longest).
  std::vector<const LiteralChoice*> rarest_first(const std::vector<LiteralChoice>& choices) const;

  /// Whether asking for a text of the choice keeps out a good part of the replies.
  bool rules_out(const LiteralChoice& choice) const;

  /// The rarest piece of `text` of at most `length` bytes.
  std::string_view rarest_piece(std::string_view text, std::size_t length) const;

 private:
  static constexpr std::size_t kGram = 4;
  static std::size_t slot(const char* gram, std::size_t length);
  std::uint32_t samples_with(std::string_view text) const;
  std::uint32_t samples_with_any(const LiteralChoice& choice) const;

  std::array<std::uint16_t, 1U << 16> counts_{};
  std::vector<std::uint32_t> last_sample_ = std::vector<std::uint32_t>(1U << 16);
  std::uint32_t sample_ = 0;
};

}  // namespace dsnwatch::core
