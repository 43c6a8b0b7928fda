#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace dsnwatch::ingest {

/// Room for decoded texts that must outlive the call that decoded them. Its memory moves only while it is empty, and
/// stays: in steady state nothing is allocated.
class TextArena {
 public:
  bool has_room(std::size_t bytes) const { return capacity_ - used_ >= bytes; }

  /// Forgets all texts and makes room for so many bytes.
  void clear(std::size_t bytes) {
    used_ = 0;
    const bool too_large = capacity_ > kUsual && bytes <= kUsual;  // One huge record must not hold its memory for ever.
    if (bytes <= capacity_ && !too_large) return;
    capacity_ = std::max(bytes, kLeast);
    memory_ = std::make_unique_for_overwrite<char[]>(capacity_);
  }

  /// Where the next text goes; has_room() says how long it may be.
  char* next() { return memory_.get() + used_; }

  /// The `size` bytes at next() are a text now.
  std::string_view keep(std::size_t size) {
    const std::string_view text(next(), size);
    used_ += size;
    return text;
  }

  std::string_view copy(std::string_view text) {
    std::memcpy(next(), text.data(), text.size());
    return keep(text.size());
  }

 private:
  static constexpr std::size_t kLeast = 32u << 10, kUsual = 512u << 10;

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

}  // namespace dsnwatch::ingest
