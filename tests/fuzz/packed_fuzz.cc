// Any file: plain, gzip or zstd by its first bytes, broken anywhere. It is read to an end or an error, never past
// either.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ingest/source/read_all.h"

namespace {

class Whole final : public dsnwatch::ingest::BlockSink {
 public:
  void on_block(std::string_view lines) override { bytes_ += lines.size(); }
  void on_long_line(std::uint64_t) override {}

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = memfd_create("input", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  Whole sink;
  const auto read = dsnwatch::ingest::read_all("/proc/self/fd/" + std::to_string(fd), sink);
  if (!read && read.error().message.empty()) std::abort();
  close(fd);
  return 0;
}
