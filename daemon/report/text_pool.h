#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/flat_index.h"
#include "daemon/report/byte_arena.h"

namespace dsnwatch::daemon {

/// One text of a TextPool; 0: none.
using TextId = std::uint32_t;

/// Masked replies, each once, up to a bound: thousands of rows share a few hundred texts.
class TextPool {
 public:
  /// The number of a text; 0 (none) for an empty text and when the pool is full.
  TextId keep(std::string_view text);
  std::string_view at(TextId id) const { return id == 0 ? std::string_view() : texts_[id - 1]; }

 private:
  static constexpr std::size_t kMostBytes = 4u << 20;
  ByteArena arena_;
  std::vector<std::string_view> texts_;
  core::FlatIndex index_;
  std::size_t bytes_ = 0;
};

}  // namespace dsnwatch::daemon
