#include "core/series/series_table.h"

#include <algorithm>

#include "core/series/byte_order.h"
#include "core/series/tally_contents.h"

namespace dsnwatch::core {

std::uint32_t SeriesTable::width(Family family) {
  return family == Family::kDeliveryDelay ? static_cast<std::uint32_t>(kDelayCells) : 1;
}

std::uint32_t SeriesTable::find(Family family, const SeriesKey& key) const {
  const FamilySeries& all = of(family);
  const std::uint32_t at =
      all.index.find(key.hash(), [&](std::uint32_t position) { return series_[all.slots[position]].key == key; });
  return at == FlatIndex::kNone ? kNoSlot : all.slots[at];
}

std::uint32_t SeriesTable::make(Family family, const SeriesKey& key, std::string labels) {
  const std::uint32_t slot = take_slot(width(family));
  place(slot, family, key, std::move(labels));
  change_series(slot);
  for (std::uint32_t offset = 0; offset < width(family); ++offset) touch(slot + offset);
  return slot;
}

std::uint32_t SeriesTable::take_slot(std::uint32_t width) {
  std::vector<std::uint32_t>& free = width == 1 ? free_counters_ : free_histograms_;
  if (free.empty()) {
    const auto slot = static_cast<std::uint32_t>(values_.size());
    resize(slot + width);
    return slot;
  }
  const std::uint32_t slot = free.back();
  free.pop_back();
  return slot;
}

void SeriesTable::resize(std::size_t slots) {
  values_.resize(slots);
  held_.resize(slots);
  series_.resize(slots);
  series_changed_.resize(slots);
  block_changed_.resize((slots + kBlock - 1) / kBlock);
}

void SeriesTable::place(std::uint32_t slot, Family family, const SeriesKey& key, std::string labels) {
  series_[slot] = {family, false, key, std::make_shared<const std::string>(std::move(labels))};
  FamilySeries& all = of(family);
  all.index.insert(key.hash(), static_cast<std::uint32_t>(all.slots.size()));
  all.slots.push_back(slot);
  all.layout.reset();
  for (std::uint32_t offset = 0; offset < width(family); ++offset) {
    values_[slot + offset] = 0;
    held_[slot + offset] = 1;
  }
}

bool SeriesTable::restore(std::uint32_t slot, Family family, const SeriesKey& key, std::string labels) {
  const std::uint32_t end = slot + width(family);
  if (end > values_.size()) resize(end);
  // A slot that is taken is held: place() says so of each of a histogram's.
  for (std::uint32_t at = slot; at < end; ++at) {
    if (held_[at] != 0) return false;
  }
  if (find(family, key) != kNoSlot) return false;
  place(slot, family, key, std::move(labels));
  return true;
}

void SeriesTable::collect_free_slots() {
  for (auto slot = static_cast<std::uint32_t>(values_.size()); slot-- > 0;) {
    if (held_[slot] == 0) free_counters_.push_back(slot);
  }
  // In the order of birth, as far as slots tell it.
  for (FamilySeries& all : families_) {
    std::sort(all.slots.begin(), all.slots.end());
    reindex(all);
  }
}

void SeriesTable::remove(Family family, const std::function<bool(std::uint32_t slot)>& gone) {
  FamilySeries& all = of(family);
  const std::uint32_t cells = width(family);
  const std::size_t before = all.slots.size();
  std::erase_if(all.slots, [&](std::uint32_t slot) {
    if (!gone(slot)) return false;
    series_[slot] = Series{};
    for (std::uint32_t offset = 0; offset < cells; ++offset) {
      values_[slot + offset] = 0;
      held_[slot + offset] = 0;
      touch(slot + offset);
    }
    (cells == 1 ? free_counters_ : free_histograms_).push_back(slot);
    change_series(slot);
    return true;
  });
  if (all.slots.size() == before) return;
  reindex(all);
  all.layout.reset();
}

void SeriesTable::reindex(FamilySeries& all) {
  all.index.clear();
  for (std::uint32_t position = 0; position < all.slots.size(); ++position) {
    all.index.insert(series_[all.slots[position]].key.hash(), position);
  }
}

void SeriesTable::end_hold(std::uint32_t slot) {
  for (std::uint32_t offset = 0; offset < width(series_[slot].family); ++offset) {
    held_[slot + offset] = 0;
    touch(slot + offset);
  }
}

void SeriesTable::touch(std::uint32_t slot) {
  const std::uint32_t number = slot / kBlock;
  if (block_changed_[number] != 0) return;
  block_changed_[number] = 1;
  changed_blocks_.push_back(number);
}

void SeriesTable::change_series(std::uint32_t slot) {
  if (series_changed_[slot] != 0) return;
  series_changed_[slot] = 1;
  changed_series_.push_back(slot);
}

void SeriesTable::clear_changes() {
  for (const std::uint32_t number : changed_blocks_) block_changed_[number] = 0;
  for (const std::uint32_t slot : changed_series_) series_changed_[slot] = 0;
  changed_blocks_.clear();
  changed_series_.clear();
}

std::string SeriesTable::block(std::uint32_t number) const {
  std::string stored;
  stored.reserve((kBlock + 1) * 8);
  std::uint64_t ended = 0;
  for (std::uint32_t bit = 0; bit < kBlock; ++bit) {
    const std::size_t slot = std::size_t{number} * kBlock + bit;
    append_little(stored, slot < values_.size() ? values_[slot] : 0);
    if (slot < held_.size() && held_[slot] == 0) ended |= std::uint64_t{1} << bit;
  }
  append_little(stored, ended);
  return stored;
}

bool SeriesTable::restore_block(std::uint32_t number, std::string_view stored) {
  if (stored.size() != (kBlock + 1) * 8) return false;
  const std::uint64_t ended = read_little<std::uint64_t>(stored.substr(std::size_t{kBlock} * 8));
  for (std::uint32_t bit = 0; bit < kBlock; ++bit) {
    const std::size_t slot = std::size_t{number} * kBlock + bit;
    if (slot >= held_.size() || held_[slot] == 0) continue;
    values_[slot] = read_little<std::uint64_t>(stored.substr(std::size_t{bit} * 8));
    if ((ended >> bit & 1) != 0) held_[slot] = 0;
  }
  return true;
}

void SeriesTable::fill(Snapshot& snapshot) {
  for (FamilySeries& all : families_) {
    if (all.layout == nullptr) {
      auto layout = std::make_shared<Snapshot::Layout>();
      layout->slots = all.slots;
      layout->labels.reserve(all.slots.size());
      for (const std::uint32_t slot : all.slots) layout->labels.push_back(series_[slot].labels);
      all.layout = std::move(layout);
    }
    snapshot.families.push_back(all.layout);
  }
  snapshot.values = values_;
  snapshot.held = held_;
}

}  // namespace dsnwatch::core
