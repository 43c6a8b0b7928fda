#include <algorithm>
#include <iterator>
#include <utility>

#include "ingest/source/kafka_consumer.h"

// Partitions that can't be read on from where they stand.

namespace dsnwatch::ingest {
namespace {

constexpr core::MonotonicMs kAgainMs = 5000;

std::string span_of(const KafkaAssignment& to, std::int64_t begin) {
  return text_of(to.partition) + ": offsets " + std::to_string(begin) + " to " + std::to_string(to.read_from - 1) +
         ", of which " + std::to_string(to.poison) + " will not be counted";
}

}  // namespace

void KafkaConsumer::take_rescues(const std::stop_token& stop) {
  std::vector<KafkaRescue> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (!status_.problem.empty()) return;  // No broker can be asked.
    const core::MonotonicMs now = clock_.monotonic_ms();
    const auto later = std::partition(rescues_.begin(), rescues_.end(),
                                      [&](const KafkaRescue& one) { return one.not_before_ms > now; });
    wanted.assign(std::make_move_iterator(later), std::make_move_iterator(rescues_.end()));
    rescues_.erase(later, rescues_.end());
  }
  for (KafkaRescue& one : wanted) rescue(std::move(one), stop);
}

void KafkaConsumer::rescue(KafkaRescue wanted, const std::stop_token& stop) {
  if (stop.stop_requested()) return;
  {
    const std::lock_guard lock(mutex_);
    if (!durable_.contains(wanted.partition)) return;  // It was taken away meanwhile.
  }
  if (!wanted.told && wanted.error != RD_KAFKA_RESP_ERR_NO_ERROR) count_error(wanted.error);
  auto planned = planner_->plan_rescue(wanted, stop);
  if (!planned) {
    if (!std::exchange(wanted.told, true)) {
      notice(/*warning=*/true, "where to go on could not be found out yet; it is tried until it can",
             text_of(wanted.partition) + ": " + planned.error().message);
    }
    wanted.not_before_ms = clock_.monotonic_ms() + kAgainMs;
    const std::lock_guard lock(mutex_);
    rescues_.push_back(std::move(wanted));
    return;
  }
  tell_rescue(wanted, *planned);
  // Taken out and in again: a seek is refused in this state. Between the two no old message can be delivered any more.
  const KafkaList list = list_of({wanted.partition});
  KafkaHandle<rd_kafka_error_t> error(rd_kafka_incremental_unassign(client_, list.get()));
  lane_of(wanted.partition).move(*planned);
  list->elems[0].offset = planned->read_from;
  attach(wanted.partition);
  if (!error) error.reset(rd_kafka_incremental_assign(client_, list.get()));
  if (error) set_problem("reading can't go on elsewhere: " + std::string(rd_kafka_error_string(error.get())));
}

void KafkaConsumer::tell_rescue(const KafkaRescue& wanted, const KafkaAssignment& to) const {
  const std::string move = text_of(to.partition) + ": " + std::to_string(wanted.position.next) + " -> " +
                           std::to_string(to.position.next) + ", lost " + std::to_string(to.lost);
  switch (wanted.why) {
    case KafkaRescue::Why::kNoSuchOffset:
      return notice(/*warning=*/true, "the position does not exist any more", move);
    case KafkaRescue::Why::kOtherTopic:
      return notice(/*warning=*/true, "the topic was made anew", move);
    case KafkaRescue::Why::kBadBatch:
      if (to.read_from == wanted.at) return;  // It could be read after all, or nothing was in the way.
      notice(/*warning=*/true, "a batch that can't be read was skipped", span_of(to, wanted.at) + ": " + to.said);
  }
}

}  // namespace dsnwatch::ingest
