#include "ingest/envelope/json_skip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace dsnwatch::ingest {
namespace {

/// What is to be computed, a byte at a time.
std::size_t length_of_container(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '['))
      ++depth;
    else if (!in_string && (c == '}' || c == ']') && --depth == 0)
      return i + 1;
  }
  return std::string_view::npos;
}

/// In memory of its own size, so that a sanitizer sees what is read behind the end.
std::size_t skipped(const char* (*skip)(const char*, const char*), std::string_view text) {
  const auto copy = std::make_unique<char[]>(text.size());
  std::copy(text.begin(), text.end(), copy.get());
  const char* behind = skip(copy.get(), copy.get() + text.size());
  return behind == nullptr ? std::string_view::npos : static_cast<std::size_t>(behind - copy.get());
}

void expect_as_reckoned(std::string_view text) {
  const std::size_t length = length_of_container(text);
  EXPECT_EQ(skipped(skip_json_container, text), length) << text;
  EXPECT_EQ(skipped(skip_json_container_on_old_machines, text), length) << text;
}

TEST(JsonSkip, EndsWhereTheFirstBracketIsClosed) {
  EXPECT_EQ(skipped(skip_json_container, R"({"a":[1,{}],"b":"}]"},"c":{}})"), 21u);
  expect_as_reckoned("{}");
  expect_as_reckoned("[");
  expect_as_reckoned(R"({"\\":"\"}"}})");
  expect_as_reckoned(R"({"a":"not ended}}}})");
}

TEST(JsonSkip, BackslashesCountAcrossTheEdgeOfABlock) {
  for (std::size_t before = 50; before < 70; ++before) {
    for (std::size_t backslashes = 1; backslashes < 6; ++backslashes) {
      expect_as_reckoned("{\"" + std::string(before, 'x') + std::string(backslashes, '\\') + "\"}\"}" +
                         std::string(70, ' '));
    }
  }
}

std::string any_string(std::mt19937& random) {
  constexpr std::string_view kBytes = "{}[],:a_yY\x7f\xff\"\\";
  std::string text = "\"";
  for (std::size_t left = random() % 20; left > 0; --left) {
    const char c = kBytes[random() % kBytes.size()];
    if (c == '"' || c == '\\' || random() % 9 == 0) text += '\\';
    text += c;
  }
  return text + '"';
}

TEST(JsonSkip, AnyContainerIsSkippedAsByteByByte) {
  std::mt19937 random(1);
  constexpr std::string_view kBrackets = "{[{[{}]";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(1, round % 2 == 0 ? '{' : '[');
    for (std::size_t left = random() % 40; left > 0; --left) {
      if (random() % 3 == 0)
        text += kBrackets[random() % kBrackets.size()];
      else
        text += any_string(random) + ',';
    }
    text.append(random() % 30, '}');
    if (random() % 8 == 0) text.resize(1 + random() % text.size());
    expect_as_reckoned(text);
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
