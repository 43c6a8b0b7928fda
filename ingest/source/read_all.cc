#include "ingest/source/read_all.h"

#include <sys/stat.h>

#include <cstring>

#include "core/clock.h"
#include "ingest/source/byte_input.h"
#include "ingest/source/decompress.h"
#include "ingest/source/line_blocks.h"

namespace dsnwatch::ingest {
namespace {

core::Result<void> read_plain(ByteInput& input, LineBlocks& blocks, BlockSink& sink) {
  while (!input.ahead().empty()) {  // The bytes that told the kind.
    const std::span<char> room = blocks.room();
    const std::size_t size = std::min(room.size(), input.ahead().size());
    std::memcpy(room.data(), input.ahead().data(), size);
    input.take(size);
    blocks.filled(size, sink);
  }
  while (true) {
    const core::Result<std::size_t> size = input.read(blocks.room());
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) break;
    blocks.filled(*size, sink);
  }
  blocks.finish(sink);
  return {};
}

}  // namespace

core::Result<void> read_all(const std::string& path, BlockSink& sink, const ReadOptions& options) {
  core::Result<ByteInput> input = ByteInput::open(path, options);
  if (!input) return tl::unexpected(input.error());
  if (const auto looked = input->look_ahead(kMagicSize); !looked) return tl::unexpected(looked.error());

  LineBlocks blocks;
  const std::string_view start = input->ahead();
  if (is_gzip(start)) return read_gzip(*input, blocks, sink);
  if (is_zstd(start)) return read_zstd(*input, blocks, sink);
  if (const std::string_view unpacker = foreign_unpacker(start); !unpacker.empty()) {
    return core::fail(input->name() + ": packed in a way that can't be read here; pipe it in: " +
                      std::string(unpacker) + " FILE | dsnwatch report -");
  }
  return read_plain(*input, blocks, sink);
}

std::int64_t reference_time_us(const std::string& path) {
  struct stat status = {};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return core::SystemClock().unix_us();
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000 + status.st_mtim.tv_nsec / 1000;
}

}  // namespace dsnwatch::ingest
