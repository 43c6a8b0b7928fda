#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "ingest/source/source.h"

namespace dsnwatch::ingest {

struct KafkaPartition {
  std::string topic;
  std::int32_t number = 0;

  friend auto operator<=>(const KafkaPartition&, const KafkaPartition&) = default;
};

/// "topic/3"; a topic's name holds no slash.
std::string text_of(const KafkaPartition& partition);
/// One behind the other.
std::string text_of(const std::vector<KafkaPartition>& partitions);
std::optional<KafkaPartition> parse_kafka_partition(std::string_view text);

/// How far a partition has been counted, and how to tell whether a topic of that name is still the same one: librdkafka
/// tells topic ids only from 2.3 on, so the last message counted is remembered.
struct KafkaPosition {
  std::int64_t next = 0;               ///< The first offset that is not counted yet.
  std::int64_t last = -1;              ///< Offset of the last message counted; -1: none.
  std::int64_t last_timestamp_ms = 0;  ///< Its time stamp, Unix milliseconds; 0: unknown.
  std::uint64_t last_hash = 0;         ///< message_hash() of it.
  bool let_go = false;                 ///< The partition was given up here, and what was learnt of it forgotten.

  friend bool operator==(const KafkaPosition&, const KafkaPosition&) = default;
};

Position encode(const KafkaPosition& position);
std::optional<KafkaPosition> decode_kafka_position(std::string_view stored);

/// The same in every process.
std::uint64_t message_hash(std::string_view payload);

/// What a member writes beside an offset that it commits to the broker. An offset without it was set by an operator or
/// by other software.
struct CommitNote {
  std::string owner;         ///< The ledger whose counts the offset stands for.
  std::int64_t born_ms = 0;  ///< When the group first looked at the topic: a partition with younger messages is new.
  std::int64_t at_ms = 0;    ///< Time stamp of the last message counted; 0: none.
};

std::string encode(const CommitNote& note);
std::optional<CommitNote> decode_commit_note(std::string_view metadata);

/// What is known when a partition is assigned, or when its position turned out not to exist.
struct KafkaStartFacts {
  std::optional<KafkaPosition> own;       ///< From our ledger.
  std::optional<std::int64_t> committed;  ///< From the broker.
  std::optional<CommitNote> note;         ///< With it.
  std::int64_t low = 0, high = 0;         ///< The partition's first offset and the one behind its last.
  std::string_view owner;                 ///< Of our ledger.
};

/// Where counting begins.
struct KafkaStart {
  enum class From : std::uint8_t {
    kOwn,     ///< Where our ledger says.
    kBroker,  ///< Where the group's offset says: the counts up to there are in another member's ledger, or reset.
    kNew,     ///< Nobody has counted this partition yet.
    kByTime,  ///< The position does not exist in the topic as it is now: the first message after `after_ms`.
  };
  From from = From::kNew;
  std::int64_t position = -1;  ///< Not yet known for kNew and kByTime.
  std::int64_t after_ms = 0;   ///< For kByTime.
  std::uint64_t lost = 0;      ///< Messages that retention removed before they were counted.
};

/// Ours where it is ahead of the broker and the broker's offset was committed by us; else the broker's (somebody else
/// counted on since, or an operator moved it).
KafkaStart decide_start(const KafkaStartFacts& facts);

}  // namespace dsnwatch::ingest
