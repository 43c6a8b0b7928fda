// What lines say together: facts of a queue id, repetitions, expiry, line numbers, odd lines between.

#include <gtest/gtest.h>

#include "tests/ingest/collected_records.h"

namespace dsnwatch::ingest {
namespace {

constexpr char kSmtp[] = "Nov 23 21:53:07 mx1 postfix/smtp[1]: ";
constexpr char kSent[] =
    "3C1A2AF8044: to=<a@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 "
    "ok)";
constexpr char kDeferred[] =
    "3C1A2AF8044: to=<a@x.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to "
    "mx.x.test[192.0.2.1]:25: Connection refused)";

struct Read {
  explicit Read(std::string_view text) { format->parse(text, records); }
  std::unique_ptr<Format> format = postfix_format();
  CollectedRecords records;
};

std::string lines(std::initializer_list<std::string> messages) {
  std::string text;
  for (const std::string& message : messages) text += kSmtp + message + "\n";
  return text;
}

std::string last_of(const CollectedRecords& records) {
  return records.lines.empty() ? "" : records.lines.back();
}

TEST(PostfixFormat, FactsOfAQueueId) {
  const Read read(
      lines({"3C1A2AF8044: client=h.test[192.0.2.9]:4711, sasl_method=PLAIN, sasl_username=u, v@y.test, "
             "sasl_sender=s@y.test, orig_queue_id=ABCDEF, orig_client=o.test[192.0.2.8]",
             "3C1A2AF8044: message-id=<m@y.test>", "3C1A2AF8044: resent-message-id=<other@y.test>",
             "3C1A2AF8044: from=<s@y.test>, size=1, nrcpt=1 (queue active)", kSent}));
  ASSERT_EQ(read.records.lines.size(), 1u);
  EXPECT_NE(last_of(read.records)
                .find(" s=<s@y.test> r=a@x.test h=mx.x.test i=192.0.2.1 c=192.0.2.9 u=u, v@y.test "
                      "m=m@y.test "),
            std::string::npos)
      << last_of(read.records);
}

TEST(PostfixFormat, LongQueueIdsAndOtherWords) {
  for (const char* id : {"4jYLfn1ch8z1gh2T", "3mPVKl0Mhjz7sXv", "0F5383D", "40197"})
    EXPECT_EQ(Read(kSmtp + std::string(id) + (kSent + 11)).records.lines.size(), 1u) << id;
  for (const char* word : {"warning", "fatal", "error", "ABC", "A-B-C-D", "reject", "3C1A2AF8044x8e"})
    EXPECT_EQ(Read(kSmtp + std::string(word) + (kSent + 11)).records.lines.size(), 0u) << word;
}

TEST(PostfixFormat, ASoftFailureOfOneServerIsNoResult) {
  const Read read(lines({"3C1A2AF8044: host mx.x.test[192.0.2.1] said: 450 4.2.0 later (in reply to RCPT TO command)",
                         "3C1A2AF8044: host mx.x.test[192.0.2.1] refused to talk to me: 421 busy",
                         "3C1A2AF8044: lost connection with mx.x.test[192.0.2.1] while sending RCPT TO",
                         "connect to mx.x.test[192.0.2.1]:25: Connection refused",
                         "3C1A2AF8044: sender non-delivery notification: 7BDABAF88FF",
                         "3C1A2AF8044: status=deferred (bounce failed)", "3C1A2AF8044: skipped, still being delivered",
                         "warning: 3C1A2AF8044: to=<a@x.test>, relay=none, delay=1, status=sent (x)"}));
  EXPECT_TRUE(read.records.lines.empty()) << last_of(read.records);
  EXPECT_EQ(read.format->counts().unparsed[0], 0u);
  EXPECT_EQ(read.format->counts().lines, 8u);
}

TEST(PostfixFormat, ExpiryNamesWhoWaited) {
  for (const char* status : {"expired", "force-expired"}) {
    const Read read(lines({"3C1A2AF8044: from=<s@y.test>, size=1, nrcpt=1 (queue active)", kDeferred,
                           "3C1A2AF8044: from=<s@y.test>, status=" + std::string(status) + ", returned to sender"}));
    EXPECT_EQ(last_of(read.records), "outbound expired q=3C1A2AF8044 s=<s@y.test> r=a@x.test");
    EXPECT_EQ(read.records.numbers.back(), 3u);
    EXPECT_EQ(read.records.times.back(), read.records.times.front());
  }
}

TEST(PostfixFormat, ASenderThatLooksLikeAnExpiryExpiresNothing) {
  const Read read(lines({kDeferred,
                         "3C1A2AF8044: from=<\"x>, status=expired, returned to sender\"@y.test>, size=1, nrcpt=1 "
                         "(queue active)",
                         kSent}));
  ASSERT_EQ(read.records.lines.size(), 2u);
  EXPECT_NE(last_of(read.records).find("s=<\"x>, status=expired, returned to sender\"@y.test>"), std::string::npos);
}

TEST(PostfixFormat, RemovedAndReused) {
  const Read read(lines({"3C1A2AF8044: client=h.test[192.0.2.9]", "3C1A2AF8044: from=<s@y.test>, size=1, nrcpt=1 (q)",
                         "3C1A2AF8044: removed (canceled)", kSent, "3C1A2AF8044: from=<s@y.test>, size=1, nrcpt=1 (q)",
                         "3C1A2AF8044: uid=0 from=<root>", kSent}));
  ASSERT_EQ(read.records.lines.size(), 2u);
  for (const std::string& line : read.records.lines) EXPECT_EQ(line.find("s=<"), std::string::npos) << line;
}

TEST(PostfixFormat, RepetitionsOfRsyslog) {
  const Read read(lines({kDeferred, "message repeated 3 times: [ " + std::string(kDeferred) + "]",
                         "message repeated 2 times: [NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 550 5.1.1 no; "
                         "from=<> to=<b@y.test> proto=SMTP helo=<h>]",
                         "message repeated 9 times: [ message repeated 9 times: [ " + std::string(kDeferred) + "]]",
                         "message repeated 0 times: [ " + std::string(kDeferred) + "]",
                         "message repeated 99999999999 times: [ " + std::string(kDeferred) + "]"}));
  ASSERT_EQ(read.records.lines.size(), 3u);
  EXPECT_EQ(read.records.lines[0].find(" x"), std::string::npos);
  EXPECT_NE(read.records.lines[1].find(" x3 |=connect to mx.x.test[192.0.2.1]:25: Connection refused"),
            std::string::npos);
  EXPECT_EQ(read.records.lines[2],
            "inbound rejected s=<> r=b@y.test c=192.0.2.1 at=rcpt 550 d=5.1.1 x2 |=550 5.1.1 no");
}

TEST(PostfixFormat, RepetitionsOfOldSyslogd) {
  const std::string repeated = "Nov 23 21:53:09 mx1 last message repeated 4 times\n";
  const std::string attempt = kSmtp + std::string(kDeferred) + "\n";
  const Read read(attempt + repeated + lines({"3C1A2AF8044: removed"}) + repeated);
  ASSERT_EQ(read.records.lines.size(), 2u) << "the second one repeats no attempt";
  EXPECT_NE(read.records.lines[1].find(" x4 "), std::string::npos);
  EXPECT_EQ(read.records.numbers[1], 2u);

  const auto format = postfix_format();
  CollectedRecords records;
  format->parse(std::string(attempt), records);
  format->parse(repeated, records);
  EXPECT_EQ(records.lines, read.records.lines) << "with the attempt in the block before";
}

TEST(PostfixFormat, LineEndsAndOddLines) {
  const std::string sent = kSmtp + std::string(kSent);
  const Read read("\n\r\n" + sent + "\r\n" + std::string(3, '\0') + "\n" + std::string(10'000, 'x') + "\n\xff\xfe\n" +
                  sent);
  ASSERT_EQ(read.records.lines.size(), 2u);
  EXPECT_EQ(read.records.lines[0], read.records.lines[1]);
  EXPECT_FALSE(read.records.lines[0].ends_with('\r'));
  EXPECT_EQ(read.records.numbers, (std::vector<std::uint64_t>{3, 7}));
  EXPECT_EQ(read.format->counts().lines, 7u);
}

/// Lines that would take hours if any step looked at the rest of the line again and again.
TEST(PostfixFormat, LongLinesOfOpenings) {
  constexpr std::size_t kSize = 1'000'000;
  std::string text;
  for (const char* head : {"3C1A2AF8044: reject: header x", "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 550 5.1.1 x",
                           "3C1A2AF8044: to=<", "3C1A2AF8044: to=<a@x.test>, relay=", "3C1A2AF8044: from=<",
                           "3C1A2AF8044: client=", "3C1A2AF8044: to=<a@x.test>, relay=none, status=bounced (host "})
    for (const char* filler : {" from a[", "; from=<", ">, relay=", " to=<", "\"", "<[", ", a=", " (in reply to "}) {
      text += kSmtp + std::string(head);
      while (text.size() % kSize < kSize - 100) text += filler;
      text.append(kSize - 1 - text.size() % kSize, '>');
      text += '\n';
    }
  const Read read(text);
  EXPECT_EQ(read.format->counts().lines, 56u);
}

TEST(PostfixFormat, DroppedLinesCount) {
  Read read(lines({"3C1A2AF8044: removed"}));
  read.format->skip_line(Unparsed::kTooLong);
  read.format->parse(lines({kSent}), read.records);
  EXPECT_EQ(read.format->counts().lines, 3u);
  EXPECT_EQ(read.format->counts().unparsed[static_cast<std::size_t>(Unparsed::kTooLong)], 1u);
  EXPECT_EQ(read.records.numbers.back(), 3u);
}

TEST(PostfixFormat, HostAndServiceOfTheLine) {
  FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.default_host = "fallback";
  struct Names final : RecordSink {
    void consume(std::span<Record> records) override {
      for (const Record& record : records)
        names.push_back(std::string(record.attempt.host) + " " + std::string(record.attempt.service));
    }
    std::vector<std::string> names;
  } sink;
  const auto format = *make_format("auto", settings);
  for (const char* head : {"Nov 23 21:53:07 mx1 postfix-out1/smtp[1]: ", "Nov 23 21:53:07 postfix/submission/smtp[1]: ",
                           "<22>1 2026-11-23T21:53:07Z - postfix 1 - - "})
    format->parse(head + std::string(kSent) + "\n", sink);
  EXPECT_EQ(sink.names, (std::vector<std::string>{"mx1 postfix-out1/smtp", "fallback postfix/submission/smtp",
                                                  "fallback postfix"}));
}

TEST(PostfixFormat, SettingsThatDoNotWorkAreErrors) {
  FormatSettings settings;
  settings.time.timezone = "Europe/Atlantis";
  EXPECT_FALSE(make_format("auto", settings));
  const auto unknown = make_format("qmail9", {});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("qmail9"), std::string::npos);
}

TEST(PostfixFormat, JunkIsNotRestored) {
  for (const char* junk : {"", "1", "1 ", "2 5 2026:1:1", "1 x 2026:1:1", "1 5", "\xff\xff"}) {
    Read read("");
    read.format->restore(junk);
    read.format->parse(lines({kSent}), read.records);
    EXPECT_EQ(read.records.numbers.back(), 1u) << junk;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
