#include "ingest/source/kafka_bad_batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dsnwatch::ingest {
namespace {

using Outcome = KafkaReading::Outcome;

/// The batch's end as it is narrowed down: `bad` can't be read, `good` is no part of the batch.
struct Bounds {
  std::int64_t bad, good = -1;
  bool said = false;  // librdkafka gave an error for `bad`; else nothing came.

  void take(const KafkaReading& reading, std::int64_t offset, std::int64_t high) {
    const bool other_batch = reading.outcome == Outcome::kBad && reading.batch > bad && reading.batch <= high;
    if (reading.outcome == Outcome::kReadable || reading.outcome == Outcome::kEnd) {
      good = offset;
    } else if (other_batch) {
      good = std::min(reading.batch, offset);
    } else {
      bad = offset;
      said = reading.outcome == Outcome::kBad;
    }
  }
};

}  // namespace

core::Result<KafkaBadBatch> measure_bad_batch(std::int64_t begin, std::int64_t high, const KafkaReader& read) {
  KafkaReading first = read(begin, /*patient=*/true);
  if (first.outcome == Outcome::kReadable || first.outcome == Outcome::kEnd || begin >= high)
    return KafkaBadBatch{begin, begin, {}};
  Bounds bounds{.bad = begin, .said = first.outcome == Outcome::kBad};
  for (std::int64_t step = 1; bounds.good < 0; step *= 2) {
    const std::int64_t offset = std::min(begin + step, high);
    bounds.take(read(offset, /*patient=*/offset == high), offset, high);
    if (offset == high && bounds.good < 0) return core::fail("nothing behind a batch that can't be read can be read");
  }
  while (bounds.good - bounds.bad > 1) {
    const std::int64_t offset = bounds.bad + (bounds.good - bounds.bad) / 2;
    bounds.take(read(offset, /*patient=*/false), offset, high);
  }
  if (!bounds.said) {
    // Slow answers must not cost messages.
    const bool still_bad = read(bounds.bad, /*patient=*/true).outcome == Outcome::kNothing;
    const bool still_good = read(bounds.good, /*patient=*/true).outcome == Outcome::kReadable;
    if (!still_bad || !still_good)
      return core::fail("nothing comes, and no message behind shows that it is a bad batch");
  }
  if (first.why.empty()) first.why = "nothing comes of it, though what follows can be read";
  return KafkaBadBatch{begin, bounds.good, std::move(first.why)};
}

core::Result<std::unique_ptr<KafkaProbe>> KafkaProbe::make(const KafkaSettings& settings) {
  KafkaSettings outside = settings;
  outside.instance_id.clear();
  auto conf = make_kafka_conf(outside);
  if (!conf) return tl::unexpected(std::move(conf).error());
  // Each bad batch costs the pause once; the end of the partition is an answer, too.
  rd_kafka_conf_set(conf->get(), "fetch.error.backoff.ms", "10", nullptr, 0);
  rd_kafka_conf_set(conf->get(), "enable.partition.eof", "true", nullptr, 0);
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto client = new_kafka_client(outside, std::move(*conf));
  if (!client) return tl::unexpected(std::move(client).error());
  rd_kafka_poll_set_consumer(client->get());
  return std::unique_ptr<KafkaProbe>(new KafkaProbe(std::move(*client)));
}

KafkaReading KafkaProbe::read(const KafkaPartition& partition, std::int64_t offset, core::MonotonicMs timeout_ms) {
  constexpr int kPollMs = 50;
  const KafkaList list = list_of({partition});
  list->elems[0].offset = offset;
  if (rd_kafka_assign(client_.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (Clock::now() < deadline) {
    const KafkaHandle<rd_kafka_message_t> message(rd_kafka_consumer_poll(client_.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return {Outcome::kReadable, -1, {}};
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return {Outcome::kEnd, -1, {}};
    if (is_bad_batch(message->err)) {
      return {Outcome::kBad, message->offset, rd_kafka_message_errstr(message.get())};
    }
  }
  return {};
}

bool is_bad_batch(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:  // A codec, or a layout of batches, that this librdkafka does not know.
      return true;
    default:
      return false;
  }
}

}  // namespace dsnwatch::ingest
