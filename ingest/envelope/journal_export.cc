#include "ingest/envelope/journal_export.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestValue = 1u << 20;

void take_up(std::string_view name, std::string_view value, JournalRecord& record) {
  if (name == "MESSAGE") {
    record.message = value;
  } else if (name == "SYSLOG_IDENTIFIER") {
    record.identifier = value;
  } else if (name == "_HOSTNAME") {
    record.host = value;
  } else if (name == "_SOURCE_REALTIME_TIMESTAMP") {
    record.stamp = value;
  } else if (name == "__REALTIME_TIMESTAMP" && record.stamp.empty()) {
    record.stamp = value;
  }
}

bool is_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

/// The value of a binary field behind its name's line feed; false if it is cut off, or too long to be true.
JournalStep take_binary(std::string_view& rest, std::string_view& value) {
  if (rest.size() < kLengthBytes) return JournalStep::kMore;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length |= std::uint64_t{static_cast<unsigned char>(rest[i])} << (8 * i);
  if (length > kLongestValue) return JournalStep::kBroken;
  if (rest.size() < kLengthBytes + length + 1) return JournalStep::kMore;
  value = rest.substr(kLengthBytes, length);
  if (rest[kLengthBytes + length] != '\n') return JournalStep::kBroken;
  rest.remove_prefix(kLengthBytes + length + 1);
  return JournalStep::kRecord;
}

}  // namespace

JournalStep read_journal_record(std::string_view& bytes, JournalRecord& record) {
  record = {};
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return JournalStep::kMore;
    const std::string_view line = rest.substr(0, end);
    const bool first = rest.size() == bytes.size();
    if (first && !begins_journal_record(line)) return JournalStep::kBroken;
    if (!first && begins_journal_record(line)) {  // A message of a broker need not end in an empty line.
      bytes = rest;
      return JournalStep::kRecord;
    }
    rest.remove_prefix(end + 1);
    if (line.empty()) {
      bytes = rest;
      return JournalStep::kRecord;
    }
    const std::size_t equals = line.find('=');
    if (!is_name(line.substr(0, equals))) return JournalStep::kBroken;
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = line.substr(equals + 1);
    } else if (const JournalStep step = take_binary(rest, value); step != JournalStep::kRecord) {
      return step;
    }
    take_up(line.substr(0, equals), value, record);
  }
  return JournalStep::kMore;
}

}  // namespace dsnwatch::ingest
