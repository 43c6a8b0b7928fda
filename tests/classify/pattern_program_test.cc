#include "core/classify/pattern_program.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>
#include <vector>

#include "core/classify/normal_reply.h"
#include "core/classify/rule_spec.h"

namespace dsnwatch::core {
namespace {

RE2::Options options() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  return options;
}

/// What RE2 and the program find, as text: "3-7" or "none", with the group behind.
std::string found_by_re2(const RE2& pattern, const std::string& text, std::size_t from) {
  re2::StringPiece groups[2];
  const int count = 1 + pattern.NumberOfCapturingGroups();
  if (!pattern.Match(text, from, text.size(), RE2::UNANCHORED, groups, count)) return "none";
  auto place = [&](const re2::StringPiece& piece) {
    if (piece.empty()) return std::string("-");  // a group without bytes is as good as none
    const auto begin = static_cast<std::size_t>(piece.data() - text.data());
    return std::to_string(begin) + "-" + std::to_string(begin + piece.size());
  };
  const auto begin = std::to_string(groups[0].data() - text.data());
  return begin + "-" + std::to_string(groups[0].data() - text.data() + static_cast<std::ptrdiff_t>(groups[0].size())) +
         (count == 2 ? " " + place(groups[1]) : "");
}

std::string found_by_program(const PatternProgram& program, bool group, const std::string& text, std::size_t from) {
  PatternScratch scratch;
  Span match, captured;
  if (!program.search(text, from, text.size(), scratch, match, &captured)) return "none";
  auto place = [](Span span) { return std::to_string(span.begin) + "-" + std::to_string(span.end); };
  const bool none = captured.begin == captured.end;
  return place(match) + (group ? " " + (none ? std::string("-") : place(captured)) : "");
}

std::optional<PatternProgram> compiled(const std::string& pattern) {
  const auto tree = parse_pattern(pattern);
  return tree ? PatternProgram::compile(*tree) : std::nullopt;
}

struct Case {
  std::string pattern;
  std::vector<std::string> texts;
};

TEST(PatternProgram, FindsWhatRe2Finds) {
  const std::vector<Case> cases = {
      {"user unknown", {"user unknown", "no such user unknown here", "userunknown", ""}},
      {"a|ab|abc", {"abc", "xab", "b"}},
      {"(?:ab|a)(?:c|bcd)", {"abcd", "abc", "acbcd"}},
      {"ab{0,3}c", {"ac", "abbbc", "abbbbc", "abbab bc"}},
      {"a.{0,5}b.{0,5}?c", {"a123b45c67c", "abc", "a.....b.....c", "a......bc"}},
      {"(?:very ){0,2}low", {"very very very low", "low", "very low"}},
      {"a+b*c?", {"aaabbbc", "a", "ba"}},
      {"\\blist(?:ed)?\\b", {"listed", "blacklisted", "list.", "lists"}},
      {"^[a-f0-9]+$", {"deadbeef", "deadbeefx", ""}},
      {"[^a-z]{2,4}", {"ab12345", "a1b", "ABCD"}},
      {"wait (\\d+) seconds", {"please wait 300 seconds", "wait seconds"}},
      {"(?:ip|host) \\[?([0-9a-f.:]+)\\]?", {"from host [192.0.2.1] now", "ip 2001:db8::1"}},
      {"x*", {"", "aaa", "xxa"}},
      {"(a*)b", {"aaab", "b"}},
      {"\\d\\D\\w\\W\\s\\S", {"1a_. x", "12_. x"}},
      {"(?:a|b)*c", {"ababc", "c", "abab"}},
      {"a{3}", {"aa", "aaaa"}},
      {"[]x-]y", {"]y", "-y", "zy"}},
      {"\\.com\\b.{0,3}\\[", {"x.com  [1]", "x.comm ["}},
      {"(?i)ab(?P<x>[[:digit:]]+)", {"ab12", "ab"}},
      {"[[:alpha:]_][^[:space:][:punct:]]", {"a_", "_a", "a b", ".a"}},
      {"\\Qa.b*\\Ec", {"a.b*c", "axbc"}},
      // Alternatives that share their beginning, in either order of preference.
      {"(?:block|blocked|blocks?) (?:b|a)", {"blocked a", "block a", "blocks b"}},
      {"(?:|a|ab)(?:bc|c)", {"abc", "ac", "c", "xbc"}},
      {"(?:ab|a|)(?:bc|c|)", {"abc", "ac", "c", "ab", ""}},
      {"(?:[ab]c|ac|acd)(d?)", {"acd", "bcd", "bc"}},
      {"(?:\\bspam|sp|spa)(?:m|$)", {"spamm", "xspam", "spa", "sp"}},
      {"(?:not (?:a|an|any)|no|not)(?: |$)(?:a|b)?", {"not any b", "not a", "no b", "not"}},
      {"(?:a(?:b|c)|a(?:b|d)|(?:ab|e))f", {"abf", "acf", "adf", "ef"}},
      {"(?:(?:a|ab)|(?:abc|b))+c", {"ababcc", "abc", "bc"}},
      {"x(?:ab|ac|a.)?y", {"xaby", "xacy", "xazy", "xy", "xay"}},
      // Gaps inside loops, without a bound, and in both directions.
      {"(?:a[bx]{0,2})*c", {"abaxc", "abxabc", "c", "abbb"}},
      {"(?:a[b-d]*?|e)*?f", {"abcdef", "aebdf", "f"}},
      {"a.*b.*?c", {"a1b2c3b4c", "a\nb c", "ab\nc abc", "abc"}},
      {"[a-c]*c[a-c]{2,}", {"abcabcab", "cab", "ccc", "ab"}},
      {"a[^b]*?c(.*)d", {"axxcxcdxd", "abcd acd", "acd"}},
      {"a text longer than eight bytes", {"see a text longer than eight bytes", "a text longer than eight byte"}},
  };
  for (const Case& c : cases) {
    const RE2 re2(c.pattern, options());
    ASSERT_TRUE(re2.ok()) << c.pattern;
    const auto program = compiled(c.pattern);
    ASSERT_TRUE(program) << c.pattern;
    for (const std::string& text : c.texts) {
      for (std::size_t from = 0; from <= text.size(); ++from) {
        EXPECT_EQ(found_by_program(*program, re2.NumberOfCapturingGroups() == 1, text, from),
                  found_by_re2(re2, text, from))
            << c.pattern << " on \"" << text << "\" from " << from;
      }
    }
  }
}

TEST(PatternProgram, LeavesToRe2WhatItDoesNotKnow) {
  for (const char* pattern : {"(?s)a", "(a)(b)", "(?P<>a)", "(?P<x>a|(?P<x>b))", "[[:other:]]", "\\pL", "(?P<x",
                              "\\Qab\\E+", "a**", "(", "[a", "a{2,1}", "\\1"}) {
    EXPECT_FALSE(compiled(pattern)) << pattern;
  }
}

// Every pattern of the shipped rules over every example, cut, joined and with bytes changed.
TEST(PatternProgram, AgreesWithRe2OnTheShippedRules) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  ReplyNormalizer normalizer;
  const std::vector<RuleSpec> rules = shipped_rules();
  for (const RuleSpec& rule : rules) {
    for (const RuleExample& example : rule.examples) {
      texts.emplace_back(normalizer.normalize(example.text, 0).folded);
    }
  }
  std::size_t programs = 0;
  auto compare = [&](const std::string& pattern) {
    const auto program = compiled(pattern);
    if (!program) return;
    ++programs;
    const RE2 re2(pattern, options());
    for (int i = 0; i < 40; ++i) {
      std::string text = texts[random() % texts.size()];
      if (random() % 3 == 0) text += " " + texts[random() % texts.size()];
      if (random() % 3 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random() % 'A');
      const std::size_t from = random() % 4 == 0 ? random() % (text.size() + 1) : 0;
      ASSERT_EQ(found_by_program(*program, re2.NumberOfCapturingGroups() == 1, text, from),
                found_by_re2(re2, text, from))
          << pattern << " on \"" << text << "\" from " << from;
    }
  };
  for (const RuleSpec& rule : rules) {
    if (!rule.match.empty()) compare(rule.match);
    for (const auto& [name, pattern] : rule.extract) compare(pattern);
  }
  EXPECT_GT(programs, rules.size() / 2) << "most patterns must be programs";
}

TEST(PatternProgram, HostileTextsCostAtMostStatesTimesText) {
  const auto program = compiled("(?:a|a)*.{0,40}(?:a*)*b.{0,40}c.{0,40}d");
  ASSERT_TRUE(program);
  PatternScratch scratch;
  Span match;
  EXPECT_FALSE(program->search(std::string(PatternProgram::kMaxText, 'a'), 0, PatternProgram::kMaxText, scratch, match,
                               nullptr));
  const auto unbounded = compiled("(?:a|aa)*[ab]*?[^c]*.*(?:[a-b]*)*c");
  ASSERT_TRUE(unbounded);
  EXPECT_FALSE(unbounded->search(std::string(PatternProgram::kMaxText, 'a'), 0, PatternProgram::kMaxText, scratch,
                                 match, nullptr));
  EXPECT_LT(scratch.jobs.capacity(), 100u * PatternProgram::kMaxText);
}

}  // namespace
}  // namespace dsnwatch::core
