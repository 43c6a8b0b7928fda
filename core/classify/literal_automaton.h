#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::core {

/// Finds all of many literals in one pass over a text: an Aho-Corasick automaton with every transition worked out, so
/// that each byte costs one look-up whatever the text. Immutable; any thread.
class LiteralAutomaton {
 public:
  LiteralAutomaton() = default;
  /// None of the literals may be empty; equal ones are found as many times as they stand in the list.
  explicit LiteralAutomaton(std::span<const std::string> literals);

  /// Calls found(literal, end) for every occurrence: its index in the list and the place behind its last byte.
  template <class Found>
  void scan(std::string_view text, Found found) const {
    if (next_.empty()) return;
    const std::uint32_t* const next = next_.data();
    std::uint32_t state = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      state = next[state + column_[static_cast<unsigned char>(text[at])]];
      if (state < first_output_) continue;
      const std::uint32_t output = (state - first_output_) / width_;
      for (std::uint32_t i = output_begin_[output]; i < output_begin_[output + 1]; ++i) found(outputs_[i], at + 1);
    }
  }

  std::size_t table_bytes() const;

 private:
  std::array<std::uint8_t, 256> column_{};  // byte → column of its row
  std::uint32_t width_ = 0;                 // columns of a row
  // A state is the place of its row in next_. Those where a literal ends come last, so that one comparison finds them.
  std::vector<std::uint32_t> next_;
  std::uint32_t first_output_ = 0;
  std::vector<std::uint32_t> output_begin_, outputs_;
};

}  // namespace dsnwatch::core
