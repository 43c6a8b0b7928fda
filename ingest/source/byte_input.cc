#include "ingest/source/byte_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/source/line_blocks.h"

namespace dsnwatch::ingest {
namespace {

std::string what_to_do(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ": no such file; check the path";
    case EACCES:
    case EPERM:
      return ": permission denied; run as a user that may read it (often group adm or root)";
    case EISDIR:
      return ": is a directory; name the files in it";
    default:
      return std::string(": ") + std::strerror(error);
  }
}

}  // namespace

core::Result<ByteInput> ByteInput::open(const std::string& path, const ReadOptions& options) {
  if (path == "-") return ByteInput(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0), "standard input", options);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return core::fail(path + what_to_do(errno));
  ByteInput input(fd, path, options);
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return core::fail(path + what_to_do(errno));
  if (S_ISDIR(status.st_mode)) return core::fail(path + what_to_do(EISDIR));
  if (S_ISREG(status.st_mode)) {
    input.so_far_.bytes_total = static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  return input;
}

ByteInput::ByteInput(int fd, std::string name, const ReadOptions& options)
    : fd_(fd), name_(std::move(name)), progress_(options.progress), buffer_(kReadSize) {}

ByteInput::ByteInput(ByteInput&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      progress_(std::move(other.progress_)),
      so_far_(other.so_far_),
      buffer_(std::move(other.buffer_)),
      taken_(other.taken_),
      filled_(other.filled_) {}

ByteInput::~ByteInput() {
  if (fd_ >= 0) ::close(fd_);
}

core::Result<std::size_t> ByteInput::read(std::span<char> room) {
  ssize_t size = 0;
  do {
    size = ::read(fd_, room.data(), room.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return core::fail(name_ + what_to_do(errno));
  so_far_.bytes_read += static_cast<std::uint64_t>(size);
  if (progress_ && size > 0) progress_(so_far_);
  return static_cast<std::size_t>(size);
}

core::Result<bool> ByteInput::look_ahead(std::size_t size) {
  while (filled_ - taken_ < size) {
    if (buffer_.size() - taken_ < size || taken_ == filled_) {
      std::memmove(buffer_.data(), buffer_.data() + taken_, filled_ - taken_);
      filled_ -= taken_;
      taken_ = 0;
    }
    const core::Result<std::size_t> got = read(std::span(buffer_).subspan(filled_));
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return false;
    filled_ += *got;
  }
  return true;
}

}  // namespace dsnwatch::ingest
