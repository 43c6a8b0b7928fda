#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "core/clock.h"

namespace dsnwatch::core {

/// When series stop being published as 0 (design section 5: birth). A hold lasts from the latest of: the publication of
/// the commit that brought the series, the start of the process (its first publication, which is what can be seen of
/// it), the first Prometheus request since then.
///
/// Thread: the checkpoint thread, but for request().
class BirthHolds {
 public:
  static constexpr MonotonicMs kLongest = 300'000;

  explicit BirthHolds(MonotonicMs hold);

  /// A series that no snapshot of this process has shown yet: a new one, or one that an earlier process left in its
  /// hold.
  void born(std::uint32_t slot) { unpublished_.push_back(slot); }

  /// What was born since the last call is in the snapshot that is being published.
  void published(MonotonicMs now);

  /// Prometheus has been answered. Thread: any.
  void request(MonotonicMs now);

  /// See SeriesStore::end_holds().
  void drain(bool now);

  /// The series whose hold is over.
  std::vector<std::uint32_t> take_ended(MonotonicMs now);

 private:
  static constexpr MonotonicMs kNever = -1;
  // Series that were published together.
  struct Batch {
    MonotonicMs published = 0;
    MonotonicMs first_request = kNever;  // Since then.
    bool requested_in_drain = false;
    std::vector<std::uint32_t> slots;
  };

  void take_requests();
  bool over(const Batch& batch, MonotonicMs now) const;

  MonotonicMs hold_;
  enum class Drain : std::uint8_t { kNo, kAfterRequest, kNow } drain_ = Drain::kNo;
  std::vector<std::uint32_t> unpublished_;
  std::deque<Batch> batches_;

  std::mutex mutex_;
  MonotonicMs first_request_ = kNever;  // Since take_requests(). Guarded by mutex_.
};

}  // namespace dsnwatch::core
