#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/series/birth_holds.h"
#include "core/series/label_scheme.h"
#include "core/series/owners.h"
#include "core/series/series_store.h"
#include "core/series/series_table.h"

namespace dsnwatch::core {

/// The parts of the store, and what goes between them. series_store.cc counts, stored_books.cc writes and reads
/// records.
struct SeriesStore::Impl {
  Impl(const SeriesSettings& settings, std::shared_ptr<const Providers> providers, const Clock& store_clock);

  Owners& owners_of(BoundedLabel label) { return owners[static_cast<std::size_t>(label)]; }
  const Owners& owners_of(BoundedLabel label) const { return owners[static_cast<std::size_t>(label)]; }
  std::string_view value_text(Family family, std::uint32_t value) const;

  // Counting (series_store.cc).
  std::uint32_t slot_for(Family family, const SeriesKey& key);
  std::uint32_t born(Family family, const SeriesKey& key);
  bool has_room(Family family, const SeriesKey& key) const;
  std::size_t reserved_for_all_other(Family family) const;
  void retire_due(BoundedLabel label, MonotonicMs now);
  void retire_surplus_series(MonotonicMs now);

  // Records (stored_books.cc).
  std::vector<StoredRecord> changes() const;
  StoredRecord owner_record(BoundedLabel label, const std::string& value) const;
  StoredRecord series_record(std::uint32_t slot) const;
  Result<void> restore(const std::vector<StoredRecord>& records);
  void restore_owner(BoundedLabel label, std::string_view value, std::string_view record, MonotonicMs now);
  bool restore_series(std::uint32_t slot, std::string_view record);
  void choose_surplus_series(MonotonicMs now);
  void collect_touched();

  const Clock& clock;
  std::size_t cap;
  LabelScheme scheme;
  std::vector<Owners> owners;  ///< By BoundedLabel.
  SeriesTable table;
  BirthHolds holds;
  /// Live series of a family that stand in for all others.
  std::array<std::size_t, kFamilyCount> all_other_series{};

  /// Series over a lowered cap, and when they go.
  std::vector<std::uint32_t> surplus;
  MonotonicMs surplus_goes_at = 0;

  // Records to write or erase besides the table's own; ordered, so that a checkpoint touches each page once.
  std::array<std::string, kFamilyCount> kept_signatures;
  std::set<Family> changed_families;
  std::set<std::uint32_t> dropped_series;  ///< Of the ledger, not taken over at restore.
  std::array<std::set<std::string>, kBoundedLabelCount> changed_owners;
};

}  // namespace dsnwatch::core
