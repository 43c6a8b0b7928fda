#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/source/read_all.h"

namespace dsnwatch::ingest {

/// The bytes of a file or of standard input ("-") as stored. Reads ahead into a buffer (for decompressors, and to look
/// at the first bytes) or straight into the caller's memory. Owns the descriptor. Not thread-safe.
class ByteInput {
 public:
  static core::Result<ByteInput> open(const std::string& path, const ReadOptions& options);
  ~ByteInput();
  ByteInput(ByteInput&& other) noexcept;
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;

  /// Bytes that were read ahead and not yet taken.
  std::string_view ahead() const { return {buffer_.data() + taken_, filled_ - taken_}; }
  void take(std::size_t size) { taken_ += size; }

  /// Reads on until at least `size` bytes are ahead or the input ends; says whether they are.
  core::Result<bool> look_ahead(std::size_t size);

  /// Reads once into `room`, past the buffer (which must have been taken whole); 0 at the end.
  core::Result<std::size_t> read(std::span<char> room);

  const std::string& name() const { return name_; }

 private:
  ByteInput(int fd, std::string name, const ReadOptions& options);

  int fd_;
  std::string name_;  // For messages: the path, or "standard input".
  std::function<void(const ReadProgress&)> progress_;
  ReadProgress so_far_;
  std::vector<char> buffer_;
  std::size_t taken_ = 0, filled_ = 0;
};

}  // namespace dsnwatch::ingest
