#include <algorithm>
#include <utility>

#include "core/series/series_books.h"
#include "core/series/stored_series.h"

namespace dsnwatch::core {
namespace {

MonotonicMs unix_ms(const Clock& clock) {
  return clock.unix_us() / 1000;
}

}  // namespace

void SeriesStore::Impl::collect_touched() {
  for (std::size_t label = 0; label < kBoundedLabelCount; ++label) {
    for (std::string& value : owners[label].take_touched()) changed_owners[label].insert(std::move(value));
  }
}

StoredRecord SeriesStore::Impl::owner_record(BoundedLabel label, const std::string& value) const {
  const auto kept = owners_of(label).kept(value);
  if (!kept) return {owner_record_key(label, value), {}, true};
  const MonotonicMs ago = clock.monotonic_ms() - kept->last_seen;
  return {owner_record_key(label, value), owner_record_value({kept->weight, unix_ms(clock) - ago, kept->leaving}),
          false};
}

StoredRecord SeriesStore::Impl::series_record(std::uint32_t slot) const {
  if (!table.exists(slot)) return {series_record_key(slot), {}, true};
  const SeriesTable::Series& series = table.at(slot);
  std::string value(1, static_cast<char>(series.family));
  value += scheme.values(series.family, series.key, value_text(series.family, series.key.value));
  return {series_record_key(slot), std::move(value), false};
}

std::vector<StoredRecord> SeriesStore::Impl::changes() const {
  std::vector<StoredRecord> records;
  for (const Family family : changed_families) {
    records.push_back({family_record_key(family), kept_signatures[static_cast<std::size_t>(family)], false});
  }
  for (std::size_t label = 0; label < kBoundedLabelCount; ++label) {
    for (const std::string& value : changed_owners[label]) {
      records.push_back(owner_record(static_cast<BoundedLabel>(label), value));
    }
  }
  for (const std::uint32_t slot : dropped_series) records.push_back(series_record(slot));
  std::vector<std::uint32_t> numbers = table.changed_series();
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint32_t slot : numbers) {
    if (!dropped_series.contains(slot)) records.push_back(series_record(slot));
  }
  numbers = table.changed_blocks();
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint32_t number : numbers) records.push_back({totals_record_key(number), table.block(number), false});
  return records;
}

void SeriesStore::Impl::restore_owner(BoundedLabel label, std::string_view value, std::string_view record,
                                      MonotonicMs now) {
  const auto owner = parse_owner_record(record);
  if (!owner) {
    changed_owners[static_cast<std::size_t>(label)].emplace(value);  // Not taken over: erased.
    return;
  }
  // A wall clock that was set back must not make an owner younger than now.
  const MonotonicMs ago = std::clamp<MonotonicMs>(unix_ms(clock) - owner->last_seen_ms, 0, Owners::kIdle);
  owners_of(label).restore(value, {owner->weight, now - ago, owner->leaving}, now);
}

bool SeriesStore::Impl::restore_series(std::uint32_t slot, std::string_view record) {
  const auto number = record.empty() ? kFamilyCount : static_cast<int>(static_cast<unsigned char>(record.front()));
  if (number >= kFamilyCount) return false;
  const auto family = static_cast<Family>(number);
  if (kept_signatures[static_cast<std::size_t>(family)] != scheme.signature(family)) return false;
  auto parsed = scheme.parse(family, record.substr(1));
  if (!parsed) return false;
  if (const auto label = scheme.bounded(family)) {
    const auto id = owners_of(*label).find(parsed->value);
    if (!id) return false;
    parsed->key.value = *id;
  }
  if (!table.restore(slot, family, parsed->key, scheme.block(family, parsed->key, parsed->value))) return false;
  if (parsed->key == scheme.all_other(family, parsed->key)) ++all_other_series[static_cast<std::size_t>(family)];
  return true;
}

void SeriesStore::Impl::choose_surplus_series(MonotonicMs now) {
  for (int number = 0; number < kFamilyCount; ++number) {
    const auto family = static_cast<Family>(number);
    const std::vector<std::uint32_t>& slots = table.slots(family);
    // The youngest go; what stands in for everything stays.
    std::size_t live = slots.size() - all_other_series[static_cast<std::size_t>(family)];
    const std::size_t allowed = cap - std::min(cap, reserved_for_all_other(family));
    for (auto slot = slots.rbegin(); slot != slots.rend() && live > allowed; ++slot) {
      const SeriesKey& key = table.at(*slot).key;
      if (key == scheme.all_other(family, key)) continue;
      table.mark_surplus(*slot);
      surplus.push_back(*slot);
      --live;
    }
  }
  surplus_goes_at = now + Owners::kLastValueStands;
}

Result<void> SeriesStore::Impl::restore(const std::vector<StoredRecord>& records) {
  const MonotonicMs now = clock.monotonic_ms();
  std::vector<std::pair<StoredKey, std::string_view>> series, totals;
  for (const StoredRecord& record : records) {
    const auto key = parse_record_key(record.key);
    if (!key) {
      return fail(
          "the ledger holds a record of the series that this version does not know; it is damaged or was "
          "written by a newer version: run that one, or move the state directory away to begin anew");
    }
    if (key->kind == StoredKind::kFamily && key->number < kFamilyCount) kept_signatures[key->number] = record.value;
    if (key->kind == StoredKind::kOwner) {
      restore_owner(static_cast<BoundedLabel>(key->number), key->text, record.value, now);
    }
    if (key->kind == StoredKind::kSeries) series.emplace_back(*key, record.value);
    if (key->kind == StoredKind::kTotals) totals.emplace_back(*key, record.value);
  }
  // Each series was written together with its totals; one without must not make us allocate up to its slot.
  std::set<std::uint32_t> blocks;
  for (const auto& [key, value] : totals) blocks.insert(key.number);
  for (const auto& [key, value] : series) {
    const bool whole = blocks.contains(key.number / SeriesTable::kBlock);
    if (!whole || !restore_series(key.number, value)) dropped_series.insert(key.number);
  }
  table.collect_free_slots();
  for (const auto& [key, value] : totals) {
    if (!table.restore_block(key.number, value)) {
      return fail("the totals in the ledger are damaged (block " + std::to_string(key.number) +
                  "): move the state directory away to begin anew");
    }
  }
  for (int number = 0; number < kFamilyCount; ++number) {
    const auto family = static_cast<Family>(number);
    std::string& kept = kept_signatures[static_cast<std::size_t>(number)];
    if (!kept.empty() && kept != scheme.signature(family)) {
      kept = scheme.signature(family);
      changed_families.insert(family);
    }
    for (const std::uint32_t slot : table.slots(family)) {
      if (table.held(slot)) holds.born(slot);
    }
  }
  for (Owners& owner_table : owners) owner_table.retire_surplus(now);
  choose_surplus_series(now);
  collect_touched();
  return {};
}

}  // namespace dsnwatch::core
