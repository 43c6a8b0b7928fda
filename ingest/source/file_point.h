#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source/fingerprint.h"

namespace dsnwatch::ingest {

/// How far one file has been counted, and how to find it again under another name.
struct FilePoint {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;      ///< Bytes counted: always behind a newline, or where counting began.
  std::uint64_t size = 0;        ///< When it was last looked at.
  std::int64_t modified_ns = 0;  ///< When it was last written to, in nanoseconds since the epoch.
  Fingerprint fingerprint;

  friend bool operator==(const FilePoint&, const FilePoint&) = default;
};

/// The position of a followed path.
struct FilePosition {
  std::vector<FilePoint> files;     ///< Oldest generation first; all but the last have been renamed or removed.
  std::vector<FilePoint> finished;  ///< Lately read to the end: never to be read again.
};

std::string encode(const FilePosition& position);
std::optional<FilePosition> decode_file_position(std::string_view stored);

}  // namespace dsnwatch::ingest
