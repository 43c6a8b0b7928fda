#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

namespace dsnwatch::ingest {

/// What a message says beside its value: in its key, or in a header.
class KafkaField {
 public:
  KafkaField() = default;
  /// `from`: as KafkaSettings.host_from.
  explicit KafkaField(std::string_view from);

  /// False for settings that name neither a key nor a header, and are not empty.
  static bool is_valid(std::string_view from);

  /// Empty where the message does not say it; valid as long as the message. The last header of the name counts.
  std::string_view of(const rd_kafka_message_t& message) const;

 private:
  bool key_ = false;
  std::string header_;  // Empty: none.
};

/// Those that a source reads.
struct KafkaFields {
  KafkaField host, format;
};

}  // namespace dsnwatch::ingest
