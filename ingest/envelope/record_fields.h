#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "ingest/envelope/json_scanner.h"
#include "ingest/envelope/record_keys.h"
#include "ingest/envelope/record_members.h"

namespace dsnwatch::ingest {

/// The values of the known keys of one record, views into its bytes. Of a key that stands twice the first counts.
class RecordFields {
 public:
  explicit RecordFields(const RecordKeys& keys) : keys_(&keys), members_(keys) {}

  void clear() {
    present_ = {};
    objects_ = 0;
    other_keys_ = false;
  }

  /// Takes up the members of the object that the scanner stands at, those of objects within only with look_inside().
  /// False if it is no JSON.
  bool read_object(JsonScanner& scanner);

  /// Takes up the members of known objects within the record ("host": {"name": …}). False if they are no JSON.
  bool look_inside();

  /// OTLP's list of {"key": …, "value": …}, where values are {"stringValue": …} and the like.
  bool read_key_values(JsonScanner& scanner);

  /// OTLP's {"stringValue": …}: the value within. A kvlistValue's members are taken up as the record's own, and the
  /// value is of kind kNone.
  bool read_any_value(JsonScanner& scanner, JsonValue& value);

  bool has(Slot slot) const { return (present_[word(slot)] >> bit(slot) & 1) != 0; }
  const JsonValue& get(Slot slot) const { return values_[static_cast<std::size_t>(slot)]; }
  void set(Slot slot, const JsonValue& value);

  /// The first slot in [first, end) that has a value, or `end`. All lie among the first 64.
  Slot first_of(Slot first, Slot end) const {
    const std::uint64_t left = present_[0] >> bit(first) << bit(first);
    const auto found = static_cast<Slot>(std::countr_zero(left));
    return left != 0 && found < end ? found : end;
  }

  /// How many known keys have values.
  int count() const { return std::popcount(present_[0]) + std::popcount(present_[1]); }

  /// Values that `other` has and this record does not.
  void inherit(const RecordFields& other);

  /// There are members that say nothing here.
  bool has_other_keys() const { return other_keys_; }

 private:
  static constexpr int kDeepest = 8;

  static constexpr std::size_t word(Slot slot) { return static_cast<std::size_t>(slot) / 64; }
  static constexpr unsigned bit(Slot slot) { return static_cast<unsigned>(slot) % 64; }

  bool read_inner_object(JsonScanner& scanner, const RecordKeys::Entry& known, std::size_t path);
  bool read_member(JsonScanner& scanner, std::string_view key, std::size_t prefix);
  std::size_t make_path(std::string_view key, std::size_t prefix);

  const RecordKeys* keys_;
  std::array<std::uint64_t, 2> present_{};
  std::array<JsonValue, kSlots> values_;
  bool other_keys_ = false;
  struct Object {
    const RecordKeys::Entry* known = nullptr;
    std::string_view text;
  };
  std::array<Object, 8> inside_;  // [0, objects_): not looked into yet.
  std::size_t objects_ = 0;
  int depth_ = 0;
  RecordMembers members_;
  std::array<char, 64> path_{};  // Of the objects that are being read: "log.syslog."
};

}  // namespace dsnwatch::ingest
