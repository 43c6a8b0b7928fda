#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/attempt.h"
#include "core/taxonomy.h"
#include "daemon/report/example.h"

namespace dsnwatch::daemon {

/// What an attempt adds to every row that it belongs to, worked out once.
struct Outcome {
  core::AttemptResult result = core::AttemptResult::kDelivered;
  bool rejection = false;  ///< Design section 2.
  bool internal = false;   ///< An inner hop.
  bool suspended = false;
  std::uint32_t count = 1;
  std::int64_t time_us = core::kNoTime;
  core::Cause cause = core::Cause::kUnknown;
  Example* example = nullptr;  ///< Set for a rejection.
};

/// Attempts by result, as `attempts` and each row of a list state them (design section 6).
struct Counts {
  std::uint64_t delivered = 0;
  std::uint64_t internal = 0;  ///< How many of the attempts were inner hops.
  std::uint64_t deferred = 0;
  std::uint64_t bounced = 0;
  std::uint64_t expired = 0;
  std::uint64_t rejections = 0;
  std::uint64_t suspended = 0;  ///< How many of the deferred were put off without trying.

  std::uint64_t attempts() const { return delivered + deferred + bounced; }
  std::uint64_t lost() const { return bounced + expired; }
  void add(const Outcome& outcome);
};

/// The causes of a row's rejections, each with the first reply seen. Most rows know one, which stands in the row
/// itself.
class CauseCounts {
 public:
  struct Cell {
    std::uint64_t count = 0;
    TextId text = 0;
    core::Cause cause = core::Cause::kUnknown;
  };

  void add(const Outcome& outcome);
  /// The heaviest, of equals the first; its count is 0 if there was no rejection.
  Cell main() const;

 private:
  Cell first_;  // Its count is 0 if there is none.
  std::vector<Cell> further_;
};

/// A line of one of the report's lists. Laid out so that a delivered attempt touches one cache line: the key, where it
/// is short, and the first counts.
struct alignas(64) Row {
  Row() = default;
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  std::string_view key;  ///< In `short_key`, or in the memory of the table.
  std::array<char, 32> short_key{};
  Counts counts;
  std::int64_t first_us = core::kNoTime;  ///< Of the first rejection; kNoTime if there was none.
  std::int64_t last_us = core::kNoTime;
  CauseCounts causes;

  void add(const Outcome& outcome);
};

}  // namespace dsnwatch::daemon
