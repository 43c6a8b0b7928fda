#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source/followed_file.h"

namespace dsnwatch::ingest {

/// True if a log rotation would give a file named `base` the name `candidate`: "mail.log.1", "mail.log-20260131",
/// "mail-20260131.log", "mail.log.old". Compressed files are none.
bool looks_rotated(std::string_view base, std::string_view candidate);

/// The files beside a followed path (also beside the target where the path is a symbolic link) in which its older
/// generations lie.
class RotatedFiles {
 public:
  explicit RotatedFiles(std::string path) : path_(std::move(path)) {}

  /// The file that a stored point was about, set to go on there; nullptr if it is not found. By inode under any name;
  /// else by its first bytes under a name that looks rotated (a copy).
  std::unique_ptr<FollowedFile> locate(const FilePoint& point) const;

  /// A file under a rotated name that begins like `point`, has another inode and holds at least what was counted: the
  /// copy that copytruncate makes. Set to go on behind what was counted.
  std::unique_ptr<FollowedFile> locate_copy(const FilePoint& point) const;

  /// Files under a rotated name that were written to at or after `modified_ns`, oldest first: generations that came
  /// and went between two looks at the path.
  std::vector<std::unique_ptr<FollowedFile>> written_since(std::int64_t modified_ns) const;

  /// All files under a rotated name.
  std::vector<FilePoint> all() const;

 private:
  struct Entry {
    std::string path;
    std::uint64_t inode;
    bool rotated_name;
  };
  std::vector<Entry> entries() const;

  std::string path_;
};

}  // namespace dsnwatch::ingest
