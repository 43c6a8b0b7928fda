#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "core/attempt.h"
#include "core/enhanced_status.h"
#include "core/series/flat_index.h"
#include "core/series/seeded_hash.h"

namespace dsnwatch::core {

/// Ids of bounded label values that own no place in the table of owners; the rest follow from kFirstValue.
inline constexpr std::uint32_t kOtherValue = 0;    ///< "other": no room, or not usable as a label value.
inline constexpr std::uint32_t kUnknownValue = 1;  ///< "unknown": no line said.
inline constexpr std::uint32_t kNullSender = 2;    ///< "<>"
inline constexpr std::uint32_t kFirstValue = 3;

/// The labels of one series as numbers; a family uses the fields of its labels, the others are 0. `value` is the id of
/// the family's one bounded label value: the tally's own numbering before the merge, the store's behind it.
struct SeriesKey {
  static constexpr std::uint8_t kOther = 0xff;                 ///< Of cause, mta: "other".
  static constexpr std::uint32_t kOtherPermanent = 5'999'999;  ///< "5.other"
  static constexpr std::uint32_t kOtherTransient = 4'999'999;  ///< "4.other"
  static constexpr std::uint32_t kOtherStatus = 0xffffffff;    ///< "other"

  std::uint32_t value = 0;
  std::uint32_t status = 0;    ///< EnhancedStatus::packed(), or one of the others above.
  std::uint16_t provider = 0;  ///< ProviderId; of kBlocklistRejections the BlocklistId.
  std::uint8_t cause = 0;
  std::uint8_t result = 0;
  std::uint32_t mta = 0;

  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;

  std::uint64_t hash() const {
    static_assert(sizeof(SeriesKey) == 16);
    std::uint64_t words[2];
    std::memcpy(words, this, sizeof words);
    return seeded_hash(words[0], words[1]);
  }
};

/// Counters by key, dense in the order of their first use. Allocates only while it grows.
class KeyCounts {
 public:
  struct Entry {
    SeriesKey key;
    std::uint64_t count;
  };

  void add(const SeriesKey& key, std::uint64_t count) { entries_[position(key)].count += count; }

  /// The place of a key in entries(); made with count 0 if it is new.
  std::uint32_t position(const SeriesKey& key) {
    const std::uint64_t hash = key.hash();
    const std::uint32_t found = index_.find(hash, [&](std::uint32_t at) { return entries_[at].key == key; });
    if (found != FlatIndex::kNone) return found;
    const auto made = static_cast<std::uint32_t>(entries_.size());
    index_.insert(hash, made);
    entries_.push_back({key, 0});
    return made;
  }

  const std::vector<Entry>& entries() const { return entries_; }

  void clear() {
    entries_.clear();
    index_.clear();
  }

 private:
  std::vector<Entry> entries_;
  FlatIndex index_;
};

}  // namespace dsnwatch::core
