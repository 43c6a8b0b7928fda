#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dsnwatch::core {

/// As memcpy(), without a call: for short texts of lengths that are not known before. Eight bytes at a time; the last
/// ones overlap those before them.
inline void copy_bytes(char* to, const char* from, std::size_t length) {
  const auto copy = [&]<class Word>(Word, std::size_t at) { std::memcpy(to + at, from + at, sizeof(Word)); };
  if (length >= 8) {
    for (std::size_t at = 0; at + 8 < length; at += 8) copy(std::uint64_t{}, at);
    copy(std::uint64_t{}, length - 8);
  } else if (length >= 4) {
    copy(std::uint32_t{}, 0);
    copy(std::uint32_t{}, length - 4);
  } else {
    for (std::size_t at = 0; at < length; ++at) to[at] = from[at];
  }
}

}  // namespace dsnwatch::core
