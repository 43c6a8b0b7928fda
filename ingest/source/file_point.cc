#include "ingest/source/file_point.h"

#include <sstream>

namespace dsnwatch::ingest {
namespace {

constexpr std::string_view kVersion = "file1";
constexpr std::size_t kMaxPoints = 4096;  // A damaged number must not become an allocation.

void write(std::ostream& out, const std::vector<FilePoint>& points) {
  out << ' ' << points.size();
  for (const FilePoint& point : points) {
    out << ' ' << point.device << ' ' << point.inode << ' ' << point.offset << ' ' << point.size << ' '
        << point.modified_ns << ' ' << point.fingerprint;
  }
}

void read(std::istream& in, std::vector<FilePoint>& points) {
  std::size_t count = 0;
  in >> count;
  if (!in || count > kMaxPoints) {
    in.setstate(std::ios::failbit);
    return;
  }
  points.resize(count);
  for (FilePoint& point : points) {
    in >> point.device >> point.inode >> point.offset >> point.size >> point.modified_ns >> point.fingerprint;
  }
}

}  // namespace

std::string encode(const FilePosition& position) {
  std::ostringstream out;
  out << kVersion;
  write(out, position.files);
  write(out, position.finished);
  return std::move(out).str();
}

std::optional<FilePosition> decode_file_position(std::string_view stored) {
  std::istringstream in{std::string(stored)};
  std::string version;
  FilePosition position;
  in >> version;
  read(in, position.files);
  read(in, position.finished);
  if (!in || version != kVersion) return std::nullopt;
  return position;
}

}  // namespace dsnwatch::ingest
