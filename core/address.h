#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dsnwatch::core {

/// Where the last "@" stands, npos if there is none; without a call, since addresses are short and there are several a
/// line.
inline std::size_t last_at_sign(std::string_view address) {
  std::size_t end = address.size();
#ifdef __SSE2__
  for (; end >= 16; end -= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(address.data() + end - 16));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('@'))));
    if (hits != 0) return end - 17 + static_cast<std::size_t>(std::bit_width(hits));
  }
#endif
  return end == 0 ? std::string_view::npos : address.rfind('@', end - 1);
}

/// What stands behind the last "@" of an address (RFC 5321 section 4.1.2: a quoted local part may hold others); empty
/// if there is none.
inline std::string_view domain_of(std::string_view address) {
  const std::size_t at = last_at_sign(address);
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

/// What stands in front of it; all of the address if there is no "@".
inline std::string_view local_part_of(std::string_view address) {
  return address.substr(0, last_at_sign(address));
}

}  // namespace dsnwatch::core
