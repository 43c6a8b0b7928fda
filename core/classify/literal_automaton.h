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
    if (!narrow_.empty()) {
      scan_table(narrow_.data(), text, found);
    } else if (!wide_.empty()) {
      scan_table(wide_.data(), text, found);
    }
  }

  std::size_t table_bytes() const;

 private:
  template <class State, class Found>
  void scan_table(const State* next, std::string_view text, Found& found) const {
    std::size_t state = 0;
    const unsigned shift = shift_;
    for (std::size_t at = 0; at < text.size(); ++at) {
      state = next[(state << shift) + column_[static_cast<unsigned char>(text[at])]];
      if (state < first_output_) continue;
      const std::size_t output = state - first_output_;
      for (std::uint32_t i = output_begin_[output]; i < output_begin_[output + 1]; ++i) found(outputs_[i], at + 1);
    }
  }

  std::array<std::uint8_t, 256> column_{};  // byte → column of its row
  unsigned shift_ = 0;                      // a row has 1 << shift_ columns
  // Rows by state, in half the memory where the states are few. The states where a literal ends come last, so that one
  // comparison finds them; within both parts the states near the root, which nearly all bytes meet, lie side by side.
  std::vector<std::uint16_t> narrow_;
  std::vector<std::uint32_t> wide_;
  std::size_t first_output_ = 0;
  std::vector<std::uint32_t> output_begin_, outputs_;
};

}  // namespace dsnwatch::core
