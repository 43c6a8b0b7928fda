#include "daemon/report/row.h"

namespace dsnwatch::daemon {

void Counts::add(const Outcome& outcome) {
  switch (outcome.result) {
    case core::AttemptResult::kDelivered:
      delivered += outcome.count;
      break;
    case core::AttemptResult::kDeferred:
      deferred += outcome.count;
      break;
    case core::AttemptResult::kBounced:
    case core::AttemptResult::kRejected:
      bounced += outcome.count;
      break;
    case core::AttemptResult::kExpired:
      expired += outcome.count;
      return;  // The end of a recipient, no attempt.
  }
  if (outcome.rejection) rejections += outcome.count;
  if (outcome.internal) internal += outcome.count;
  if (outcome.suspended) suspended += outcome.count;
}

void MainCauses::add(const Outcome& outcome) {
  Slot* lightest = &slots_[0];
  for (Slot& slot : slots_) {
    if (slot.count > 0 && slot.cause == outcome.cause) {
      slot.count += outcome.count;
      return;
    }
    if (slot.count < lightest->count) lightest = &slot;
  }
  *lightest = {lightest->count + outcome.count, outcome.example->id(), outcome.cause};
}

void Row::add(const Outcome& outcome) {
  counts.add(outcome);
  if (!outcome.rejection) return;
  causes.add(outcome);
  if (outcome.time_us == core::kNoTime) return;
  if (first_us == core::kNoTime || outcome.time_us < first_us) first_us = outcome.time_us;
  last_us = std::max(last_us, outcome.time_us);
}

}  // namespace dsnwatch::daemon
