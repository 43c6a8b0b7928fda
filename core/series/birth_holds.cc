#include "core/series/birth_holds.h"

#include <algorithm>
#include <utility>

namespace dsnwatch::core {

BirthHolds::BirthHolds(MonotonicMs hold) : hold_(std::clamp<MonotonicMs>(hold, 0, kLongest)) {}

void BirthHolds::published(MonotonicMs now) {
  take_requests();  // What came before has not seen the new batch.
  if (unpublished_.empty()) return;
  batches_.push_back({now, kNever, false, std::exchange(unpublished_, {})});
}

void BirthHolds::request(MonotonicMs now) {
  const std::lock_guard lock(mutex_);
  if (first_request_ == kNever) first_request_ = now;
}

void BirthHolds::drain(bool now) {
  take_requests();  // Earlier ones don't count as the "one more".
  drain_ = now ? Drain::kNow : Drain::kAfterRequest;
}

void BirthHolds::take_requests() {
  MonotonicMs first = kNever;
  {
    const std::lock_guard lock(mutex_);
    first = std::exchange(first_request_, kNever);
  }
  if (first == kNever) return;
  for (Batch& batch : batches_) {
    if (batch.first_request == kNever) batch.first_request = first;
    batch.requested_in_drain = drain_ != Drain::kNo;
  }
}

bool BirthHolds::over(const Batch& batch, MonotonicMs now) const {
  if (drain_ != Drain::kNo && batch.requested_in_drain) return true;
  // A series that Prometheus never saw at 0 keeps its hold for the next process: shown now, its first value were lost.
  if (drain_ == Drain::kNow && batch.first_request != kNever) return true;
  const MonotonicMs from = std::max(batch.published, batch.first_request);
  return now - from >= hold_;
}

std::vector<std::uint32_t> BirthHolds::take_ended(MonotonicMs now) {
  take_requests();
  std::vector<std::uint32_t> ended;
  for (Batch& batch : batches_) {
    if (!over(batch, now)) continue;
    ended.insert(ended.end(), batch.slots.begin(), batch.slots.end());
    batch.slots.clear();
  }
  std::erase_if(batches_, [](const Batch& batch) { return batch.slots.empty(); });
  return ended;
}

}  // namespace dsnwatch::core
