// What envelopes do to a text: nesting, escapes and odd bytes, records that are cut or no JSON, several records in one,
// keys of one's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/envelope_records.h"

namespace dsnwatch::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kPlain[] = "mta1|postfix/smtp|1795470798|a@x.test|no route";

std::string json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "\"";
}

std::uint64_t unreadable(const Format& format) {
  return format.counts().unparsed[static_cast<std::size_t>(Unparsed::kEnvelope)];
}

TEST(Envelope, ThreeDeepAndNoDeeper) {
  std::string record =
      R"({"log":)" + json(with_texts("@L@") + "\n") + R"(,"stream":"stdout","time":"2026-11-23T21:53:18Z"})";
  for (int depth = 1; depth <= 3; ++depth) {
    record = R"({"@timestamp":1795536387.5,"message":)" + json(record) + "}";
    EXPECT_THAT(read_records(record).lines, ElementsAre(kPlain)) << depth;
  }
  record = R"({"message":)" + json(record) + "}";
  EXPECT_THAT(read_records(record).lines, IsEmpty());
}

TEST(Envelope, ContainerLines) {
  const std::string cri = with_texts("2026-11-23T21:53:19.5Z stdout F @L@");
  const char* expected = "mta1|postfix/smtp|1795470799|a@x.test|no route";
  EXPECT_THAT(read_records(cri).lines, ElementsAre(expected));
  EXPECT_THAT(read_records(R"({"log":)" + json(cri) + R"(,"@timestamp":1795536387})").lines, ElementsAre(expected));
  EXPECT_THAT(read_records(with_texts("2026-11-23T21:53:19.5Z stderr F {\"msg\":\"@L@\"}")).lines,
              ElementsAre(expected));
  EXPECT_THAT(read_records(with_texts("2026-11-23T21:53:19.5Z stdout F @M@")).lines,
              ElementsAre("||1795470799|a@x.test|no route"));
  EXPECT_THAT(read_records("2026-11-23T21:53:19.5Z stdout F \n2026-11-23T21:53:19.5Z stdout \n").lines, IsEmpty());
}

TEST(Envelope, AHostNamedLikeAStreamIsTakenForOne) {
  // A plain line with an RFC 3339 stamp of a host called stdout: nothing is read, and nothing breaks.
  EXPECT_THAT(read_records(with_texts("2026-11-23T21:53:19Z stdout postfix/smtp[1]: @M@")).lines, IsEmpty());
}

struct Escaped {
  const char* name;
  const char* raw;  ///< Within the JSON string of the reply.
  const char* text;
};

class EnvelopeEscapes : public testing::TestWithParam<Escaped> {};

TEST_P(EnvelopeEscapes, MeanWhatTheyMeant) {
  const std::string record =
      std::string(R"({"host":"mta1","ident":"postfix/smtp","message":"E73A2AF88BE: to=\u003ca@x.test\u003e, )") +
      "relay=none, delay=1, delays=1/1/1/1, dsn=4.4.1, status=deferred (" + GetParam().raw + ")\"}";
  const AttemptsInShort read = read_records(record);
  ASSERT_EQ(read.lines.size(), 1u) << record;
  EXPECT_EQ(read.lines[0], std::string("mta1|postfix/smtp|-|a@x.test|") + GetParam().text);
}

constexpr Escaped kEscapes[] = {
    {"slash", R"(see http:\/\/x\/y)", "see http://x/y"},
    {"quotes_and_backslashes", R"(\"a\\b\")", R"("a\b")"},
    {"controls", R"(a\tb\u0001c)", "a\tb\001c"},
    {"angles_and_ampersand", R"(\u003cx\u003e \u0026)", "<x> &"},
    {"letters", R"(Empf\u00e4nger \u2014)", "Empf\u00e4nger \u2014"},
    {"surrogates", R"(\ud83d\ude00)", "\U0001F600"},
    {"lone_surrogates", R"(\ud83d x \ude00 \ud83d\u0041)", "\uFFFD x \uFFFD \uFFFDA"},
    {"fluent_bits_bad_byte", R"(\ue0e4)", "\xE4"},
    {"raw_bad_bytes", "a\xE4z\xFF", "a\xE4z\xFF"},
    {"syslog_ngs_bad_byte", R"(\\xe4)", R"(\xe4)"},
    {"unknown_escape", R"(\q)", "q"},
    {"short_unicode_escape", R"(\u00)", "u00"},
    {"long_text", R"(0123456789abcdef0123456789abcde\/0123456789abcdef\/)",
     "0123456789abcdef0123456789abcde/0123456789abcdef/"},
};

INSTANTIATE_TEST_SUITE_P(All, EnvelopeEscapes, testing::ValuesIn(kEscapes),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Envelope, ALetterCutInHalfDoesNotSwallowTheQuote) {
  const AttemptsInShort read = read_records(
      "{\"message\":\"E73A2AF88BE: to=<a@x.test>, relay=none, delay=1, delays=1/1/1/1, dsn=4.4.1, status=deferred "
      "(gesperrt \xC3\",\"host\":\"mta1\"}");
  EXPECT_THAT(read.lines, ElementsAre("mta1||-|a@x.test|gesperrt \xC3"));
}

TEST(Envelope, WhatIsNoJsonIsCountedIfItLooksLikeADelivery) {
  const char* const records[] = {
      R"j({"msg":"E73A2AF88BE: to=<"john doe"@x.test>, relay=none, status=deferred (x)"})j",
      R"j({"msg":"E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)",)j",
      R"j({"msg":"E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)","host":})j",
      R"j({"msg" "E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)"})j",
      R"j({msg:"E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)"})j",
      R"j([{"msg":"x"},{"msg":"E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)])j",
      R"j({"host":"a","msg":"E73A2AF88BE: to=<a@x.test>, relay=none, status=deferred (x)\)j",
  };
  for (const char* record : records) {
    AttemptsInShort attempts;
    const auto format = format_of_later_years();
    format->parse(std::string(record) + "\n{\"msg\":\"cut\n{}\n[]\n[\n]\n{\"a\":[1,{\"b\":null}],\"c\":true}\n",
                  attempts);
    EXPECT_THAT(attempts.lines, IsEmpty()) << record;
    EXPECT_EQ(unreadable(*format), 1u) << record;
    EXPECT_EQ(format->counts().lines, 7u) << record;
  }
}

TEST(Envelope, SeveralRecordsInOne) {
  const std::string one = with_texts(R"({"log":"@L@"})");
  const std::string dated = with_texts(R"({"log":"@L@","time":"2026-11-25T00:00:00Z"})");
  for (const std::string& text :
       {"[" + dated + "," + dated + "]", dated + dated, dated + " , " + dated, "[\n" + dated + ",\n" + dated + "\n]\n",
        dated + std::string(1, '\0') + "\n" + dated + "\r\n"})
    EXPECT_THAT(read_records(text).lines, ElementsAre(kPlain, kPlain)) << text;
  EXPECT_EQ(read_records(one + "\n" + one).numbers, (std::vector<std::uint64_t>{1, 2}));
}

TEST(Envelope, OneRecordGivesOneAttemptWhateverItsKeys) {
  const std::string record = with_texts(
      R"({"rawmsg":"@L@","text":"@M@","message":"@M@","msg":"@M@","event":"@L@","MESSAGE":"@M@","body":"@M@"})");
  EXPECT_EQ(read_records(record).lines.size(), 1u);
}

TEST(Envelope, ValuesThatAreNoTextsArePassedOver) {
  EXPECT_THAT(
      read_records(
          with_texts(
              R"({"message":null,"log":{"offset":1},"msg":"","short_message":17,"full_message":[],"line":"@M@","host":{"name":"mta1"},"time":1795470798})"))
          .lines,
      ElementsAre("mta1||1795470798|a@x.test|no route"));
}

TEST(Envelope, ATagLeftInFrontOfTheMessage) {
  EXPECT_THAT(read_records(with_texts(R"({"message":"postfix/smtp[658]: @M@","host":"mta1","time":1795470798})")).lines,
              ElementsAre(kPlain));
}

TEST(Envelope, ByteArrays) {
  std::string bytes;
  for (const char c : with_texts("@M@"))
    bytes += (bytes.empty() ? "" : ",") + std::to_string(static_cast<unsigned char>(c));
  EXPECT_THAT(
      read_records(
          R"({"_HOSTNAME":"mta1","SYSLOG_IDENTIFIER":"postfix/smtp","__REALTIME_TIMESTAMP":"1795470798000000","MESSAGE":[)" +
          bytes + "]}")
          .lines,
      ElementsAre(kPlain));
  EXPECT_THAT(read_records(R"({"MESSAGE":[300,1]})"
                           "\n"
                           R"({"MESSAGE":[1,-1]})"
                           "\n"
                           R"({"MESSAGE":[1,"x"]})")
                  .lines,
              IsEmpty());
}

TEST(Envelope, ConfiguredKeysGoFirst) {
  const std::string record = with_texts(
      R"({"message":"something else","a":{"b":"@M@"},"x.host":"mta1","when":"2026-11-23 21:53:18","@timestamp":1,"ident":"postfix/smtp","host":"no"})");
  EXPECT_THAT(read_records(record, {.message = "a.b", .host = "x.host", .time = "when"}).lines, ElementsAre(kPlain));
}

TEST(Envelope, KeysInAnyOrderAndWithBlanks) {
  const std::string first = with_texts(R"({"host":"mta1","ident":"postfix/smtp","time":1795470798,"message":"@M@"})");
  const std::string second = with_texts(
      "{ \"message\" :\t\"@M@\" , \"time\" : 1795470798 , \"other\" : { } ,\"ident\":\"postfix/smtp\", "
      "\"host\":\"mta1\" }");
  std::string text;
  for (int i = 0; i < 3; ++i) text += first + "\n" + first + "\n" + second + "\n";
  EXPECT_THAT(read_records(text).lines, testing::AllOf(testing::SizeIs(9), testing::Each(kPlain)));
}

TEST(Envelope, RepetitionsInWrappedLines) {
  const std::string twice =
      with_texts("{\"log\":\"@L@\"}\n{\"log\":\"Nov 23 21:53:19 mta1 last message repeated 2 times\"}\n");
  EXPECT_EQ(read_records(twice).lines.size(), 2u);
  const std::string parsed = with_texts(R"({"message":"message repeated 3 times: [ @M@]","host":"mta1"})");
  EXPECT_EQ(read_records(parsed).lines.size(), 1u);
}

TEST(Envelope, BatchesLargerThanTheRoomForTexts) {
  const std::string record =
      with_texts(R"({"programname":"postfix","message":" \"@M@","msg":"\/ @M@","hostname":"m\/ta1"})") + "\n" +
      with_texts(R"({"syslogtag":"postfix\/smtp[1]:","message":" @M@\/","hostname":"m\/ta1"})") + "\n";
  std::string text;
  for (int i = 0; i < 1000; ++i) text += record;
  const AttemptsInShort read = read_records(text);
  ASSERT_EQ(read.lines.size(), 1000u);
  for (const std::string& line : read.lines) ASSERT_EQ(line.substr(0, 29), "m/ta1|postfix/smtp|-|a@x.test");
}

TEST(Envelope, MessagesOfABroker) {
  const std::string parsed = with_texts(R"({"message":"@M@"})");
  const std::string lines = with_texts("@L@\n@L@\n");
  const std::string printed = with_texts("\n{\n  \"message\": \"@M@\",\n  \"hostname\": \"mta9\"\n}\n");
  const std::string several = parsed + "\n" + parsed;
  constexpr std::int64_t kBroker = 1'795'470'800'000'000;
  const Message messages[] = {{parsed, "fromkey", kBroker},
                              {lines, "fromkey", kBroker},
                              {printed, "", kBroker},
                              {several, "", kBroker},
                              {"", "", 0}};
  AttemptsInShort attempts;
  const auto format = format_of_later_years();
  format->parse_messages(messages, attempts);
  EXPECT_THAT(attempts.lines,
              ElementsAre("fromkey||1795470800|a@x.test|no route", kPlain, kPlain, "mta9||1795470800|a@x.test|no route",
                          "||1795470800|a@x.test|no route", "||1795470800|a@x.test|no route"));
}

}  // namespace
}  // namespace dsnwatch::ingest
