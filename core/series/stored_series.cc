#include "core/series/stored_series.h"

#include <bit>
#include <cmath>

#include "core/series/byte_order.h"
#include "core/series/series_table.h"

namespace dsnwatch::core {
namespace {

std::string short_key(StoredKind kind, std::uint32_t number) {
  return {static_cast<char>(kind), static_cast<char>(number)};
}

std::string long_key(StoredKind kind, std::uint32_t number) {
  std::string key(1, static_cast<char>(kind));
  append_big(key, number);
  return key;
}

}  // namespace

std::string family_record_key(Family family) {
  return short_key(StoredKind::kFamily, static_cast<std::uint32_t>(family));
}

std::string owner_record_key(BoundedLabel label, std::string_view value) {
  return short_key(StoredKind::kOwner, static_cast<std::uint32_t>(label)).append(value);
}

std::string series_record_key(std::uint32_t slot) {
  return long_key(StoredKind::kSeries, slot);
}

std::string totals_record_key(std::uint32_t block) {
  return long_key(StoredKind::kTotals, block);
}

std::optional<StoredKey> parse_record_key(std::string_view key) {
  if (key.size() < 2) return std::nullopt;
  const auto kind = static_cast<StoredKind>(key.front());
  const std::string_view rest = key.substr(1);
  const std::uint32_t byte = static_cast<unsigned char>(rest.front());
  switch (kind) {
    case StoredKind::kFamily:
      if (rest.size() != 1) return std::nullopt;
      return StoredKey{kind, byte, {}};
    case StoredKind::kOwner:
      if (byte >= kBoundedLabelCount || rest.size() < 2) return std::nullopt;
      return StoredKey{kind, byte, rest.substr(1)};
    case StoredKind::kSeries:
    case StoredKind::kTotals:
      if (rest.size() != 4 || read_big(rest) >= SeriesTable::kMaxSlots) return std::nullopt;
      return StoredKey{kind, read_big(rest), {}};
  }
  return std::nullopt;
}

std::string owner_record_value(const StoredOwner& owner) {
  std::string value(1, owner.leaving ? '\1' : '\0');
  append_little(value, static_cast<std::uint64_t>(owner.last_seen_ms));
  append_little(value, std::bit_cast<std::uint64_t>(owner.weight));
  return value;
}

std::optional<StoredOwner> parse_owner_record(std::string_view value) {
  if (value.size() != 17) return std::nullopt;
  StoredOwner owner;
  owner.leaving = value.front() != '\0';
  owner.last_seen_ms = static_cast<std::int64_t>(read_little<std::uint64_t>(value.substr(1)));
  owner.weight = std::bit_cast<double>(read_little<std::uint64_t>(value.substr(9)));
  if (!std::isfinite(owner.weight) || owner.weight < 0) return std::nullopt;
  return owner;
}

}  // namespace dsnwatch::core
