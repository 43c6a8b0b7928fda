#include "core/classify/fold_run.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/ascii.h"
#include "core/classify/normal_reply.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dsnwatch::core {
namespace {

// Behind these a digit begins neither a reply code nor a status.
bool continues_word(char c) {
  return is_alphanumeric(c) || c == '.' || c == '/' || c == '_' || c == '@';
}

bool needs_thought(char c, char before) {
  if (c == ' ') return before == ' ';
  if (c >= '2' && c <= '5') return !continues_word(before);
  const auto byte = static_cast<unsigned char>(c);
  return byte < ' ' || byte == 0x7f || byte == '\\' || byte == 0xc2 || byte == 0xe2;
}

// The dot or colon at `at`.
void note(std::string_view text, std::size_t at, char before, FoldedRun& run) {
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (text[at] == '.') {
    run.dotted_number |= is_digit(before) && is_digit(next);
    return;
  }
  run.colon_number |= is_alphanumeric(next) || next == ':';
  if (run.link == std::string_view::npos && text.substr(at, 3) == "://") run.link = at;
}

}  // namespace

FoldedRun fold_run_bytewise(std::string_view text, std::size_t at, char before, char* folded, char* plain) {
  FoldedRun run;
  for (std::size_t i = at; i < text.size() && !needs_thought(text[i], before); ++i) {
    const char c = text[i];
    if (c == '.' || c == ':') note(text, i, before, run);
    plain[run.length] = c;
    folded[run.length++] = lower(c);
    before = c;
  }
  return run;
}

#ifdef __SSE2__

namespace {

std::uint32_t bits(__m128i bytes) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
}
__m128i equal(__m128i bytes, char c) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}
// Moved so that the range ends at the largest number that a signed byte holds.
__m128i within(__m128i bytes, char first, char last) {
  return _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x7f - last))),
                        _mm_set1_epi8(static_cast<char>(0x7f - last + first - 1)));
}

constexpr std::size_t kBlock = 16;
static_assert(NormalReply::kSlack >= kBlock);

struct Block {
  std::uint32_t stops;  // a bit for each byte that needs thought
  std::uint32_t marks;  // for each dot and colon
};

// Copies a block; `before` stands in front of it.
Block fold_block(const char* text, char before, char* folded, char* plain) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i lowered = _mm_add_epi8(bytes, _mm_and_si128(within(bytes, 'A', 'Z'), _mm_set1_epi8('a' - 'A')));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(plain), bytes);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(folded), lowered);
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ' - 1)), bytes);
  const __m128i strange =
      _mm_or_si128(_mm_or_si128(control, equal(bytes, 0x7f)),
                   _mm_or_si128(equal(bytes, '\\'), _mm_or_si128(equal(bytes, '\xc2'), equal(bytes, '\xe2'))));
  // '.', '/' and the digits stand side by side in ASCII.
  static_assert('/' == '.' + 1 && '0' == '/' + 1);
  const __m128i word = _mm_or_si128(_mm_or_si128(within(bytes, '.', '9'), within(lowered, 'a', 'z')),
                                    _mm_or_si128(equal(bytes, '_'), equal(bytes, '@')));
  const std::uint32_t blanks = bits(equal(bytes, ' '));
  const std::uint32_t behind_blank = blanks << 1 | static_cast<std::uint32_t>(before == ' ');
  const std::uint32_t behind_word = bits(word) << 1 | static_cast<std::uint32_t>(continues_word(before));
  const std::uint32_t codes = bits(within(bytes, '2', '5'));
  return {bits(strange) | (blanks & behind_blank) | (codes & ~behind_word),
          bits(_mm_or_si128(equal(bytes, '.'), equal(bytes, ':')))};
}

}  // namespace

FoldedRun fold_run(std::string_view text, std::size_t at, char before, char* folded, char* plain) {
  FoldedRun run;
  while (at < text.size()) {
    Block block;
    if (text.size() - at >= kBlock) {
      block = fold_block(text.data() + at, before, folded + run.length, plain + run.length);
    } else {
      char rest[kBlock] = {};  // a zero needs thought: there it ends
      std::memcpy(rest, text.data() + at, text.size() - at);
      block = fold_block(rest, before, folded + run.length, plain + run.length);
    }
    const auto length = static_cast<std::size_t>(std::countr_zero(block.stops | 1U << kBlock));
    for (std::uint32_t marks = block.marks & ((1U << length) - 1); marks != 0; marks &= marks - 1) {
      const std::size_t mark = at + static_cast<std::size_t>(std::countr_zero(marks));
      note(text, mark, mark == at ? before : text[mark - 1], run);
    }
    run.length += length;
    at += length;
    if (length < kBlock) break;
    before = text[at - 1];
  }
  return run;
}

#else

FoldedRun fold_run(std::string_view text, std::size_t at, char before, char* folded, char* plain) {
  return fold_run_bytewise(text, at, before, folded, plain);
}

#endif

}  // namespace dsnwatch::core
