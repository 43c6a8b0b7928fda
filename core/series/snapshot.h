#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/families.h"

namespace dsnwatch::core {

/// What the exporters see: the totals of one checkpoint, made durable before it was published. Immutable.
struct Snapshot {
  /// The series of a family in a stable order. Shared by successive snapshots as long as no series is born or retired.
  struct Layout {
    /// Rendered label block without braces, values escaped: `mta="postfix",provider="google",result="bounced"`.
    /// Of a histogram: without `le`; each series has kDelayBuckets.size() + 1 counts and a sum.
    std::vector<std::shared_ptr<const std::string>> labels;
    std::vector<std::uint32_t> slots;  ///< Index of each series' first value in `values`.
  };
  std::vector<std::shared_ptr<const Layout>> families;  ///< By Family.
  std::vector<std::uint64_t>
      values;                      ///< True totals. Histogram: per-bucket counts (not cumulated), then the sum in ms.
  std::vector<std::uint8_t> held;  ///< By slot: 1 while the series is published as 0.

  struct LabelUse {
    BoundedLabel label;
    std::uint64_t owners, limit, overflowed_total;
  };
  std::vector<LabelUse> label_use;
};

}  // namespace dsnwatch::core
