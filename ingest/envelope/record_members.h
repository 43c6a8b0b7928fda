#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/envelope/json_scanner.h"
#include "ingest/envelope/record_keys.h"

namespace dsnwatch::ingest {

/// A member whose value is an object or an array, as it stood in an earlier record. Shippers write much about
/// themselves that is the same in record after record: where the same bytes stand again, they need not be walked. Those
/// that differ are left alone, for longer and longer.
class RememberedMember {
 public:
  /// True if the same bytes stand here again, which are taken then.
  bool recognise(JsonScanner& scanner, JsonValue& value) {
    if (bytes_.empty()) return false;
    const char* begin = scanner.place();
    if (!scanner.take_same(bytes_)) return false;
    value = {kind_, /*escaped=*/false, {begin + value_at_, bytes_.size() - value_at_}};
    misses_ = 0;
    return true;
  }

  /// What has been read instead, from its key on.
  void learn(const char* begin, const JsonValue& value) {
    if (!bytes_.empty()) {
      bytes_.clear();
      pause_ = misses_;
      misses_ = std::min(misses_ * 2 + 1, kLongestPause);
    } else if (pause_ > 0) {
      --pause_;
    } else if (value.kind == JsonKind::kObject || value.kind == JsonKind::kArray) {
      const char* end = value.text.data() + value.text.size();
      if (end - begin > kLongest) return;
      bytes_.assign(begin, end);
      value_at_ = static_cast<std::size_t>(value.text.data() - begin);
      kind_ = value.kind;
    }
  }

 private:
  static constexpr std::ptrdiff_t kLongest = 2048;
  static constexpr unsigned kLongestPause = 255;

  std::string bytes_;
  std::size_t value_at_ = 0;
  JsonKind kind_ = JsonKind::kNone;
  unsigned misses_ = 0;
  unsigned pause_ = 0;  // Records that are not learnt from.
};

/// The members of the records of one source by their keys, as they stood last, so that a key is recognised by its bytes
/// and mostly is the one that came behind the same member before: most writers put the same keys in the same order, or
/// begin anywhere in it. A hint only: all bytes are compared.
class RecordMembers {
 public:
  explicit RecordMembers(const RecordKeys& keys) : keys_(&keys) {}

  static constexpr std::size_t kLongestHead = 32;
  struct Member {
    std::array<char, kLongestHead> head{};  ///< From the key to its value: `"host":"`.
    std::uint8_t size = 0;                  ///< Of it; 0: longer, or none.
    bool string = false;                    ///< The value's opening quote is among it; never of a longer head.
    std::uint8_t next = 0;
    Slot slot = Slot::kNone;
    const RecordKeys::Entry* known = nullptr;
    RememberedMember whole;
  };

  /// Takes the member that stands behind `last` (nullptr: the first). nullptr if that is no JSON.
  [[gnu::always_inline]] Member* take(JsonScanner& scanner, Member* last, JsonValue& value) {
    std::uint8_t& next = last == nullptr ? first_ : last->next;
    Member& expected = members_[next];
    if (expected.string && scanner.take_bytes(expected.head.data(), expected.size))
      return scanner.read_string_rest(value) ? &expected : nullptr;
    JsonScanner elsewhere = scanner;  // The scanner itself stays in registers.
    JsonValue other;
    Member* member = &expected;
    if (expected.string || !expected.whole.recognise(elsewhere, other)) member = take_other(elsewhere, next, other);
    scanner = elsewhere;
    value = other;
    return member;
  }

 private:
  std::uint8_t place_of(std::string_view key, const char* head, std::size_t size) const;
  Member* take_other(JsonScanner& scanner, std::uint8_t& next, JsonValue& value);
  Member* read_key(JsonScanner& scanner, std::uint8_t& next);

  const RecordKeys* keys_;
  std::uint8_t first_ = 0;
  std::array<Member, 32> members_;  // By a hash of the key: where too many meet the last one stands.
};

}  // namespace dsnwatch::ingest
