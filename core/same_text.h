#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace dsnwatch::core {

namespace same_text_detail {

template <class Word>
bool same_word(const char* a, const char* b) {
  Word one, two;
  std::memcpy(&one, a, sizeof one);
  std::memcpy(&two, b, sizeof two);
  return one == two;
}

}  // namespace same_text_detail

/// As memcmp() == 0, without a call: for the short texts that are compared once or more per line.
inline bool same_bytes(const char* a, const char* b, std::size_t length) {
  namespace detail = same_text_detail;
  if (length >= 8) {
    std::size_t at = 0;
    for (; at + 8 < length; at += 8) {
      if (!detail::same_word<std::uint64_t>(a + at, b + at)) return false;
    }
    return detail::same_word<std::uint64_t>(a + length - 8, b + length - 8);
  }
  if (length >= 4) {
    return detail::same_word<std::uint32_t>(a, b) && detail::same_word<std::uint32_t>(a + length - 4, b + length - 4);
  }
  for (std::size_t at = 0; at < length; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

}  // namespace dsnwatch::core
