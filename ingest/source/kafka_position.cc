#include "ingest/source/kafka_position.h"

#include <charconv>
#include <sstream>

namespace dsnwatch::ingest {
namespace {

constexpr std::string_view kPositionVersion = "kafka1";
constexpr std::string_view kNoteVersion = "dsnwatch1";

}  // namespace

std::string text_of(const KafkaPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.number);
}

std::string text_of(const std::vector<KafkaPartition>& partitions) {
  std::string text;
  for (const KafkaPartition& partition : partitions) text += (text.empty() ? "" : " ") + text_of(partition);
  return text;
}

std::optional<KafkaPartition> parse_kafka_partition(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  KafkaPartition partition{std::string(text.substr(0, slash)), -1};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + slash + 1, last, partition.number);
  if (error != std::errc() || end != last || partition.number < 0) return std::nullopt;
  return partition;
}

Position encode(const KafkaPosition& position) {
  std::ostringstream out;
  out << kPositionVersion << ' ' << position.next << ' ' << position.last << ' ' << position.last_timestamp_ms << ' '
      << position.last_hash << ' ' << (position.let_go ? 1 : 0);
  return std::move(out).str();
}

std::optional<KafkaPosition> decode_kafka_position(std::string_view stored) {
  std::istringstream in{std::string(stored)};
  std::string version;
  KafkaPosition position;
  in >> version >> position.next >> position.last >> position.last_timestamp_ms >> position.last_hash >>
      position.let_go;
  if (!in || version != kPositionVersion || position.next < 0) return std::nullopt;
  return position;
}

std::uint64_t message_hash(std::string_view payload) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a.
  for (const char c : payload) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::string encode(const CommitNote& note) {
  std::ostringstream out;
  out << kNoteVersion << ' ' << note.owner << ' ' << note.born_ms << ' ' << note.at_ms;
  return std::move(out).str();
}

std::optional<CommitNote> decode_commit_note(std::string_view metadata) {
  std::istringstream in{std::string(metadata)};
  std::string version;
  CommitNote note;
  in >> version >> note.owner >> note.born_ms >> note.at_ms;
  if (!in || version != kNoteVersion) return std::nullopt;
  return note;
}

KafkaStart decide_start(const KafkaStartFacts& facts) {
  KafkaStart start;
  std::int64_t last_seen_ms = 0;
  const bool last_commit_ours = facts.note && facts.note->owner == facts.owner;
  if (facts.own && (!facts.committed || (last_commit_ours && facts.own->next >= *facts.committed))) {
    start.from = KafkaStart::From::kOwn;
    start.position = facts.own->next;
    last_seen_ms = facts.own->last_timestamp_ms;
  } else if (facts.committed) {
    start.from = KafkaStart::From::kBroker;
    start.position = *facts.committed;
    last_seen_ms = facts.note ? facts.note->at_ms : 0;
  } else {
    return start;
  }
  if (start.position < facts.low) {
    start.lost = static_cast<std::uint64_t>(facts.low - start.position);
    start.position = facts.low;
  } else if (start.position > facts.high) {
    // The topic was made anew, or its log lost its end. What is younger than all that was counted was not counted.
    start.from = KafkaStart::From::kByTime;
    start.position = -1;
    start.after_ms = last_seen_ms;
  }
  return start;
}

}  // namespace dsnwatch::ingest
