#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/series/families.h"
#include "core/series/flat_index.h"
#include "core/series/series_key.h"
#include "core/series/snapshot.h"

namespace dsnwatch::core {

/// The series and their totals, in memory. A series' number is its slot: the index of its first total. Totals lie
/// dense, so that the ledger writes them in blocks and a snapshot copies them at once.
class SeriesTable {
 public:
  static constexpr std::uint32_t kNoSlot = 0xffffffff;
  /// Totals per block of the ledger: 512 bytes of totals, some seven blocks a page.
  static constexpr std::uint32_t kBlock = 64;
  /// No slot of a ledger lies beyond; guards against allocating what a damaged record claims.
  static constexpr std::uint32_t kMaxSlots = 1u << 24;

  struct Series {
    Family family = Family::kAttempts;
    bool surplus = false;  ///< Over a lowered cap: takes no counts any more, goes soon.
    SeriesKey key;
    std::shared_ptr<const std::string> labels;  ///< Null: there is no series at this slot.
  };

  /// Totals of one series.
  static std::uint32_t width(Family family);

  std::uint32_t find(Family family, const SeriesKey& key) const;
  std::size_t size(Family family) const { return of(family).slots.size(); }
  const std::vector<std::uint32_t>& slots(Family family) const { return of(family).slots; }
  const Series& at(std::uint32_t slot) const { return series_[slot]; }
  bool exists(std::uint32_t slot) const { return slot < series_.size() && series_[slot].labels != nullptr; }
  std::size_t slot_count() const { return values_.size(); }

  /// A new series, held, at 0.
  std::uint32_t make(Family family, const SeriesKey& key, std::string labels);
  /// The same at a slot of the ledger's choice; false if it collides with one that is there.
  bool restore(std::uint32_t slot, Family family, const SeriesKey& key, std::string labels);
  /// After the last restore() and before the first restore_block(): slots in between are for new series.
  void collect_free_slots();

  /// Removes those for which `gone` holds. Their slots are free.
  void remove(Family family, const std::function<bool(std::uint32_t slot)>& gone);
  void mark_surplus(std::uint32_t slot) { series_[slot].surplus = true; }

  void add(std::uint32_t slot, std::uint32_t offset, std::uint64_t count) {
    values_[slot + offset] += count;
    touch(slot + offset);
  }
  std::uint64_t value(std::uint32_t slot) const { return values_[slot]; }
  bool held(std::uint32_t slot) const { return held_[slot] != 0; }
  void end_hold(std::uint32_t slot);

  /// The blocks and the series (born or gone) that changed since clear_changes().
  const std::vector<std::uint32_t>& changed_blocks() const { return changed_blocks_; }
  const std::vector<std::uint32_t>& changed_series() const { return changed_series_; }
  void clear_changes();

  /// A block as the ledger keeps it: the totals, then a bit for each slot whose hold has ended.
  std::string block(std::uint32_t number) const;
  /// False if `stored` is no block. Slots without a series stay at 0.
  bool restore_block(std::uint32_t number, std::string_view stored);

  /// For a snapshot: layouts of families that did not change are shared.
  void fill(Snapshot& snapshot);

 private:
  struct FamilySeries {
    std::vector<std::uint32_t> slots;                // In the order of birth.
    FlatIndex index;                                 // Position in `slots`.
    std::shared_ptr<const Snapshot::Layout> layout;  // Null: to be made anew.
  };

  FamilySeries& of(Family family) { return families_[static_cast<std::size_t>(family)]; }
  const FamilySeries& of(Family family) const { return families_[static_cast<std::size_t>(family)]; }
  std::uint32_t take_slot(std::uint32_t width);
  void place(std::uint32_t slot, Family family, const SeriesKey& key, std::string labels);
  void reindex(FamilySeries& all);
  void touch(std::uint32_t slot);
  void resize(std::size_t slots);
  void change_series(std::uint32_t slot);

  std::array<FamilySeries, kFamilyCount> families_;
  std::vector<Series> series_;  // By slot; of a histogram only the first.
  std::vector<std::uint64_t> values_;
  std::vector<std::uint8_t> held_;
  std::vector<std::uint32_t> free_counters_, free_histograms_;

  std::vector<std::uint8_t> block_changed_, series_changed_;
  std::vector<std::uint32_t> changed_blocks_, changed_series_;
};

}  // namespace dsnwatch::core
