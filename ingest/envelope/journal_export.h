#pragma once

#include <cstdint>
#include <string_view>

namespace dsnwatch::ingest {

/// What a record of the journal says about a log line; views into its bytes.
struct JournalRecord {
  std::string_view message;
  std::string_view identifier;
  std::string_view host;
  std::string_view stamp;  ///< Microseconds since the epoch, as digits.
};

enum class JournalStep : std::uint8_t {
  kRecord,
  kMore,    ///< The record goes on behind the bytes.
  kBroken,  ///< No record of the journal stands here, or a damaged one.
};

/// True of the first line of a record.
inline bool begins_journal_record(std::string_view line) {
  return line.starts_with("__CURSOR=");
}

/// Reads one record of the Journal Export Format (journalctl -o export; systemd, JOURNAL_EXPORT_FORMATS) at the head of
/// `bytes` and takes it off, with the empty line behind it. Its fields are "NAME=value" lines, or, where the value
/// holds odd bytes, NAME, a line feed, eight bytes of length (little endian), the value, a line feed; so that a record
/// can't be found by lines.
JournalStep read_journal_record(std::string_view& bytes, JournalRecord& record);

}  // namespace dsnwatch::ingest
