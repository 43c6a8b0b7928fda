#include "core/classify/literal_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dsnwatch::core {
namespace {

using Occurrences = std::vector<std::pair<std::uint32_t, std::size_t>>;

Occurrences naive(const std::vector<std::string>& literals, const std::string& text) {
  Occurrences all;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    for (std::size_t at = text.find(literals[i]); at != std::string::npos; at = text.find(literals[i], at + 1)) {
      all.emplace_back(i, at + literals[i].size());
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

Occurrences scanned(const LiteralFilter& filter, const std::string& text) {
  Occurrences all;
  filter.scan(text, [&](std::span<const LiteralFilter::Occurrence> some) {
    for (const LiteralFilter::Occurrence& occurrence : some) all.emplace_back(occurrence.literal, occurrence.end);
  });
  std::sort(all.begin(), all.end());
  return all;
}

TEST(LiteralFilter, FindsLiteralsOfAnyLengthWhereverTheyStand) {
  const std::vector<std::string> literals = {
      "a", "ab", "abc", "abcd", "bcde", "cde", std::string("\0x\xff\x80", 4), std::string("e\0\0", 3)};
  const LiteralFilter filter(literals);
  for (const std::string& text : {std::string(), std::string("a"), std::string("abcde"), std::string("xabcdabcde"),
                                  std::string("\0x\xff\x80", 4)}) {
    EXPECT_EQ(scanned(filter, text), naive(literals, text)) << text;
  }
}

TEST(LiteralFilter, FindsWhatSearchingForEachFinds) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  // Few letters, so that literals overlap and end inside each other.
  const auto word = [&](std::size_t most) {
    std::string text(1 + random() % most, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 50; ++round) {
    std::set<std::string> distinct;
    while (distinct.size() < 60) distinct.insert(word(4));
    const std::vector<std::string> literals(distinct.begin(), distinct.end());
    const LiteralFilter filter(literals);
    const std::string text = word(200);
    ASSERT_EQ(scanned(filter, text), naive(literals, text)) << text;
  }
}

TEST(LiteralFilter, VectorsHitWhatSinglePlacesHit) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::set<std::string> distinct;
  while (distinct.size() < 3000) {
    std::string text(3 + random() % 2, 'a');
    for (char& c : text) c = static_cast<char>(random());
    distinct.insert(text);
  }
  const std::vector<std::string> literals(distinct.begin(), distinct.end());
  const LiteralFilter filter(literals);
  std::uint64_t any = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string block(LiteralFilter::kBlock + LiteralFilter::kLongest - 1, '\0');
    for (char& c : block) c = static_cast<char>(random());
    const std::string& literal = literals[random() % literals.size()];
    block.replace(random() % LiteralFilter::kBlock, literal.size(), literal);
    block.resize(LiteralFilter::kBlock + LiteralFilter::kLongest - 1);
    any |= filter.hits_one_by_one(block.data());
    ASSERT_EQ(filter.hits(block.data(), LiteralFilter::kBlock), filter.hits_one_by_one(block.data()));
    const std::size_t places = random() % LiteralFilter::kBlock;
    const std::uint64_t first = (std::uint64_t{1} << places) - 1;
    ASSERT_EQ(filter.hits(block.data(), places) & first, filter.hits_one_by_one(block.data()) & first);
  }
  EXPECT_EQ(any, ~std::uint64_t{0});
}

}  // namespace
}  // namespace dsnwatch::core
