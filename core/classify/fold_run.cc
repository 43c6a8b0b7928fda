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

void note(std::size_t& first, std::size_t at) {
  first = std::min(first, at);
}

bool is_link(std::string_view text, std::size_t at) {
  constexpr std::string_view kLink = "://";
  return text.substr(at, kLink.size()) == kLink;
}

}  // namespace

FoldedRun fold_run_bytewise(std::string_view text, std::size_t at, char before, char* folded, char* plain) {
  FoldedRun run;
  for (std::size_t i = at; i < text.size() && !needs_thought(text[i], before); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '.' && is_digit(before) && is_digit(next)) note(run.dot, i);
    if (c == ':' && (is_alphanumeric(next) || next == ':')) note(run.colon, i);
    if (c == ':' && is_link(text, i)) note(run.link, i);
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
std::size_t first_of(std::uint32_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask));
}
// Moved so that the range ends at the largest number that a signed byte holds.
__m128i within(__m128i bytes, char first, char last) {
  return _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x7f - last))),
                        _mm_set1_epi8(static_cast<char>(0x7f - last + first - 1)));
}

constexpr std::size_t kBlock = 16;
static_assert(NormalReply::kSlack >= kBlock);

// A bit for each byte of a block.
struct Block {
  std::uint32_t stops;   // that needs thought
  std::uint32_t dots;    // dots between digits
  std::uint32_t colons;  // colons in front of a letter, a digit or another colon
  std::uint32_t links;   // colons in front of a slash
};

// Copies a block; `before` stands in front of it. One byte more than the block is read.
Block fold_block(const char* text, char before, char* folded, char* plain) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i lowered = _mm_add_epi8(bytes, _mm_and_si128(within(bytes, 'A', 'Z'), _mm_set1_epi8('a' - 'A')));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(plain), bytes);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(folded), lowered);
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ' - 1)), bytes);
  const __m128i strange =
      _mm_or_si128(_mm_or_si128(control, equal(bytes, 0x7f)),
                   _mm_or_si128(equal(bytes, '\\'), _mm_or_si128(equal(bytes, '\xc2'), equal(bytes, '\xe2'))));
  const std::uint32_t digits = bits(within(bytes, '0', '9'));
  const std::uint32_t alphanumeric = bits(within(lowered, 'a', 'z')) | digits;
  const std::uint32_t dots = bits(equal(bytes, '.')), slashes = bits(equal(bytes, '/'));
  const std::uint32_t colons = bits(equal(bytes, ':')), blanks = bits(equal(bytes, ' '));
  const std::uint32_t word = alphanumeric | dots | slashes | bits(_mm_or_si128(equal(bytes, '_'), equal(bytes, '@')));
  const auto shifted = [](std::uint32_t mask, bool first) { return mask << 1 | static_cast<std::uint32_t>(first); };
  const auto followed = [](std::uint32_t mask, bool last) {
    return mask >> 1 | static_cast<std::uint32_t>(last) << (kBlock - 1);
  };
  const char next = text[kBlock];
  const std::uint32_t codes = bits(within(bytes, '2', '5'));
  return {bits(strange) | (blanks & shifted(blanks, before == ' ')) | (codes & ~shifted(word, continues_word(before))),
          dots & shifted(digits, is_digit(before)) & followed(digits, is_digit(next)),
          colons & followed(alphanumeric | colons, is_alphanumeric(next) || next == ':'),
          colons & followed(slashes, next == '/')};
}

}  // namespace

FoldedRun fold_run(std::string_view text, std::size_t at, char before, char* folded, char* plain) {
  FoldedRun run;
  while (at < text.size()) {
    Block block;
    if (text.size() - at > kBlock) {
      block = fold_block(text.data() + at, before, folded + run.length, plain + run.length);
    } else {
      char rest[kBlock + 1] = {};  // a zero needs thought: there it ends
      std::memcpy(rest, text.data() + at, text.size() - at);
      block = fold_block(rest, before, folded + run.length, plain + run.length);
    }
    const auto length = first_of(block.stops | 1U << kBlock);
    const std::uint32_t whole = (1U << length) - 1;
    if (const std::uint32_t dots = block.dots & whole; dots != 0) note(run.dot, at + first_of(dots));
    if (const std::uint32_t colons = block.colons & whole; colons != 0) note(run.colon, at + first_of(colons));
    for (std::uint32_t links = block.links & whole; links != 0; links &= links - 1) {
      const std::size_t link = at + first_of(links);
      if (is_link(text, link)) note(run.link, link);
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
