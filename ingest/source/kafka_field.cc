#include "ingest/source/kafka_field.h"

#include <cstddef>

namespace dsnwatch::ingest {
namespace {

constexpr std::string_view kKey = "key", kHeader = "header:";

}  // namespace

KafkaField::KafkaField(std::string_view from) : key_(from == kKey) {
  if (from.starts_with(kHeader)) header_ = from.substr(kHeader.size());
}

bool KafkaField::is_valid(std::string_view from) {
  return from.empty() || from == kKey || (from.starts_with(kHeader) && from.size() > kHeader.size());
}

std::string_view KafkaField::of(const rd_kafka_message_t& message) const {
  if (key_ && message.key != nullptr) return {static_cast<const char*>(message.key), message.key_len};
  if (header_.empty()) return {};
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const auto found = rd_kafka_header_get_last(headers, header_.c_str(), &value, &size);
  if (found != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr) return {};
  return {static_cast<const char*>(value), size};
}

}  // namespace dsnwatch::ingest
