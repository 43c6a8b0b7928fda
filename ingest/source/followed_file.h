#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/source/file_point.h"
#include "ingest/source/line_blocks.h"
#include "ingest/source/source.h"

namespace dsnwatch::ingest {

/// A descriptor that closes itself.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// One open file that grows: stays with the file when its name goes to another one. Notices when it was emptied and
/// written anew (copytruncate).
class FollowedFile {
 public:
  enum class Outcome {
    kRead,       ///< Something was handed on or buffered; there may be more.
    kEnd,        ///< Nothing more for now.
    kTruncated,  ///< It is shorter than before or begins otherwise: see restart().
    kFailed,     ///< See problem().
  };

  /// Opens a regular file for reading from the start. The error is a sentence that says what to do.
  static core::Result<std::unique_ptr<FollowedFile>> open(const std::string& path);

  /// Hands on whole lines of one read of at most `bytes`, none of it from beyond `end`.
  Outcome read_block(BlockSink& sink, std::size_t bytes = kReadSize, std::uint64_t end = ~std::uint64_t{0});

  /// The last line will not get its newline any more: hands it on as it is.
  void finish(BlockSink& sink);

  /// Goes on from `offset`; what was buffered is forgotten.
  void seek(std::uint64_t offset);
  /// The same, but from the first line that begins behind `offset`.
  void seek_to_next_line(std::uint64_t offset);

  /// After kTruncated: from the beginning, with a new fingerprint.
  void restart();

  /// Looks at size and time of the file again.
  void refresh();

  const FilePoint& point() const { return point_; }
  std::string head() const;  ///< The file's first bytes as they are now.
  bool is(std::uint64_t device, std::uint64_t inode) const { return point_.device == device && point_.inode == inode; }
  std::uint64_t backlog() const { return point_.size > point_.offset ? point_.size - point_.offset : 0; }
  const std::string& problem() const { return problem_; }

  core::MonotonicMs quiet_since = 0;  ///< Kept by the owner: when there was last something to read.

 private:
  explicit FollowedFile(FileDescriptor fd) : fd_(std::move(fd)) {}
  bool still_the_same();
  LineBlocks& lines();

  FileDescriptor fd_;
  FilePoint point_;
  std::int64_t verified_ns_ = 0;       // The file's time when its first bytes were last compared.
  std::unique_ptr<LineBlocks> lines_;  // Only while there is something to read: a quiet file needs no buffer.
  std::string problem_;
};

}  // namespace dsnwatch::ingest
