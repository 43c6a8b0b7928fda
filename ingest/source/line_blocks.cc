#include "ingest/source/line_blocks.h"

#include <algorithm>
#include <cstring>

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kUsualRemainder =
    4096;  // With more than this held, a read is cut short rather than the buffer grown.

}  // namespace

LineBlocks::LineBlocks(std::size_t max_line) : max_line_(max_line), buffer_(kReadSize + kUsualRemainder) {}

std::span<char> LineBlocks::room() {
  if (buffer_.size() - held_ < kReadSize / 4) buffer_.resize(std::min(2 * buffer_.size(), max_line_ + 2 * kReadSize));
  // A read of at most max_line_ bytes can't hold an overlong line between two newlines: only the line that was begun
  // before it has to be measured.
  return {buffer_.data() + held_, std::min({buffer_.size() - held_, kReadSize, max_line_})};
}

void LineBlocks::filled(std::size_t size, BlockSink& sink) {
  std::size_t begin = 0;
  const std::size_t end = held_ + size;
  if (dropped_ > 0 || held_ > 0) {
    const auto* newline = static_cast<const char*>(std::memchr(buffer_.data() + held_, '\n', size));
    const std::size_t line = newline == nullptr ? end : static_cast<std::size_t>(newline - buffer_.data());
    if (dropped_ > 0 || line > max_line_) {
      dropped_ += line;
      held_ = 0;
      if (newline == nullptr) return;
      sink.on_long_line(dropped_ + 1);
      dropped_ = 0;
      begin = line + 1;
    }
  }
  const auto* last = static_cast<const char*>(memrchr(buffer_.data() + begin, '\n', end - begin));
  if (last != nullptr) {
    const std::size_t lines_end = static_cast<std::size_t>(last - buffer_.data()) + 1;
    sink.on_block({buffer_.data() + begin, lines_end - begin});
    begin = lines_end;
  }
  held_ = end - begin;
  if (begin > 0) std::memmove(buffer_.data(), buffer_.data() + begin, held_);
}

void LineBlocks::finish(BlockSink& sink) {
  if (dropped_ > 0) sink.on_long_line(dropped_);
  if (held_ > 0) sink.on_block({buffer_.data(), held_});
  discard();
}

void LineBlocks::discard() {
  held_ = 0;
  dropped_ = 0;
}

}  // namespace dsnwatch::ingest
