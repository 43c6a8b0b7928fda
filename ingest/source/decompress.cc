#include "ingest/source/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace dsnwatch::ingest {
namespace {

using std::string_view_literals::operator""sv;

constexpr auto kWhatToDo = "; the lines before that were read. Get an undamaged copy for the rest"sv;

core::Result<void> broken(const ByteInput& input, std::string_view kind, std::string_view why) {
  return core::fail(input.name() + ": broken " + std::string(kind) + " data (" + std::string(why) + ")" +
                    std::string(kWhatToDo));
}

core::Result<void> cut_short(const ByteInput& input, std::string_view kind) {
  return core::fail(input.name() + ": the " + std::string(kind) + " data end too early" + std::string(kWhatToDo));
}

struct InflateEnd {
  void operator()(z_stream* stream) const {
    inflateEnd(stream);
    delete stream;
  }
};

/// Unpacks one member; the input stands behind it afterwards.
core::Result<void> read_member(z_stream& stream, ByteInput& input, LineBlocks& blocks, BlockSink& sink) {
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (input.ahead().empty()) {
      const core::Result<bool> more = input.look_ahead(1);
      if (!more) return tl::unexpected(more.error());
      if (!*more) return cut_short(input, "gzip");
    }
    const std::span<char> room = blocks.room();
    const std::string_view packed = input.ahead();
    // zlib reads through a pointer to non-const for historical reasons (ZLIB_CONST is not everywhere).
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    state = inflate(&stream, Z_NO_FLUSH);
    input.take(packed.size() - stream.avail_in);
    blocks.filled(room.size() - stream.avail_out, sink);
    if (state == Z_BUF_ERROR) state = Z_OK;  // No progress was possible: more input is needed.
    if (state == Z_MEM_ERROR) return core::fail(input.name() + ": not enough memory to unpack it");
    if (state != Z_OK && state != Z_STREAM_END) return broken(input, "gzip", stream.msg ? stream.msg : "unknown");
  }
  return {};
}

}  // namespace

bool is_gzip(std::string_view start) {
  return start.starts_with("\x1f\x8b"sv);
}

bool is_zstd(std::string_view start) {
  if (start.starts_with("\x28\xb5\x2f\xfd"sv)) return true;
  return start.size() >= 4 && (start[0] & 0xf0) == 0x50 && start.substr(1, 3) == "\x2a\x4d\x18"sv;  // Skippable.
}

std::string_view foreign_unpacker(std::string_view start) {
  if (start.starts_with("\xfd"
                        "7zXZ\0"sv))
    return "xz -dc";
  if (start.starts_with("BZh"sv) && start.substr(std::min<std::size_t>(4, start.size())).starts_with("1AY&SY"sv))
    return "bzip2 -dc";
  if (start.starts_with("\x1f\x9d"sv)) return "gzip -dc";  // compress(1)
  if (start.starts_with("\x04\x22\x4d\x18"sv)) return "lz4 -dc";
  if (start.starts_with("PK\x03\x04"sv)) return "unzip -p";
  return {};
}

core::Result<void> read_gzip(ByteInput& input, LineBlocks& blocks, BlockSink& sink) {
  std::unique_ptr<z_stream, InflateEnd> stream(new z_stream{});
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(stream.get(), kGzipOnly) != Z_OK) return core::fail(input.name() + ": zlib can't be set up");
  while (true) {
    if (auto done = read_member(*stream, input, blocks, sink); !done) return done;
    const core::Result<bool> more = input.look_ahead(2);
    if (!more) return tl::unexpected(more.error());
    if (!is_gzip(input.ahead())) break;
    inflateReset(stream.get());
  }
  blocks.finish(sink);
  return {};
}

core::Result<void> read_zstd(ByteInput& input, LineBlocks& blocks, BlockSink& sink) {
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  const std::unique_ptr<ZSTD_DStream, Free> stream(ZSTD_createDStream());
  if (!stream) return core::fail(input.name() + ": zstd can't be set up");
  std::size_t state = 0;  // 0: between two frames.
  bool more_output = false;
  while (true) {
    if (input.ahead().empty() && !more_output) {
      const core::Result<bool> more = input.look_ahead(1);
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
    }
    const std::span<char> room = blocks.room();
    const std::string_view packed = input.ahead();
    ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
    ZSTD_outBuffer out = {room.data(), room.size(), 0};
    state = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(state)) return broken(input, "zstd", ZSTD_getErrorName(state));
    input.take(in.pos);
    blocks.filled(out.pos, sink);
    more_output = out.pos == out.size && state != 0;  // The decoder may hold more than the room took.
  }
  if (state != 0) return cut_short(input, "zstd");
  blocks.finish(sink);
  return {};
}

}  // namespace dsnwatch::ingest
