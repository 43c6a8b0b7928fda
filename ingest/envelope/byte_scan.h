#pragma once

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dsnwatch::ingest {

/// The first `wanted` in [p, end), or nullptr: for a byte that is expected within a few dozen bytes, where the call of
/// memchr costs more than the search. Reads nothing outside the range.
inline const char* find_near(const char* p, const char* end, char wanted) {
#if defined(__SSE2__)
  const __m128i pattern = _mm_set1_epi8(wanted);
  for (int tries = 0; tries < 4 && end - p >= 16; ++tries, p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern)));
    if (hits != 0) return p + std::countr_zero(hits);
  }
#endif
  return p == end ? nullptr : static_cast<const char*>(std::memchr(p, wanted, static_cast<std::size_t>(end - p)));
}

/// The first of the bytes `wanted` in [p, end), or `end`. Reads nothing outside the range.
template <class... Bytes>
inline const char* find_any(const char* p, const char* end, Bytes... wanted) {
#if defined(__SSE2__)
  const auto hits_at = [&](const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)))), ...);
    return static_cast<unsigned>(_mm_movemask_epi8(hits));
  };
  const bool long_enough = end - p >= 16;
  for (; end - p >= 16; p += 16) {
    const unsigned hits = hits_at(p);
    if (hits != 0) return p + std::countr_zero(hits);
  }
  if (long_enough) {  // The rest, together with bytes before it.
    const unsigned hits = hits_at(end - 16) >> (16 - (end - p));
    return hits != 0 ? p + std::countr_zero(hits) : end;
  }
#endif
  while (p < end && ((*p != wanted) && ...)) ++p;
  return p;
}

}  // namespace dsnwatch::ingest
