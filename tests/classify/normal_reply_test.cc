#include "core/classify/normal_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dsnwatch::core {
namespace {

struct CodeCase {
  const char* name;
  const char* text;
  std::uint16_t smtp_code;
  const char* enhanced;  // "": the text has none
};

class ReplyCodes : public testing::TestWithParam<CodeCase> {};

// The status directly behind the last repetition of the reply code; else the first in the text of the code's class.
TEST_P(ReplyCodes, AreReadFromTheText) {
  ReplyNormalizer normalizer;
  const NormalReply reply = normalizer.normalize(GetParam().text, 0);
  EXPECT_EQ(reply.smtp_code, GetParam().smtp_code);
  EXPECT_EQ(to_string(reply.enhanced), GetParam().enhanced);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ReplyCodes,
    testing::ValuesIn(std::vector<CodeCase>{
        {"one_line", "554 5.7.1 Refused", 554, "5.7.1"},
        {"last_repetition_wins", "550-5.1.1 first line 550 5.7.1 second line", 550, "5.7.1"},
        {"same_on_every_line", "550-5.1.1 A 550 5.1.1 B", 550, "5.1.1"},
        {"last_line_without_status", "550-5.7.26 first line 550 second line", 550, "5.7.26"},
        {"real_line_ends", "421-4.7.0 first\r\n421 4.7.0 second", 421, "4.7.0"},
        {"line_ends_as_exim_logs_them", "550-Verification failed\\n550 5.1.8 Sender unknown", 550, "5.1.8"},
        {"hash_behind_the_code", "550 #5.1.0 Address rejected.", 550, "5.1.0"},
        {"hash_in_brackets_at_the_end", "553 sorry, not in my list of allowed rcpthosts (#5.7.1)", 553, "5.7.1"},
        {"semicolon", "550; 5.7.515 Access denied", 550, "5.7.515"},
        {"type_in_front", "smtp; 550 5.7.1 Refused", 550, "5.7.1"},
        {"code_twice", "550 550 5.1.1 User unknown", 550, "5.1.1"},
        {"code_twice_with_hash", "550 #550 5.2.2 Mailbox full", 550, "5.2.2"},
        {"other_class_behind_the_code", "421 5.7.32 From is not aligned", 421, "5.7.32"},
        {"other_class_later_does_not_count", "451 Try again, see 5.7.1 in the manual", 451, ""},
        {"status_later_in_the_text", "550 Message refused: 5.7.1 policy", 550, "5.7.1"},
        {"no_reply_code", "5.4.7 (delivery time expired)", 0, "5.4.7"},
        {"no_code_at_all", "connect to mx.example.org[192.0.2.1]:25: Connection refused", 0, ""},
        {"code_alone", "550", 550, ""},
        {"address_is_no_status", "550 5.7.1.2 is blocked", 550, ""},
        {"version_is_no_status", "421 mx.example.org Exim 4.94.2 ready to refuse", 421, ""},
        {"number_is_no_reply_code", "5501 things went wrong", 0, ""},
        {"number_in_the_text_is_no_repetition", "552 5.3.4 Message of 552 bytes", 552, "5.3.4"},
        {"empty", "", 0, ""},
    }),
    [](const auto& test) { return std::string(test.param.name); });

struct FormCase {
  const char* name;
  std::string text;
  std::string folded;
};

class ReplyForms : public testing::TestWithParam<FormCase> {};

TEST_P(ReplyForms, AreBroughtIntoOne) {
  ReplyNormalizer normalizer;
  const NormalReply reply = normalizer.normalize(GetParam().text, 0);
  EXPECT_EQ(reply.folded, GetParam().folded);
  ASSERT_EQ(reply.plain.size(), reply.folded.size());
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ReplyForms,
    testing::ValuesIn(std::vector<FormCase>{
        {"codes_in_front_go", "550 5.7.1 Message Refused", "message refused"},
        {"continuation_codes_go", "550-5.7.1 This message is likely 550-5.7.1 unsolicited 550 5.7.1 mail",
         "this message is likely unsolicited mail"},
        {"continuation_codes_without_status_go", "550-Broken across\n550-lines\n550 here", "broken across lines here"},
        {"status_repeated_without_code_goes", "550 5.1.1 One 5.1.1 two", "one two"},
        {"white_space_is_one_blank", "550  a \t b\r\n  c ", "a b c"},
        {"typographic_quotes", "550 weren\xe2\x80\x99t \xe2\x80\x9csent\xe2\x80\x9d \xe2\x80\x93 sorry",
         "weren't \"sent\" - sorry"},
        {"no_break_space",
         "550 a\xc2\xa0"
         "b",
         "a b"},
        {"other_bytes_stay", "550 \xff\xe2\x28 \xc3\xbc", "\xff\xe2\x28 \xc3\xbc"},
        {"cut_quote_at_the_end", "550 a \xe2\x80", "a \xe2\x80"},
        {"nothing_left", "550 5.1.1", ""},
        {"nul_is_white_space", std::string("550 a\0b", 7), "a b"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ReplyNormalizer, KeepsTheLoggedSpellingAtTheSamePlace) {
  ReplyNormalizer normalizer;
  const NormalReply reply = normalizer.normalize("550-5.7.1 See 550 5.7.1 https://Example.org/?p=NoSuchUser", 0);
  const std::size_t at = reply.folded.find("nosuchuser");
  ASSERT_NE(at, std::string_view::npos);
  EXPECT_EQ(reply.plain.substr(at, 10), "NoSuchUser");
}

TEST(ReplyNormalizer, CutsWhatNoServerSays) {
  ReplyNormalizer normalizer;
  const std::string text = "550 " + std::string(5 * ReplyNormalizer::kMaxReply, 'x');
  EXPECT_LE(normalizer.normalize(text, 0).folded.size(), ReplyNormalizer::kMaxReply);
}

TEST(ReplyNormalizer, TakesTheCodeThatIsKnown) {
  ReplyNormalizer normalizer;
  const NormalReply reply = normalizer.normalize("5.1.1 User unknown", 550);
  EXPECT_EQ(reply.smtp_code, 550);
  EXPECT_EQ(to_string(reply.enhanced), "5.1.1");
}

}  // namespace
}  // namespace dsnwatch::core
