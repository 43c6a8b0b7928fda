#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace dsnwatch::daemon {

/// Copies of short texts that stay where they are until the arena goes.
class ByteArena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (left_ < text.size()) {
      left_ = std::max(kChunk, text.size());
      chunks_.emplace_back(new char[left_]);
      next_ = chunks_.back().get();
    }
    std::memcpy(next_, text.data(), text.size());
    const std::string_view kept(next_, text.size());
    next_ += text.size();
    left_ -= text.size();
    return kept;
  }

 private:
  static constexpr std::size_t kChunk = 64u << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace dsnwatch::daemon
