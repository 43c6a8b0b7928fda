#include "ingest/source/followed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace dsnwatch::ingest {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::string advice(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "; let this process read it, for example through group adm";
    case ENOENT:
      return "; it will be read from its start once it appears";
    case ELOOP:
      return "; a symbolic link points to itself";
    default:
      return "";
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

core::Result<std::unique_ptr<FollowedFile>> FollowedFile::open(const std::string& path) {
  // O_NONBLOCK: a FIFO in the place of the log must not stop the worker.
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) {
    const int error = errno;
    return core::fail("can't open " + path + ": " + reason(error) + advice(error));
  }
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) return core::fail("can't look at " + path + ": " + reason(errno));
  if (S_ISDIR(info.st_mode))
    return core::fail(path + " is a directory; name a file, or a pattern such as " + path + "/*.log");
  if (!S_ISREG(info.st_mode)) return core::fail(path + " is no regular file; only those can be followed");
  std::unique_ptr<FollowedFile> file(new FollowedFile(std::move(fd)));
  file->point_.device = info.st_dev;
  file->point_.inode = info.st_ino;
  file->refresh();
  file->point_.fingerprint = Fingerprint::of(file->head());
  return file;
}

void FollowedFile::refresh() {
  struct stat info = {};
  if (::fstat(fd_.get(), &info) != 0) return;
  point_.size = static_cast<std::uint64_t>(info.st_size);
  point_.modified_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

std::string FollowedFile::head() const {
  std::string bytes(Fingerprint::kBytes, '\0');
  const ssize_t got = ::pread(fd_.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

/// Compares the first bytes with those seen before, and learns those that have come since.
bool FollowedFile::still_the_same() {
  const std::string now = head();
  if (!point_.fingerprint.matches(now)) return false;
  if (now.size() > point_.fingerprint.length()) point_.fingerprint = Fingerprint::of(now);
  verified_ns_ = point_.modified_ns;
  return true;
}

FollowedFile::Outcome FollowedFile::read_block(BlockSink& sink, std::size_t bytes, std::uint64_t end) {
  problem_.clear();
  const FilePoint seen = point_;
  refresh();
  const std::uint64_t at = point_.offset + (lines_ ? lines_->pending() : 0);
  const auto truncated = [&] {
    point_ = seen;  // Says how much there was.
    return Outcome::kTruncated;
  };
  if (point_.size < at) return truncated();
  const std::uint64_t available = std::min(end, point_.size) - std::min(at, std::min(end, point_.size));
  if (available == 0) {
    if (lines_ && lines_->pending() == 0) lines_.reset();
    if (point_.modified_ns != verified_ns_ && !still_the_same()) return truncated();
    return Outcome::kEnd;
  }
  const std::span<char> room = lines().room();
  const std::size_t wanted =
      std::min({static_cast<std::size_t>(std::min<std::uint64_t>(available, bytes)), room.size()});
  const ssize_t got = ::pread(fd_.get(), room.data(), wanted, static_cast<off_t>(at));
  if (got < 0) {
    problem_ = reason(errno);
    return Outcome::kFailed;
  }
  // Compared after the read: had the file been emptied before it, its beginning would differ now.
  if (!still_the_same()) return truncated();
  if (got == 0) return Outcome::kEnd;
  lines().filled(static_cast<std::size_t>(got), sink);
  point_.offset = at + static_cast<std::uint64_t>(got) - lines().pending();
  return Outcome::kRead;
}

LineBlocks& FollowedFile::lines() {
  if (!lines_) lines_ = std::make_unique<LineBlocks>();
  return *lines_;
}

void FollowedFile::finish(BlockSink& sink) {
  if (!lines_) return;
  point_.offset += lines_->pending();
  lines_->finish(sink);
}

void FollowedFile::seek(std::uint64_t offset) {
  lines_.reset();
  point_.offset = offset;
}

void FollowedFile::seek_to_next_line(std::uint64_t offset) {
  std::string bytes(4096, '\0');
  while (offset > 0) {
    const ssize_t got = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset - 1));
    if (got <= 0) break;
    const std::size_t newline = std::string_view(bytes.data(), static_cast<std::size_t>(got)).find('\n');
    if (newline != std::string_view::npos) {
      offset += newline;
      break;
    }
    offset += static_cast<std::uint64_t>(got);
  }
  seek(offset);
}

void FollowedFile::restart() {
  seek(0);
  refresh();
  point_.fingerprint = Fingerprint::of(head());
}

}  // namespace dsnwatch::ingest
