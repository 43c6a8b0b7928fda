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
  /// None of the literals may be empty; equal ones are found as many times as they stand in the list. `samples` are
  /// texts of the kind that will be scanned: the states that they meet will lie side by side.
  LiteralAutomaton(std::span<const std::string> literals, std::span<const std::string> samples);

  /// Calls found(literal, end) for every occurrence: its index in the list and the place behind its last byte.
  template <class Found>
  void scan(std::string_view text, Found found) const {
    if (!narrow_.usual.empty()) {
      scan_table(narrow_, text, found);
    } else if (!wide_.usual.empty()) {
      scan_table(wide_, text, found);
    }
  }

  std::size_t table_bytes() const;

 private:
  // Of a row, these columns lie in the table (128 bytes with 16 bits a state), the others, of bytes that are rare in a
  // sentence, in a table of their own.
  static constexpr unsigned kUsualShift = 6;
  static constexpr std::size_t kUsualColumns = std::size_t{1} << kUsualShift;

  template <class State>
  struct Table {
    std::vector<State> usual, rare;
  };

  template <class State, class Found>
  void scan_table(const Table<State>& table, std::string_view text, Found& found) const {
    const State* const usual = table.usual.data();
    const std::uint8_t* const columns = column_.data();
    const std::size_t first_output = first_output_;
    std::size_t state = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::size_t column = columns[static_cast<unsigned char>(text[at])];
      if (column < kUsualColumns) [[likely]] {
        state = usual[(state << kUsualShift) + column];
      } else {
        state = table.rare[state * rare_columns_ + column - kUsualColumns];
      }
      if (state < first_output) continue;
      const std::size_t output = state - first_output;
      for (std::uint32_t i = output_begin_[output]; i < output_begin_[output + 1]; ++i) found(outputs_[i], at + 1);
    }
  }

  std::array<std::uint8_t, 256> column_{};  // byte → column
  std::size_t rare_columns_ = 0;
  // Rows by state, in half the memory where the states are few. The states where a literal ends come last, so that one
  // comparison finds them; within both parts those come first that texts meet most.
  Table<std::uint16_t> narrow_;
  Table<std::uint32_t> wide_;
  std::size_t first_output_ = 0;
  std::vector<std::uint32_t> output_begin_, outputs_;
};

}  // namespace dsnwatch::core
