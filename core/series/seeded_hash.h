#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace dsnwatch::core {

/// Chosen anew by every process: senders choose the domains that we hash, and must not be able to make them collide.
inline const std::uint64_t kHashSeed = [] {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32 | device()) | 1;
}();

/// Multiplies to 128 bits and folds the halves: every input bit reaches every output bit.
inline std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t seeded_hash(std::uint64_t first, std::uint64_t second) {
  return hash_mix(first ^ kHashSeed, second ^ 0x9e3779b97f4a7c15u);
}

/// Of text, eight bytes at a time.
inline std::uint64_t seeded_hash(std::string_view text) {
  const char* at = text.data();
  std::uint64_t state = kHashSeed ^ text.size();
  std::uint64_t word = 0;
  if (text.size() >= 8) {
    const char* const last = at + text.size() - 8;  // The last word overlaps the one before, here and below.
    for (; at < last; at += 8) {
      std::memcpy(&word, at, 8);
      state = hash_mix(state ^ word, 0x9e3779b97f4a7c15u);
    }
    std::memcpy(&word, last, 8);
  } else if (text.size() >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + text.size() - 4, 4);
    word = std::uint64_t{first} << 32 | last;
  } else {
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  }
  return hash_mix(state ^ word, 0xd6e8feb86659fd93u ^ kHashSeed);
}

/// For standard containers keyed by std::string that are asked with views.
struct SeededStringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return seeded_hash(text); }
};

}  // namespace dsnwatch::core
