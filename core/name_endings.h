#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/same_bytes.h"

namespace dsnwatch::core {

/// Whether a name may end with one of some hundred others, from its last six bytes: a few instructions without a branch
/// that could be guessed wrongly, where a pass over the name has one a byte. Letters count in either case.
class NameEndings {
 public:
  void add(std::string_view name) {
    if (name.size() < kShortest) {
      tiny_ = true;
      return;
    }
    bits_.set(place(name, name.size() < kLongest ? name.size() : kLongest));
  }

  /// False only if none does.
  bool may_end_so(std::string_view name) const {
    if (tiny_ || name.size() < kLongest) return true;
    return (unsigned{bits_[place(name, 6)]} | unsigned{bits_[place(name, 5)]} | unsigned{bits_[place(name, 4)]}) != 0;
  }

 private:
  static constexpr std::size_t kShortest = 4, kLongest = 6;
  static constexpr int kBits = 12;

  /// Of the last `size` bytes, 4 to 6: two words that overlap.
  static std::size_t place(std::string_view name, std::size_t size) {
    const char* const end = name.data() + name.size();
    const std::uint64_t first = load_word<std::uint32_t>(end - size), last = load_word<std::uint32_t>(end - kShortest);
    const std::uint64_t word = (first << 32 | last) | 0x2020202020202020u;
    return (word + size) * 0x9e3779b97f4a7c15u >> (64 - kBits);
  }

  std::bitset<std::size_t{1} << kBits> bits_;
  bool tiny_ = false;  // A name is too short to be told so.
};

}  // namespace dsnwatch::core
