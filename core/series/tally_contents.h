#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/series/families.h"
#include "core/series/series_key.h"
#include "core/series/source_address.h"
#include "core/series/tally.h"
#include "core/series/value_interner.h"

namespace dsnwatch::core {

/// One value of the histogram: counts by bucket (not cumulated), then the sum in milliseconds.
inline constexpr std::size_t kDelayCells = kDelayBuckets.size() + 2;
using DelayCells = std::array<std::uint64_t, kDelayCells>;

/// What a tally holds; the store reads it at the merge.
struct Tally::Impl {
  explicit Impl(std::shared_ptr<const TallySettings> tally_settings)
      : settings(std::move(tally_settings)), source_address(*settings) {}

  std::shared_ptr<const TallySettings> settings;
  SourceAddress source_address;
  std::array<ValueInterner, kBoundedLabelCount> values;  ///< By BoundedLabel.
  std::array<KeyCounts, kFamilyCount> counts;            ///< By Family; of kDeliveryDelay only the keys.
  std::vector<DelayCells> delays;                        ///< By position in counts[kDeliveryDelay].

  ValueInterner& label(BoundedLabel which) { return values[static_cast<std::size_t>(which)]; }
  void count(Family family, const SeriesKey& key, std::uint64_t times) {
    counts[static_cast<std::size_t>(family)].add(key, times);
  }
};

}  // namespace dsnwatch::core
