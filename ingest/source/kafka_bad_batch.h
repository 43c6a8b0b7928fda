#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/source/kafka_client.h"

namespace dsnwatch::ingest {

/// What came of an attempt to read a partition from an offset on.
struct KafkaReading {
  enum class Outcome : std::uint8_t {
    kReadable,  ///< A message came.
    kEnd,      ///< The partition ends here, as librdkafka says; it says so where the broker answers with an error, too.
    kBad,      ///< A batch that can't be read is in the way.
    kNothing,  ///< Neither came in time.
  };
  Outcome outcome = Outcome::kNothing;
  std::int64_t batch = -1;  ///< Of kBad: the batch's first offset, as librdkafka says.
  std::string why;          ///< Of kBad.
};

/// Offsets that can't be read.
struct KafkaBadBatch {
  std::int64_t begin = 0, end = 0;  ///< [begin, end); empty: all can be read after all.
  std::string why;
};

/// `patient`: the outcome decides about messages, so that there must be time for an answer.
using KafkaReader = std::function<KafkaReading(std::int64_t offset, bool patient)>;

/// Where the batch at `begin` ends, which librdkafka does not tell: it fetches a batch that it can't decompress again
/// and again, whatever offset within it is asked for, so that the end is between an offset that gives the error and one
/// that does not. `high`: the one behind the partition's last. Of some batches it says
/// nothing; these are skipped only between messages that can be read, since else it may be the network. Fails where it
/// is not certain.
core::Result<KafkaBadBatch> measure_bad_batch(std::int64_t begin, std::int64_t high, const KafkaReader& read);

/// A client of its own that reads a partition from offsets on, outside of the group.
class KafkaProbe {
 public:
  static core::Result<std::unique_ptr<KafkaProbe>> make(const KafkaSettings& settings);

  KafkaReading read(const KafkaPartition& partition, std::int64_t offset, core::MonotonicMs timeout_ms);

 private:
  explicit KafkaProbe(KafkaClient client) : client_(std::move(client)) {}
  KafkaClient client_;
};

/// True for an error that says that a batch of messages can't be read, wherever it comes from.
bool is_bad_batch(rd_kafka_resp_err_t error);

}  // namespace dsnwatch::ingest
