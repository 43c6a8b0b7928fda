#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/series/families.h"
#include "core/series/owners.h"

namespace dsnwatch::core {

/// The records that the ledger keeps of the series. Keys begin with their kind and sort by number within it:
///   F family         → the names of its labels; others than today's end its series
///   O label value    → weight, when it was last seen, whether it is leaving
///   S slot           → family and label values, written once at birth
///   T block          → 64 totals and the bits of ended holds (SeriesTable::block)
enum class StoredKind : char { kFamily = 'F', kOwner = 'O', kSeries = 'S', kTotals = 'T' };

struct StoredKey {
  StoredKind kind = StoredKind::kFamily;
  std::uint32_t number = 0;  ///< Family, label, slot or block.
  std::string_view text;     ///< Of an owner: its value.
};

std::string family_record_key(Family family);
std::string owner_record_key(BoundedLabel label, std::string_view value);
std::string series_record_key(std::uint32_t slot);
std::string totals_record_key(std::uint32_t block);
std::optional<StoredKey> parse_record_key(std::string_view key);

/// An owner as its record states it: times are wall-clock, so that they outlive the process.
struct StoredOwner {
  double weight = 0;
  std::int64_t last_seen_ms = 0;  ///< Since the Unix epoch.
  bool leaving = false;
};
std::string owner_record_value(const StoredOwner& owner);
std::optional<StoredOwner> parse_owner_record(std::string_view value);

}  // namespace dsnwatch::core
