#include "exporters/events/json_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exporters/events/json_text.h"

namespace dsnwatch::exporters {
namespace {

std::shared_ptr<const core::Providers> providers() {
  core::ProviderSpec google;
  google.id = "google";
  return *core::Providers::build(std::span(&google, 1), {});
}

std::string line_of(const core::Attempt& attempt, const core::Verdict& verdict = {}, std::string_view file = {}) {
  static JsonLineWriter writer(providers());
  writer.set_file(file);
  std::string out;
  writer.append(attempt, verdict, attempt.source_ip, out);
  return out;
}

struct TextCase {
  const char* name;
  std::string_view text;
  std::string_view expected;
};

class JsonText : public testing::TestWithParam<TextCase> {};

TEST_P(JsonText, IsValid) {
  std::string out;
  append_json_string(GetParam().text, out);
  EXPECT_EQ(out, GetParam().expected);
}

using namespace std::string_view_literals;
#define BAD "\xEF\xBF\xBD"
INSTANTIATE_TEST_SUITE_P(Bytes, JsonText,
                         testing::Values(TextCase{"plain", "550 5.7.1 no"sv, R"("550 5.7.1 no")"sv},
                                         TextCase{"quotes", R"(a"b\c)"sv, R"("a\"b\\c")"sv},
                                         TextCase{"controls", "\0\t\n\r\x1f\x7f"sv, R"("\u0000\t\n\r\u001f\u007f")"sv},
                                         TextCase{"utf8", "ä€\U0001F600"sv, "\"ä€\U0001F600\""sv},
                                         TextCase{"latin1", "m\xFCller"sv, "\"m" BAD "ller\""sv},
                                         TextCase{"cut_letter", "x\xE2\x82"sv, "\"x" BAD BAD "\""sv},
                                         TextCase{"overlong", "\xC0\xAF"sv, "\"" BAD BAD "\""sv},
                                         TextCase{"surrogate", "\xED\xA0\x80"sv, "\"" BAD BAD BAD "\""sv},
                                         TextCase{"too_high", "\xF4\x90\x80\x80"sv, "\"" BAD BAD BAD BAD "\""sv},
                                         TextCase{"lone_continuation", "\x80"sv, "\"" BAD "\""sv},
                                         TextCase{"empty", ""sv, "\"\""sv}),
                         [](const auto& tested) { return tested.param.name; });
#undef BAD

TEST(JsonLine, OnlyWhatIsKnown) {
  EXPECT_EQ(line_of({}),
            "{\"mta\":\"postfix\",\"kind\":\"outbound\",\"result\":\"delivered\",\"provider\":\"other\"}\n");
}

TEST(JsonLine, AllFields) {
  core::Attempt a;
  a.result = core::AttemptResult::kDeferred;
  a.stage = core::Stage::kRcpt;
  a.has_sender = true;
  a.suspended = true;
  a.smtp_code = 450;
  a.count = 3;
  a.line = 12;
  a.time_us = 1'795'470'798'123'456;
  a.delay = 0.07;
  a.host = "mx1";
  a.queue_id = "A1";
  a.message_id = "m@x";
  a.recipient = "r@X.Test";
  a.remote_host = "h";
  a.remote_ip = "192.0.2.1";
  a.source_ip = "192.0.2.2";
  a.client_ip = "192.0.2.3";
  a.dsn = "4.2.0";
  a.text = "450 4.2.0 later";
  a.pool = "p";
  a.tenant = "t";
  a.campaign = "c";
  a.account = "u";
  core::Verdict v;
  v.cause = core::Cause::kGreylisted;
  v.secondary = {core::Cause::kSpam, core::Cause::kPolicy};
  v.secondary_count = 2;
  v.klass = core::ReplyClass::kTransient;
  v.enhanced = {4, 2, 0};
  v.wait_seconds = 300;
  v.rule = "general.greylisted";
  v.vendor_code = "TSS04";
  EXPECT_EQ(
      line_of(a, v, "mail.log"),
      "{\"file\":\"mail.log\",\"line\":12,\"time\":\"2026-11-23T21:53:18.123456Z\",\"mta\":\"postfix\",\"host\":"
      "\"mx1\",\"kind\":\"outbound\",\"result\":\"deferred\",\"queue_id\":\"A1\",\"message_id\":\"m@x\",\"sender\":"
      "\"\",\"recipient\":\"r@X.Test\",\"recipient_domain\":\"x.test\",\"provider\":\"other\",\"remote_host\":\"h\","
      "\"remote_ip\":\"192.0.2.1\",\"source_ip\":\"192.0.2.2\",\"client_ip\":\"192.0.2.3\",\"stage\":\"rcpt\","
      "\"smtp_code\":\"450\",\"dsn\":\"4.2.0\",\"enhanced_code\":\"4.2.0\",\"class\":\"transient\",\"text\":\"450 "
      "4.2.0 later\",\"cause\":\"greylisted\",\"secondary\":[\"spam\",\"policy\"],\"category\":\"rate\",\"rule\":"
      "\"general.greylisted\",\"vendor_code\":\"TSS04\",\"delay\":0.07,\"wait\":300,\"pool\":\"p\",\"tenant\":\"t\","
      "\"campaign\":\"c\",\"account\":\"u\",\"count\":3,\"suspended\":true}\n");
}

struct TimeCase {
  const char* name;
  std::int64_t time_us;
  const char* expected;
};

class JsonTime : public testing::TestWithParam<TimeCase> {};

TEST_P(JsonTime, Rfc3339) {
  core::Attempt attempt;
  attempt.time_us = GetParam().time_us;
  const std::string line = line_of(attempt);
  EXPECT_NE(line.find("\"time\":\"" + std::string(GetParam().expected) + "\""), std::string::npos) << line;
}

INSTANTIATE_TEST_SUITE_P(Times, JsonTime,
                         testing::Values(TimeCase{"epoch", 0, "1970-01-01T00:00:00Z"},
                                         TimeCase{"before", -1, "1969-12-31T23:59:59.999999Z"},
                                         TimeCase{"leap_day", 1'709'208'000'000'000, "2024-02-29T12:00:00Z"},
                                         TimeCase{"year_end", 1'798'761'599'000'010, "2026-12-31T23:59:59.000010Z"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(JsonLine, AddressesWithoutADomain) {
  for (const char* recipient : {"root", "root@"}) {
    core::Attempt attempt;
    attempt.recipient = recipient;
    EXPECT_EQ(line_of(attempt).find("recipient_domain"), std::string::npos) << recipient;
  }
}

TEST(JsonLine, ADeliveredAttemptHasNoCauseAndAnInboundOneNoProvider) {
  core::Attempt attempt;
  EXPECT_EQ(line_of(attempt).find("cause"), std::string::npos);
  attempt.kind = core::Kind::kInbound;
  attempt.result = core::AttemptResult::kRejected;
  const std::string line = line_of(attempt);
  EXPECT_EQ(line.find("provider"), std::string::npos);
  EXPECT_NE(line.find("\"cause\":\"unknown\""), std::string::npos);
}

TEST(JsonLine, OneLineWhateverTheBytes) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 5'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    core::Attempt attempt;
    attempt.text = attempt.recipient = attempt.host = text;
    const std::string line = line_of(attempt, {}, text);
    EXPECT_EQ(std::count_if(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }), 1);
    EXPECT_TRUE(line.ends_with("}\n"));
  }
}

}  // namespace
}  // namespace dsnwatch::exporters
