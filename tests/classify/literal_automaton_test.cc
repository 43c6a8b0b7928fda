#include "core/classify/literal_automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
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

Occurrences scanned(const LiteralAutomaton& automaton, const std::string& text) {
  Occurrences all;
  automaton.scan(text, [&](std::uint32_t literal, std::size_t end) { all.emplace_back(literal, end); });
  std::sort(all.begin(), all.end());
  return all;
}

TEST(LiteralAutomaton, FindsLiteralsOfAnyLengthWhereverTheyStand) {
  const std::vector<std::string> literals = {"a", "ab", "abc", "abcd", "bcde", "abcde", std::string("\0x\xff\x80", 4)};
  const LiteralAutomaton automaton(literals, {});
  for (const std::string& text : {std::string(), std::string("a"), std::string("abcde"), std::string("xabcdabcde"),
                                  std::string("\0x\xff\x80", 4)}) {
    EXPECT_EQ(scanned(automaton, text), naive(literals, text)) << text;
  }
}

TEST(LiteralAutomaton, FindsWhatSearchingForEachFinds) {
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
    while (distinct.size() < 60) distinct.insert(word(9));
    const std::vector<std::string> literals(distinct.begin(), distinct.end());
    const std::vector<std::string> samples = {word(40), word(40), word(40)};  // their states come first
    const LiteralAutomaton automaton(literals, samples);
    const std::string text = word(200);
    ASSERT_EQ(scanned(automaton, text), naive(literals, text)) << text;
  }
}

}  // namespace
}  // namespace dsnwatch::core
