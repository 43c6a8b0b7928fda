#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/source/source.h"

namespace dsnwatch::ingest {

/// Bytes asked for by one read().
inline constexpr std::size_t kReadSize = 256u << 10;

/// A longer line (its newline not counted) is dropped and reported.
inline constexpr std::size_t kMaxLine = 1u << 20;

/// Turns reads into blocks of whole lines: read into room(), then call filled(). How the bytes are cut into reads makes
/// no difference to the lines handed on. Holds one unfinished line, so at most kMaxLine + kReadSize bytes. Not
/// thread-safe.
class LineBlocks {
 public:
  explicit LineBlocks(std::size_t max_line = kMaxLine);

  /// Where the next read goes; valid until filled(). At least a quarter of kReadSize, usually kReadSize (at most
  /// max_line).
  std::span<char> room();

  /// The first `size` bytes of room() were read: hands all finished lines on.
  void filled(std::size_t size, BlockSink& sink);

  /// The end of the input: hands on a last line without its newline.
  void finish(BlockSink& sink);

  /// Forgets an unfinished line (the file was truncated, or its end is lost).
  void discard();

  /// Bytes taken in but not handed on: those of the unfinished line, dropped ones included. A position is what was
  /// read minus this, so that reading on from it sees the line whole.
  std::uint64_t pending() const { return dropped_ + held_; }

 private:
  std::size_t max_line_;
  std::vector<char> buffer_;  // [0, held_): an unfinished line.
  std::size_t held_ = 0;
  std::uint64_t dropped_ = 0;  // Bytes of an unfinished line that is over the limit; held_ is then 0.
};

}  // namespace dsnwatch::ingest
