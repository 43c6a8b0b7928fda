#include "ingest/source/kafka_plan.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ingest/source/kafka_bad_batch.h"

namespace dsnwatch::ingest {
namespace {

constexpr int kTimeoutMs = 10'000;
// For one attempt to read.
constexpr int kPatientMs = 5000, kImpatientMs = 2000;

// The correlation has no room for more than this anyway.
constexpr std::int64_t kMostLookBack = 1'000'000;

core::Error why(const char* doing, rd_kafka_resp_err_t error) {
  return core::Error{std::string(doing) + ": " + rd_kafka_err2str(error)};
}

std::string_view metadata_of(const rd_kafka_topic_partition_t& element) {
  if (element.metadata == nullptr) return {};
  return {static_cast<const char*>(element.metadata), element.metadata_size};
}

}  // namespace

core::Result<std::vector<KafkaAssignment>> KafkaPlanner::plan(const std::vector<KafkaPartition>& partitions,
                                                              const Stored& stored) {
  std::vector<Draft> drafts;
  for (const KafkaPartition& partition : partitions) {
    Draft draft{partition, {}, {}};
    draft.facts.owner = settings_.owner;
    if (const auto position = stored(partition)) draft.facts.own = decode_kafka_position(*position);
    drafts.push_back(std::move(draft));
  }
  auto done = ask_committed(drafts);
  if (done) done = ask_ends(drafts);
  if (done) {
    for (Draft& draft : drafts) draft.start = decide_start(draft.facts);
    done = find_new_positions(drafts);
  }
  if (!done) return tl::unexpected(std::move(done).error());
  return add_look_back(drafts);
}

core::Result<KafkaAssignment> KafkaPlanner::plan_rescue(const KafkaRescue& rescue, const std::stop_token& stop) {
  if (rescue.why == KafkaRescue::Why::kBadBatch) return plan_behind_batch(rescue, stop);
  std::vector<Draft> drafts(1);
  Draft& draft = drafts.front();
  draft.partition = rescue.partition;
  draft.facts.own = rescue.position;
  if (auto done = ask_ends(drafts); !done) return tl::unexpected(std::move(done).error());
  draft.start = decide_start(draft.facts);
  if (rescue.why == KafkaRescue::Why::kOtherTopic) {
    draft.start = {.from = KafkaStart::From::kByTime, .after_ms = rescue.position.last_timestamp_ms};
  }
  if (auto done = find_new_positions(drafts); !done) return tl::unexpected(std::move(done).error());
  KafkaAssignment to{rescue.partition, rescue.position, draft.start.position, false, draft.start.lost};
  to.position.next = draft.start.position;
  to.position.last = -1;  // What was last counted need not be there any more.
  return to;
}

core::Result<KafkaAssignment> KafkaPlanner::plan_behind_batch(const KafkaRescue& rescue, const std::stop_token& stop) {
  std::vector<Draft> drafts(1);
  drafts.front().partition = rescue.partition;
  if (auto done = ask_ends(drafts); !done) return tl::unexpected(std::move(done).error());
  const auto probe = KafkaProbe::make(settings_);
  if (!probe) return tl::unexpected(probe.error());
  const auto read = [&](std::int64_t offset, bool patient) {
    if (stop.stop_requested()) return KafkaReading{};
    return (*probe)->read(rescue.partition, offset, patient ? kPatientMs : kImpatientMs);
  };
  const auto batch = measure_bad_batch(rescue.at, drafts.front().facts.high, read);
  if (!batch) return tl::unexpected(batch.error());
  KafkaAssignment to{.partition = rescue.partition, .position = rescue.position, .read_from = batch->end};
  if (batch->end == batch->begin) return to;
  to.said = batch->why;
  const std::int64_t uncounted = batch->end - std::max(rescue.position.next, batch->begin);
  to.poison = static_cast<std::uint64_t>(std::max<std::int64_t>(uncounted, 0));
  to.position.next = std::max(rescue.position.next, batch->end);
  to.position.last = -1;  // Comparing it after a restart would lead through the batch once more.
  return to;
}

core::Result<void> KafkaPlanner::ask_committed(std::vector<Draft>& drafts) {
  const KafkaList list = new_kafka_list();
  for (const Draft& draft : drafts) {
    rd_kafka_topic_partition_list_add(list.get(), draft.partition.topic.c_str(), draft.partition.number);
  }
  const auto error = rd_kafka_committed(client_, list.get(), kTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(why("reading the group's offsets", error));
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(why("the group's offsets", element.err));
    if (element.offset < 0) continue;
    drafts[i].facts.committed = element.offset;
    drafts[i].facts.note = decode_commit_note(metadata_of(element));
    if (!drafts[i].facts.note || drafts[i].facts.note->born_ms == 0) continue;
    const std::lock_guard lock(mutex_);
    const auto [born, is_new] = born_.emplace(element.topic, drafts[i].facts.note->born_ms);
    if (!is_new) born->second = std::min(born->second, drafts[i].facts.note->born_ms);
  }
  return {};
}

core::Result<void> KafkaPlanner::ask_ends(std::vector<Draft>& drafts) {
  std::vector<std::pair<KafkaPartition, std::int64_t>> low, high;
  for (const Draft& draft : drafts) {
    low.emplace_back(draft.partition, RD_KAFKA_OFFSET_BEGINNING);
    high.emplace_back(draft.partition, RD_KAFKA_OFFSET_END);
  }
  const auto lows = offsets_at(low);
  if (!lows) return tl::unexpected(lows.error());
  const auto highs = offsets_at(high);
  if (!highs) return tl::unexpected(highs.error());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    drafts[i].facts.low = std::max<std::int64_t>((*lows)[i], 0);
    drafts[i].facts.high = std::max<std::int64_t>((*highs)[i], drafts[i].facts.low);
  }
  return {};
}

/// A partition that nobody has counted begins where the group began: at what is younger than its first look at the
/// topic, so that one that was added later is read whole. One whose position is gone goes on by time.
core::Result<void> KafkaPlanner::find_new_positions(std::vector<Draft>& drafts) {
  std::vector<std::pair<KafkaPartition, std::int64_t>> times;
  std::vector<Draft*> asked;
  for (Draft& draft : drafts) {
    std::int64_t time = 0;
    if (draft.start.from == KafkaStart::From::kNew) {
      const auto born = ask_born(draft.partition.topic);
      if (!born) return tl::unexpected(born.error());
      if (settings_.start == FileSettings::Start::kBeginning) {
        draft.start.position = draft.facts.low;
        continue;
      }
      time = *born;
    } else if (draft.start.from == KafkaStart::From::kByTime && draft.start.after_ms > 0) {
      time = draft.start.after_ms + 1;
    } else if (draft.start.from == KafkaStart::From::kByTime) {
      draft.start.position = draft.facts.high;
      continue;
    } else {
      continue;
    }
    times.emplace_back(draft.partition, time);
    asked.push_back(&draft);
  }
  const auto offsets = offsets_at(times);
  if (!offsets) return tl::unexpected(offsets.error());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    asked[i]->start.position = (*offsets)[i] >= 0 ? (*offsets)[i] : asked[i]->facts.high;
  }
  return {};
}

core::Result<std::vector<KafkaAssignment>> KafkaPlanner::add_look_back(const std::vector<Draft>& drafts) {
  std::vector<KafkaAssignment> assignments;
  std::vector<std::pair<KafkaPartition, std::int64_t>> times;
  std::vector<std::size_t> asked;
  const std::int64_t now_ms = clock_.unix_us() / 1000;
  for (const Draft& draft : drafts) {
    KafkaAssignment assignment{draft.partition, {}, draft.start.position, false, draft.start.lost};
    const bool ours = draft.start.from == KafkaStart::From::kOwn;
    assignment.own = ours && !draft.facts.own->let_go;
    if (ours) assignment.position = *draft.facts.own;
    assignment.position.let_go = false;
    assignment.position.next = draft.start.position;
    // The last message counted shows whether it is still the same topic.
    const std::int64_t last = assignment.position.last;
    if (last >= draft.facts.low && last < draft.start.position) assignment.read_from = last;
    // What was learnt is in the ledger, or must be learnt again.
    if (!assignment.own && settings_.look_back_ms > 0 && draft.start.position > draft.facts.low) {
      std::int64_t at_ms = ours ? assignment.position.last_timestamp_ms : 0;
      if (draft.start.from == KafkaStart::From::kBroker && draft.facts.note) at_ms = draft.facts.note->at_ms;
      times.emplace_back(draft.partition, (at_ms > 0 ? at_ms : now_ms) - settings_.look_back_ms);
      asked.push_back(assignments.size());
    }
    assignments.push_back(std::move(assignment));
  }
  const auto offsets = offsets_at(times);
  if (!offsets) return tl::unexpected(offsets.error());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    KafkaAssignment& assignment = assignments[asked[i]];
    const std::int64_t first = assignment.position.next - kMostLookBack;
    if ((*offsets)[i] >= 0) assignment.read_from = std::min(assignment.read_from, std::max((*offsets)[i], first));
  }
  return assignments;
}

std::int64_t KafkaPlanner::born_ms(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  return born_.emplace(topic, clock_.unix_us() / 1000).first->second;
}

/// Looks at the commits of all partitions of the topic.
core::Result<std::int64_t> KafkaPlanner::ask_born(const std::string& topic) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = born_.find(topic); known != born_.end()) return known->second;
  }
  const std::unique_ptr<rd_kafka_topic_t, void (*)(rd_kafka_topic_t*)> handle(
      rd_kafka_topic_new(client_, topic.c_str(), nullptr), rd_kafka_topic_destroy);
  const rd_kafka_metadata_t* metadata = nullptr;
  auto error = rd_kafka_metadata(client_, 0, handle.get(), &metadata, kTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(why("asking about the topic", error));
  const int partitions = metadata->topic_cnt > 0 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  std::vector<Draft> drafts(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) drafts[static_cast<std::size_t>(i)].partition = {topic, i};
  if (auto done = ask_committed(drafts); !done) return tl::unexpected(std::move(done).error());
  return born_ms(topic);
}

core::Result<std::vector<std::int64_t>> KafkaPlanner::offsets_at(
    const std::vector<std::pair<KafkaPartition, std::int64_t>>& times) {
  std::vector<std::int64_t> offsets;
  if (times.empty()) return offsets;
  const KafkaList list = new_kafka_list(static_cast<int>(times.size()));
  for (const auto& [partition, time] : times) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = time;
  }
  const auto error = rd_kafka_offsets_for_times(client_, list.get(), kTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(why("asking for offsets", error));
  for (const auto& [partition, time] : times) {
    const rd_kafka_topic_partition_t* found =
        rd_kafka_topic_partition_list_find(list.get(), partition.topic.c_str(), partition.number);
    if (found == nullptr) return core::fail("asking for offsets: no answer for " + text_of(partition));
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(why("asking for offsets", found->err));
    offsets.push_back(found->offset);
  }
  return offsets;
}

}  // namespace dsnwatch::ingest
