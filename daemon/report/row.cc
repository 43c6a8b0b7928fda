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

void CauseCounts::add(const Outcome& outcome) {
  if (first_.count == 0) {
    first_ = {outcome.count, outcome.example->id(), outcome.cause};
    return;
  }
  if (first_.cause == outcome.cause) {
    first_.count += outcome.count;
    return;
  }
  for (Cell& cell : further_) {
    if (cell.cause != outcome.cause) continue;
    cell.count += outcome.count;
    return;
  }
  further_.push_back({outcome.count, outcome.example->id(), outcome.cause});
}

CauseCounts::Cell CauseCounts::main() const {
  Cell heaviest = first_;
  for (const Cell& cell : further_) {
    if (cell.count > heaviest.count) heaviest = cell;
  }
  return heaviest;
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
