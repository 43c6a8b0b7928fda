#include "ingest/envelope/json_skip.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace dsnwatch::ingest {

#if defined(__SSE2__)
namespace {

constexpr std::ptrdiff_t kBlock = 64;

/// Where the skipping has come to.
struct Skip {
  const char* place = nullptr;
  std::size_t depth = 0;  ///< Brackets that are open.
  bool in_string = false;
  bool escaped = false;  ///< The byte at `place` stands behind a backslash.
};
constexpr char kCaseBit = 0x20;  // The brackets differ from the braces by this bit only.

/// Where the bytes that matter stand in a block, a bit each.
struct BlockMasks {
  std::uint64_t quotes = 0, backslashes = 0, opens = 0, closes = 0;

  /// Takes out the quotes behind a backslash that is not itself escaped; `escaped` goes from block to block.
  void drop_escaped(bool& escaped) {
    if (backslashes == 0 && !escaped) return;
    std::uint64_t behind = escaped ? 1 : 0;
    std::uint64_t left = backslashes & ~behind;
    escaped = false;
    while (left != 0) {
      const int at = std::countr_zero(left);
      if (at == 63) {
        escaped = true;
        break;
      }
      behind |= std::uint64_t{2} << at;
      left &= ~(std::uint64_t{3} << at);
    }
    quotes &= ~behind;
  }
};

/// One block; `parities` has for each bit the parity of the quotes up to it. True where the outermost bracket is
/// closed.
[[gnu::always_inline]] inline bool skip_block(Skip& skip, const BlockMasks& masks, std::uint64_t parities) {
  const std::uint64_t strings = skip.in_string ? ~parities : parities;
  skip.in_string = strings >> 63 != 0;
  const std::uint64_t opens = masks.opens & ~strings, closes = masks.closes & ~strings;
  // Only where brackets close can it end: by counting, since what is open there cannot be foreseen by a branch.
  std::size_t closed = 0;
  for (std::uint64_t left = closes; left != 0; left &= left - 1) {
    ++closed;
    const std::uint64_t before = opens & (left - 1) & ~left;
    if (skip.depth + static_cast<std::size_t>(std::popcount(before)) == closed) {
      skip.place += std::countr_zero(left) + 1;
      return true;
    }
  }
  skip.depth += static_cast<std::size_t>(std::popcount(opens)) - closed;
  skip.place += kBlock;
  return false;
}

void add_bits(__m128i bytes, char wanted, int shift, std::uint64_t& mask) {
  const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted))));
  mask |= std::uint64_t{hits} << shift;
}

bool skip_with_sse2(Skip& skip, const char* end) {
  while (end - skip.place >= kBlock) {
    BlockMasks masks;
    for (int at = 0; at < kBlock; at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(skip.place + at));
      const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(kCaseBit));
      add_bits(bytes, '"', at, masks.quotes);
      add_bits(bytes, '\\', at, masks.backslashes);
      add_bits(folded, '{', at, masks.opens);
      add_bits(folded, '}', at, masks.closes);
    }
    masks.drop_escaped(skip.escaped);
    std::uint64_t parities = masks.quotes;
    for (int shift = 1; shift < kBlock; shift *= 2) parities ^= parities << shift;
    if (skip_block(skip, masks, parities)) return true;
  }
  return false;
}

#define DSNWATCH_AVX2 [[gnu::target("avx2,pclmul,popcnt,bmi")]]

DSNWATCH_AVX2 inline std::uint64_t bits_of(__m256i low, __m256i high, char wanted) {
  const __m256i pattern = _mm256_set1_epi8(wanted);
  const auto first = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)));
  const auto second = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern)));
  return first | std::uint64_t{second} << 32;
}

DSNWATCH_AVX2 bool skip_with_avx2(Skip& skip, const char* end) {
  const __m256i case_bit = _mm256_set1_epi8(kCaseBit);
  while (end - skip.place >= kBlock) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(skip.place));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(skip.place + kBlock / 2));
    const __m256i folded_low = _mm256_or_si256(low, case_bit), folded_high = _mm256_or_si256(high, case_bit);
    BlockMasks masks;
    masks.quotes = bits_of(low, high, '"');
    masks.backslashes = bits_of(low, high, '\\');
    masks.opens = bits_of(folded_low, folded_high, '{');
    masks.closes = bits_of(folded_low, folded_high, '}');
    masks.drop_escaped(skip.escaped);
    const __m128i quotes = _mm_cvtsi64_si128(static_cast<long long>(masks.quotes));
    const __m128i parities = _mm_clmulepi64_si128(quotes, _mm_set1_epi8(-1), 0);
    if (skip_block(skip, masks, static_cast<std::uint64_t>(_mm_cvtsi128_si64(parities)))) return true;
  }
  return false;
}

#undef DSNWATCH_AVX2

bool has_avx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("pclmul") != 0 &&
         __builtin_cpu_supports("popcnt") != 0 && __builtin_cpu_supports("bmi") != 0;
}

/// True if the container ends in the blocks of 64 bytes before `end`; the place is behind it then, else behind them.
using SkipBlocks = bool (*)(Skip&, const char* end);
const SkipBlocks skip_blocks = has_avx2() ? skip_with_avx2 : skip_with_sse2;

const char* skip_container(SkipBlocks blocks, const char* begin, const char* end) {
  Skip skip{.place = begin};
  if (blocks(skip, end)) return skip.place;
  const char* const last = skip.place;
  const auto left = static_cast<std::size_t>(end - last);
  std::array<char, kBlock> block{};  // The rest, since nothing may be read behind the end.
  std::memcpy(block.data(), last, left);
  skip.place = block.data();
  return blocks(skip, block.data() + block.size()) ? last + (skip.place - block.data()) : nullptr;
}

}  // namespace

const char* skip_json_container(const char* begin, const char* end) {
  return skip_container(skip_blocks, begin, end);
}

const char* skip_json_container_on_old_machines(const char* begin, const char* end) {
  return skip_container(skip_with_sse2, begin, end);
}

#else

const char* skip_json_container(const char* begin, const char* end) {
  std::size_t depth = 0;
  bool in_string = false;
  for (const char* p = begin; p < end; ++p) {
    if (*p == '"') in_string = !in_string;
    if (in_string) {
      if (*p == '\\') ++p;
    } else if (*p == '{' || *p == '[') {
      ++depth;
    } else if ((*p == '}' || *p == ']') && --depth == 0) {
      return p + 1;
    }
  }
  return nullptr;
}

const char* skip_json_container_on_old_machines(const char* begin, const char* end) {
  return skip_json_container(begin, end);
}

#endif

}  // namespace dsnwatch::ingest
