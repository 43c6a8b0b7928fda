#include "daemon/run/stored_state.h"

#include <charconv>

namespace dsnwatch::daemon {

std::string source_record_key(std::string_view source) {
  return "source:" + std::string(source);
}

std::string pattern_record_key(std::string_view pattern) {
  return "pattern:" + std::string(pattern);
}

std::string join_state(std::string_view position, std::string_view format) {
  return std::to_string(position.size()) + ":" + std::string(position) + std::string(format);
}

std::optional<std::pair<std::string, std::string>> split_state(std::string_view stored) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), size);
  if (error != std::errc() || end == stored.data() + stored.size() || *end != ':') return std::nullopt;
  stored.remove_prefix(static_cast<std::size_t>(end - stored.data()) + 1);
  if (stored.size() < size) return std::nullopt;
  return std::pair(std::string(stored.substr(0, size)), std::string(stored.substr(size)));
}

std::string correlation_record_key(std::string_view group, std::string_view key) {
  std::string record(group);
  record += '\0';
  record += key;
  return record;
}

std::pair<std::string_view, std::string_view> split_correlation_key(std::string_view record) {
  const std::size_t end = record.find('\0');
  if (end == std::string_view::npos) return {record, {}};
  return {record.substr(0, end), record.substr(end + 1)};
}

}  // namespace dsnwatch::daemon
