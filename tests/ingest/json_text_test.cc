#include "ingest/envelope/json_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace dsnwatch::ingest {
namespace {

/// Both in memory of their own size, so that a sanitizer sees what is read and written behind the end.
std::string decoded(std::string_view raw) {
  const auto from = std::make_unique<char[]>(raw.size()), to = std::make_unique<char[]>(raw.size());
  std::copy(raw.begin(), raw.end(), from.get());
  return {to.get(), decode_json_text({from.get(), raw.size()}, to.get())};
}

TEST(JsonText, AnEscapeOfFourDigitsHasNoOtherBytes) {
  for (std::size_t place = 0; place < 4; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string digits = "0040";
      digits[place] = static_cast<char>(byte);
      const bool is_digit = byte < 128 && std::isxdigit(byte) != 0;
      // Of those that are digits only what stays within ASCII is reckoned here.
      if (byte == '\\' || (is_digit && (place < 2 || digits[2] > '7'))) continue;
      const std::string expected =
          is_digit ? std::string(1, static_cast<char>(std::stoi(digits, nullptr, 16))) : 'u' + digits;
      EXPECT_EQ(decoded("\\u" + digits + "x"), expected + 'x') << digits;
    }
  }
}

TEST(JsonText, EscapesAnywhereInTextsOfAnyLength) {
  constexpr unsigned kSeed = 5;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 20'000; ++round) {
    std::string raw, expected;
    const std::size_t length = random() % 90;
    const unsigned escapes = 1 + random() % 30;
    while (raw.size() < length) {
      constexpr std::string_view kEscapes[] = {"\\n", "\\\\", "\\\"", "\\/", "\\u003c", "\\u003E"};
      constexpr std::string_view kMeanings = "\n\\\"/<>";
      if (random() % escapes == 0) {
        const std::size_t which = random() % kMeanings.size();
        raw += kEscapes[which];
        expected += kMeanings[which];
      } else {
        const char plain = static_cast<char>('a' + random() % 26);
        raw += plain;
        expected += plain;
      }
    }
    EXPECT_EQ(decoded(raw), expected) << "seed " << kSeed << ": " << raw;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
