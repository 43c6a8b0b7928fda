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
  std::size_t left = text.size();
  std::uint64_t state = kHashSeed ^ left;
  std::uint64_t word = 0;
  for (; left >= 8; left -= 8, at += 8) {
    std::memcpy(&word, at, 8);
    state = hash_mix(state ^ word, 0x9e3779b97f4a7c15u);
  }
  word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return hash_mix(state ^ word, 0xd6e8feb86659fd93u ^ kHashSeed);
}

/// For standard containers keyed by std::string that are asked with views.
struct SeededStringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return seeded_hash(text); }
};

}  // namespace dsnwatch::core
