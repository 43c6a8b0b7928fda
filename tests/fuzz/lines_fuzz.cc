// However the bytes are cut into reads, the same lines come out, each once; a line over the limit is dropped and told.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ingest/source/line_blocks.h"

namespace {

using dsnwatch::ingest::LineBlocks;

constexpr std::size_t kLimit = 64;

class Collected final : public dsnwatch::ingest::BlockSink {
 public:
  void on_block(std::string_view lines) override { bytes += lines; }
  void on_long_line(std::uint64_t size) override {
    ++long_lines;
    if (size <= kLimit) std::abort();
  }

  std::string bytes;
  int long_lines = 0;
};

Collected read_in_pieces(std::string_view input, std::size_t piece) {
  Collected collected;
  LineBlocks blocks(kLimit);
  while (!input.empty()) {
    const auto room = blocks.room();
    const std::size_t size = std::min({piece, room.size(), input.size()});
    std::copy_n(input.data(), size, room.data());
    blocks.filled(size, collected);
    input.remove_prefix(size);
  }
  blocks.finish(collected);
  if (blocks.pending() != 0) std::abort();
  return collected;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const Collected whole = read_in_pieces(input, input.size());
  const Collected pieces = read_in_pieces(input, 1 + data[0]);
  if (whole.bytes != pieces.bytes || whole.long_lines != pieces.long_lines) std::abort();
  return 0;
}
