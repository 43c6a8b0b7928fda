#include "core/series/series_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/series/series_books.h"
#include "core/series/tally_contents.h"

namespace dsnwatch::core {
namespace {

std::vector<Owners> make_owners(const SeriesSettings& settings, MonotonicMs now) {
  // In the order of BoundedLabel.
  std::vector<Owners> owners;
  owners.reserve(kBoundedLabelCount);
  for (const std::size_t limit : {settings.domains, settings.sender_domains, settings.source_ips, settings.streams,
                                  settings.client_ips, settings.hosts}) {
    owners.emplace_back(limit, now);
  }
  return owners;
}

/// Of a full family's room, the share that series with the bounded value `other` may use beyond the rest: where many
/// owners fill a family, the values without a place still show their codes and causes.
constexpr std::size_t kOtherShare = 10;

// The results that one family can have: what stands in for everything is one series for each.
constexpr std::size_t kResults = static_cast<std::size_t>(AttemptResult::kRejected) + 1;

}  // namespace

SeriesStore::Impl::Impl(const SeriesSettings& settings, std::shared_ptr<const Providers> providers,
                        const Clock& store_clock)
    : clock(store_clock),
      cap(settings.series_per_family),
      scheme(settings.host, settings.inbound_client_ip, std::move(providers)),
      owners(make_owners(settings, store_clock.monotonic_ms())),
      holds(settings.birth_hold_ms) {}

std::string_view SeriesStore::Impl::value_text(Family family, std::uint32_t value) const {
  const auto label = scheme.bounded(family);
  return label ? owners_of(*label).text(value) : std::string_view();
}

std::size_t SeriesStore::Impl::reserved_for_all_other(Family family) const {
  return scheme.has_result(family) ? kResults : 1;
}

bool SeriesStore::Impl::has_room(Family family, const SeriesKey& key) const {
  const std::size_t live = table.size(family) - all_other_series[static_cast<std::size_t>(family)];
  std::size_t reserved = reserved_for_all_other(family);
  if (scheme.bounded(family) && key.value != kOtherValue) reserved += cap / kOtherShare;
  return live + reserved < cap;
}

std::uint32_t SeriesStore::Impl::born(Family family, const SeriesKey& key) {
  const auto number = static_cast<std::size_t>(family);
  if (kept_signatures[number].empty()) {
    kept_signatures[number] = scheme.signature(family);
    changed_families.insert(family);
  }
  if (key == scheme.all_other(family, key)) ++all_other_series[number];
  const std::uint32_t slot = table.make(family, key, scheme.block(family, key, value_text(family, key.value)));
  holds.born(slot);
  return slot;
}

std::uint32_t SeriesStore::Impl::slot_for(Family family, const SeriesKey& key) {
  const auto usable = [&](std::uint32_t slot) { return slot != SeriesTable::kNoSlot && !table.at(slot).surplus; };
  const std::uint32_t own = table.find(family, key);
  if (usable(own)) return own;
  if (own == SeriesTable::kNoSlot && has_room(family, key)) return born(family, key);
  const SeriesKey other = LabelScheme::other_value(key);
  if (other != key) {
    const std::uint32_t shared = table.find(family, other);
    if (usable(shared)) return shared;
    if (shared == SeriesTable::kNoSlot && has_room(family, other)) return born(family, other);
  }
  const SeriesKey all_other = scheme.all_other(family, key);
  const std::uint32_t last = table.find(family, all_other);
  return last != SeriesTable::kNoSlot ? last : born(family, all_other);
}

void SeriesStore::Impl::retire_due(BoundedLabel label, MonotonicMs now) {
  Owners& table_of_owners = owners_of(label);
  if (table_of_owners.due().empty()) return;
  std::vector<std::uint8_t> going(table_of_owners.ids());
  for (const std::uint32_t id : table_of_owners.due()) going[id] = 1;

  std::vector<Family> families;
  for (int number = 0; number < kFamilyCount; ++number) {
    if (scheme.bounded(static_cast<Family>(number)) == label) families.push_back(static_cast<Family>(number));
  }
  // A series that is still published as 0 would take its count with it: its owner stays until the value has stood.
  for (const Family family : families) {
    for (const std::uint32_t slot : table.slots(family)) {
      if (table.held(slot)) going[table.at(slot).key.value] = 0;
    }
  }
  for (const Family family : families) {
    table.remove(family, [&](std::uint32_t slot) { return going[table.at(slot).key.value] != 0; });
  }
  for (const std::uint32_t id : table_of_owners.due()) {
    if (going[id] != 0) {
      table_of_owners.release(id);
    } else {
      table_of_owners.postpone(id, now);
    }
  }
}

void SeriesStore::Impl::retire_surplus_series(MonotonicMs now) {
  if (surplus.empty() || now < surplus_goes_at) return;
  const auto goes = [&](std::uint32_t slot) { return table.at(slot).surplus && !table.held(slot); };
  for (int number = 0; number < kFamilyCount; ++number) table.remove(static_cast<Family>(number), goes);
  std::erase_if(surplus, [&](std::uint32_t slot) { return !table.exists(slot) || !table.at(slot).surplus; });
  surplus_goes_at = now + Owners::kLastValueStands;
}

SeriesStore::SeriesStore(SeriesSettings settings, std::shared_ptr<const Providers> providers, const Clock& clock)
    : impl_(std::make_unique<Impl>(settings, std::move(providers), clock)) {}

SeriesStore::~SeriesStore() = default;

void SeriesStore::set_providers(std::shared_ptr<const Providers> providers) {
  impl_->scheme.set_providers(std::move(providers));
}

Result<void> SeriesStore::restore(const std::vector<StoredRecord>& records) {
  return impl_->restore(records);
}

void SeriesStore::merge(const Tally& tally) {
  const Tally::Impl& counted = tally.impl();
  const MonotonicMs now = impl_->clock.monotonic_ms();
  std::array<std::vector<std::uint32_t>, kBoundedLabelCount> ids;  // The tally's number of a value → the store's id.
  for (std::size_t label = 0; label < kBoundedLabelCount; ++label) {
    const ValueInterner& values = counted.values[label];
    for (std::uint32_t value = 0; value < values.size(); ++value) {
      ids[label].push_back(
          value < kFirstValue ? value : impl_->owners[label].count(values.text(value), values.attempts(value), now));
    }
  }
  for (int number = 0; number < kFamilyCount; ++number) {
    const auto family = static_cast<Family>(number);
    const auto label = impl_->scheme.bounded(family);
    const auto& entries = counted.counts[static_cast<std::size_t>(number)].entries();
    for (std::size_t at = 0; at < entries.size(); ++at) {
      SeriesKey key = entries[at].key;
      key.value = label ? ids[static_cast<std::size_t>(*label)][key.value] : 0;
      const std::uint32_t slot = impl_->slot_for(family, key);
      if (family != Family::kDeliveryDelay) {
        impl_->table.add(slot, 0, entries[at].count);
        continue;
      }
      const DelayCells& cells = counted.delays[at];
      for (std::uint32_t cell = 0; cell < kDelayCells; ++cell) impl_->table.add(slot, cell, cells[cell]);
    }
  }
  impl_->collect_touched();
}

void SeriesStore::advance() {
  const MonotonicMs now = impl_->clock.monotonic_ms();
  for (const std::uint32_t slot : impl_->holds.take_ended(now)) impl_->table.end_hold(slot);
  for (int label = 0; label < kBoundedLabelCount; ++label) {
    impl_->owners_of(static_cast<BoundedLabel>(label)).advance(now);
    impl_->retire_due(static_cast<BoundedLabel>(label), now);
  }
  impl_->retire_surplus_series(now);
  impl_->collect_touched();
}

std::vector<StoredRecord> SeriesStore::changes() const {
  return impl_->changes();
}

bool SeriesStore::dirty() const {
  return !impl_->table.changed_blocks().empty() || !impl_->table.changed_series().empty() ||
         !impl_->changed_families.empty() || !impl_->dropped_series.empty() ||
         std::any_of(impl_->changed_owners.begin(), impl_->changed_owners.end(),
                     [](const auto& values) { return !values.empty(); });
}

void SeriesStore::committed() {
  impl_->table.clear_changes();
  impl_->changed_families.clear();
  impl_->dropped_series.clear();
  for (auto& values : impl_->changed_owners) values.clear();
}

std::shared_ptr<const Snapshot> SeriesStore::snapshot() {
  auto snapshot = std::make_shared<Snapshot>();
  impl_->table.fill(*snapshot);
  for (int number = 0; number < kBoundedLabelCount; ++number) {
    const auto label = static_cast<BoundedLabel>(number);
    const Owners& owners = impl_->owners_of(label);
    snapshot->label_use.push_back({label, owners.active(), owners.limit(), owners.overflowed()});
  }
  impl_->holds.published(impl_->clock.monotonic_ms());
  return snapshot;
}

void SeriesStore::on_prometheus_request() {
  impl_->holds.request(impl_->clock.monotonic_ms());
}

void SeriesStore::end_holds(bool now) {
  impl_->holds.drain(now);
}

}  // namespace dsnwatch::core
