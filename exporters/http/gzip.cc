#include "exporters/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace dsnwatch::exporters {

std::optional<std::string> gzip(std::string_view text) {
  constexpr int kWindowBitsForGzip = 15 + 16;
  constexpr int kDefaultMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindowBitsForGzip, kDefaultMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  std::string packed(text.size() / 8 + 128, '\0');
  std::size_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (written == packed.size()) packed.resize(packed.size() * 2);
    const std::size_t input = std::min(kMost, text.size() - read);
    const std::size_t room = std::min(kMost, packed.size() - written);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + read));  // zlib's API: it only reads
    stream.avail_in = static_cast<uInt>(input);
    stream.next_out = reinterpret_cast<Bytef*>(packed.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    status = deflate(&stream, read + input == text.size() ? Z_FINISH : Z_NO_FLUSH);
    read += input - stream.avail_in;
    written += room - stream.avail_out;
  }
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return std::nullopt;
  packed.resize(written);
  return packed;
}

}  // namespace dsnwatch::exporters
