#include "core/classify/required_literals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dsnwatch::core {
namespace {

// "a|b & c ; d": ways by ";", choices by "&", texts by "|", each sorted.
std::string shown(const RequiredLiterals& required) {
  std::string out;
  for (const LiteralWay& way : required.ways) {
    if (!out.empty()) out += " ; ";
    std::string choices;
    for (LiteralChoice choice : way.choices) {
      std::sort(choice.texts.begin(), choice.texts.end());
      if (!choices.empty()) choices += " & ";
      std::string texts;
      for (const std::string& text : choice.texts) texts += (texts.empty() ? "" : "|") + text;
      choices += texts;
    }
    out += choices;
  }
  return out + (required.whole ? " (whole)" : "");
}

RequiredLiterals literals_of(const std::string& pattern) {
  const SharedPattern tree = parse_shared_pattern(pattern);
  return tree != nullptr ? required_literals(tree) : RequiredLiterals();
}

struct LiteralCase {
  const char* name;
  const char* pattern;
  const char* required;  // "": nothing
};

class RequiredLiteralsOf : public testing::TestWithParam<LiteralCase> {};

TEST_P(RequiredLiteralsOf, Pattern) {
  EXPECT_EQ(shown(literals_of(GetParam().pattern)), GetParam().required);
}

INSTANTIATE_TEST_SUITE_P(Syntax, RequiredLiteralsOf,
                         testing::ValuesIn(std::vector<LiteralCase>{
                             {"text", "user unknown", "user unknown (whole)"},
                             {"capitals", "User UNKNOWN", "user unknown (whole)"},
                             {"alternation", "spam|virus", "spam|virus (whole)"},
                             {"alternation_inside", "no such (user|mailbox) here",
                              "no such mailbox here|no such user here (whole)"},
                             {"optional_letter", "e-?mail", "e-mail|email (whole)"},
                             {"optional_group", "(?:your )?mailbox", "mailbox|your mailbox (whole)"},
                             {"behind_anything", ".*quota exceeded", "quota exceeded"},
                             {"gap", "user.{0,40}unknown", "user & unknown"},
                             {"alternatives_with_gaps", "user.*unknown|no.*mailbox", "user & unknown ; no & mailbox"},
                             {"star_is_not_required", "(?:very )*full", "full"},
                             {"plus", "(?:ab)+c", "ab & abc"},
                             {"counted", "dm0{4}[0-9]", "dm0000"},
                             {"class_small", "gr[ae]ylist", "graylist|greylist (whole)"},
                             {"class_large", "code [0-9]+ refused", "code  &  refused"},
                             {"class_negated", "spf[^a-z]fail", "spf & fail"},
                             {"blank_class", "too\\s+many", "too many (whole)"},
                             {"blank_optional", "black ?list", "black list|blacklist (whole)"},
                             {"escapes", "\\?p=nosuchuser", "?p=nosuchuser (whole)"},
                             {"dot_escaped", "zen\\.spamhaus\\.org", "zen.spamhaus.org (whole)"},
                             {"anchors_are_no_text", "^over quota$", "over quota"},
                             {"word_boundary_is_no_text", "\\bspf\\b", "spf"},
                             {"quoted", "\\Qa.b*\\E", "a.b* (whole)"},
                             {"flags", "(?i)Listed", "listed (whole)"},
                             {"named_group", "(?P<ip>[0-9.]+) is listed", " is listed"},
                             {"nothing_at_all", ".*", ""},
                             {"only_classes", "[a-z]+[0-9]+", ""},
                             {"one_branch_without_text", "spam|[0-9]+", ""},
                             {"optional_whole", "(?:spam)?", ""},
                             {"broken_group", "(spam", ""},
                             {"broken_class", "[spam", ""},
                             {"named_class", "[[:alpha:]]+ unknown", " unknown"},
                             {"unicode_class", "\\pL+ unknown", ""},
                         }),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RequiredLiterals, NestedTooDeeplySayNothing) {
  std::string pattern;
  for (int i = 0; i < 5000; ++i) pattern += '(';
  pattern += "spam";
  for (int i = 0; i < 5000; ++i) pattern += ')';
  EXPECT_TRUE(literals_of(pattern).ways.empty());
}

TEST(RequiredLiterals, DoNotMultiplyWithoutEnd) {
  std::string pattern = "(?:aa|bb|cc|dd|ee)";
  for (int i = 0; i < 6; ++i) pattern += pattern.substr(0, 18);
  const RequiredLiterals required = literals_of(pattern);
  ASSERT_EQ(required.ways.size(), 1U);
  for (const LiteralChoice& choice : required.ways.front().choices) EXPECT_LE(choice.texts.size(), 256U);
}

struct PlaceCase {
  const char* pattern;
  const char* places;  // of each choice: "least-most"; most "*": any
};

class PlaceOfRequiredLiterals : public testing::TestWithParam<PlaceCase> {};

TEST_P(PlaceOfRequiredLiterals, CountedFromTheBeginOfTheMatch) {
  const RequiredLiterals required = literals_of(GetParam().pattern);
  ASSERT_EQ(required.ways.size(), 1U);
  std::string places;
  for (const LiteralChoice& choice : required.ways.front().choices) {
    const Width before = choice.before;
    places += (places.empty() ? "" : " ") + std::to_string(before.least) + "-" +
              (before.most == Width::kUnbounded ? "*" : std::to_string(before.most));
  }
  EXPECT_EQ(places, GetParam().places);
}

INSTANTIATE_TEST_SUITE_P(Patterns, PlaceOfRequiredLiterals,
                         testing::ValuesIn(std::vector<PlaceCase>{
                             {"user.{0,40}unknown", "0-0 4-44"},
                             {"[0-9]{1,3}\\.[0-9] is listed", "1-3 3-5"},
                             {"(?:the )?user.?unknown", "0-0 4-9"},
                             {".*quota", "0-*"},
                             {"(?:ab)+c", "0-0 0-*"},
                             {"x(?:ab){2,4}.c", "0-0 3-7 6-10"},
                             {"(?:a.*bb|ccc.dd)e?", "0-*"},
                             {"[0-9](?:x.{3}yyyy|zz[0-9]aaaaa)", "4-5"},
                         }));

}  // namespace
}  // namespace dsnwatch::core
