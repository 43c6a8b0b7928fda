#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/same_bytes.h"
#include "ingest/envelope/json_scanner.h"

namespace dsnwatch::ingest {

/// What the last records of a source had in common, byte for byte, and which values between that varied. Most shippers
/// write the same keys in the same order, and much about themselves that never changes: however many members that is,
/// it takes one comparison here. A hint only: a record that matches is one of which a scanner reads the same values in
/// the same places; of any other nothing is said.
class RecordLayout {
 public:
  static constexpr std::size_t kMostValues = 15;

  /// The values that varied, from 1 on; values[0] is empty and stands where the record begins.
  using Values = std::array<JsonValue, kMostValues + 1>;

  /// A value of a record: one of those that vary, or bytes that are always the same, so far behind a value's end.
  struct Place {
    JsonKind kind = JsonKind::kNone;  ///< kNone: there is no such value.
    bool varies = false;
    bool escaped = false;  ///< Of one that does not vary.
    std::uint8_t value = 0;
    std::uint16_t offset = 0, size = 0;

    JsonValue in(const Values& values) const {
      const JsonValue& base = values[value];
      if (varies) return base;
      return {kind, escaped, {base.text.data() + base.text.size() + offset, size}};
    }
  };

  /// A value of a record, or of an object within it.
  struct Leaf {
    JsonKind kind = JsonKind::kNone;
    bool varies = false;
    std::uint16_t begin = 0, size = 0;  ///< Of a string what is between its quotes.
  };

  /// The values of a record that was readable; empty if it is nothing to learn from.
  static std::vector<Leaf> split(std::string_view record);

  /// The bytes between the values of `record`, which are these, are those of the one that was learnt last.
  bool resembles(std::string_view record, const std::vector<Leaf>& leaves) const;

  /// Takes up what `record` has in common with those before it that it resembles; forgets any others. False if that is
  /// nothing to go by.
  bool learn(std::string_view record, std::vector<Leaf> leaves);

  /// Behind the record at `begin`, which is a line of its own, if it is laid out so; else nullptr.
  const char* match(const char* begin, const char* end, Values& values) const;

  /// What was learnt last.
  std::string_view sample() const { return {bytes_.data(), bytes_.size() - std::min(bytes_.size(), core::kPadding)}; }

  /// Where a value is that a scanner reads in sample(); of kind kNone if it holds values that vary.
  Place place_of(const JsonValue& value) const;

 private:
  /// Bytes of the sample that are always the same, and the kind of the value that follows; kNone behind the last one.
  struct Piece {
    std::uint16_t begin = 0, size = 0;
    JsonKind kind = JsonKind::kNone;
  };

  static constexpr std::size_t kLongest = 2048, kMostLeaves = 96;
  static constexpr int kDeepest = 8;

  static bool split_object(JsonScanner& scanner, const char* begin, int depth, std::vector<Leaf>& leaves);
  bool lay_out();

  std::string bytes_;          // The sample, and kPadding bytes that may be read.
  std::vector<Leaf> leaves_;   // Of the sample: all values, those of objects within included.
  std::vector<Piece> pieces_;  // One more than values that vary.
};

}  // namespace dsnwatch::ingest
