#include "ingest/envelope/syslog_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "ingest/envelope/plain_line.h"

namespace dsnwatch::ingest {
namespace {

struct LineCase {
  const char* name;
  const char* line;
  StampKind kind;
  const char* stamp;
  const char* host;
  const char* tag;
  const char* message;
};

/// A plain line has the parts that it has for all; whether it is one.
bool has_same_parts_if_plain(std::string_view text) {
  PlainLine parts;
  if (!find_plain_parts(text, parts)) return false;
  const SyslogLine plain = split_plain_line(text, parts);
  SyslogLine line;
  EXPECT_TRUE(split_syslog_line(text, line)) << text;
  EXPECT_EQ(plain.stamp_kind, line.stamp_kind) << text;
  EXPECT_EQ(plain.stamp, line.stamp) << text;
  EXPECT_EQ(plain.host, line.host) << text;
  EXPECT_EQ(plain.tag, line.tag) << text;
  EXPECT_EQ(plain.message, line.message) << text;
  return true;
}

class OneLine : public testing::TestWithParam<LineCase> {};

TEST_P(OneLine, Parts) {
  const LineCase& c = GetParam();
  SyslogLine line;
  ASSERT_TRUE(split_syslog_line(c.line, line));
  EXPECT_EQ(line.stamp_kind, c.kind);
  EXPECT_EQ(line.stamp, c.stamp);
  EXPECT_EQ(line.host, c.host);
  EXPECT_EQ(line.tag, c.tag);
  EXPECT_EQ(line.message, c.message);
  has_same_parts_if_plain(c.line);
}

using enum StampKind;
INSTANTIATE_TEST_SUITE_P(
    Layouts, OneLine,
    testing::Values(
        LineCase{"rfc3164", "Nov  3 09:05:01 mx1 postfix/smtp[1]: text: more", kTraditional, "Nov  3 09:05:01", "mx1",
                 "postfix/smtp[1]", "text: more"},
        LineCase{"postlogd", "Nov 03 09:05:01 mx1 postfix/smtp[1]: text", kTraditional, "Nov 03 09:05:01", "mx1",
                 "postfix/smtp[1]", "text"},
        LineCase{"unpadded", "Nov 3 09:05:01 mx1 postfix/smtp[1]: text", kTraditional, "Nov 3 09:05:01", "mx1",
                 "postfix/smtp[1]", "text"},
        LineCase{"precise", "Nov 23 22:45:27.498608 mx1 postfix/smtp[1]: text", kTraditional, "Nov 23 22:45:27.498608",
                 "mx1", "postfix/smtp[1]", "text"},
        LineCase{"pri", "<22>Nov  3 09:05:01 mx1 postfix/smtp[1]: text", kTraditional, "Nov  3 09:05:01", "mx1",
                 "postfix/smtp[1]", "text"},
        LineCase{"facility_name", "Nov  3 09:05:01 <mail.info> mx1 postfix/smtp[1]: text", kTraditional,
                 "Nov  3 09:05:01", "mx1", "postfix/smtp[1]", "text"},
        LineCase{"no_host", "Nov  3 09:05:01 postfix/smtp[1]: text", kTraditional, "Nov  3 09:05:01", "",
                 "postfix/smtp[1]", "text"},
        LineCase{"no_tag", "Nov  3 09:05:01 mx1 last message repeated 3 times", kTraditional, "Nov  3 09:05:01", "mx1",
                 "", "last message repeated 3 times"},
        LineCase{"rfc3339", "2026-11-23T21:53:18.123456+00:00 mx1 postfix-out1/smtp[1]: text", kIso,
                 "2026-11-23T21:53:18.123456+00:00", "mx1", "postfix-out1/smtp[1]", "text"},
        LineCase{"short_full", "Mon 2026-11-23 22:45:27 UTC mx1 postfix/smtp[1]: text", kIsoNamed,
                 "2026-11-23 22:45:27 UTC", "mx1", "postfix/smtp[1]", "text"},
        LineCase{"short_unix", "1795473927.498608 mx1 postfix/smtp[1]: text", kUnix, "1795473927.498608", "mx1",
                 "postfix/smtp[1]", "text"},
        LineCase{"rfc5424", "<22>1 2026-11-23T21:53:04.383313Z mx1 postfix 413 - - text", kIso,
                 "2026-11-23T21:53:04.383313Z", "mx1", "postfix", "text"},
        LineCase{"rfc5424_nothing_known", "<22>1 - - postfix - - - text", kNone, "-", "", "postfix", "text"},
        LineCase{"rfc5424_bom", "<22>1 2026-11-23T21:53:04Z mx1 postfix 413 - - \xEF\xBB\xBFtext", kIso,
                 "2026-11-23T21:53:04Z", "mx1", "postfix", "text"},
        LineCase{"rfc5424_data", R"(<22>1 2026-11-23T21:53:04Z mx1 postfix 413 - [a@1 k="v]\"]\\"][b] text)", kIso,
                 "2026-11-23T21:53:04Z", "mx1", "postfix", "text"},
        LineCase{"rfc5424_no_message", "<22>1 2026-11-23T21:53:04Z mx1 postfix 413 - -", kIso, "2026-11-23T21:53:04Z",
                 "mx1", "postfix", ""}),
    [](const auto& tested) { return tested.param.name; });

// Host and tag are looked for at once where both are near; it must not matter how near.
TEST(SyslogLine, HostAndTagOfAnyLength) {
  int plain = 0;
  for (std::size_t host_size = 1; host_size < 70; ++host_size) {
    for (const std::size_t tag_size : {0, 1, 5, 14, 15, 16, 17, 30, 31, 32, 60}) {
      for (const std::string& message : {std::string(), std::string("x"), "4XYZ: to=<a:b c>" + std::string(40, ' ')}) {
        const std::string host(host_size, 'h'), tag(tag_size, 't');
        const std::string text = "Nov  3 09:05:01 " + host + " " + tag + ": " + message;
        SyslogLine line;
        ASSERT_TRUE(split_syslog_line(text, line)) << text;
        EXPECT_EQ(line.host, host);
        EXPECT_EQ(line.tag, tag);
        EXPECT_EQ(line.message, message);
        plain += has_same_parts_if_plain(text) ? 1 : 0;
      }
    }
  }
#if defined(__SSE2__)
  EXPECT_GT(plain, 100);
#endif
}

TEST(PlainLine, BeginsWithTheNameOfAMonth) {
  const std::string rest = " 3 09:05:01 mx1 postfix/smtp[1]: 4XYZ: to=<a@x.test>, relay=none";
  for (const char* first : {"{ov ", "[ov ", "<22>", "nov ", "2026"}) {
    PlainLine parts;
    EXPECT_FALSE(find_plain_parts(first + rest, parts)) << first;
  }
}

TEST(SyslogLine, OtherLinesAreNone) {
  for (const char* text : {"", "x", "Nov 23 21:53:04", "this is no log line at all, it only has words", "<22",
                           "<999999>1 2026-11-23T21:53:04Z mx1", "<22>1 2026-11-23T21:53:04Z mx1 postfix 1 - [a",
                           "2026-11-23 mx1 postfix/smtp[1]: text", "123456789 mx1 postfix/smtp[1]: text"}) {
    SyslogLine line;
    EXPECT_FALSE(split_syslog_line(text, line)) << text;
  }
}

TEST(SyslogLine, EveryPrefixStaysWithinItsBytes) {
  for (const char* text :
       {"<22>1 2026-11-23T21:53:04Z mx1 postfix 413 - [a k=\"v\\\"\"] \xEF\xBB\xBFtext",
        "Nov  3 09:05:01 mx1 postfix/smtp[1]:   4XYZ: removed",
        "<22>Nov  3 09:05:01 <mail.info> mx1 postfix/smtp[1]: text",
        "Mon 2026-11-23 22:45:27 UTC mx1 postfix/smtp[1]: t", "1795473927.498608 mx1 postfix/smtp[1]: text",
        "2026-11-23T21:53:18+0000 mx1 postfix/smtp[1]: text"}) {
    const std::string_view whole = text;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const auto copy = std::make_unique<char[]>(size);  // exact, so that a sanitizer sees one byte too far
      std::copy_n(whole.data(), size, copy.get());
      has_same_parts_if_plain({copy.get(), size});
      SyslogLine line;
      if (!split_syslog_line({copy.get(), size}, line)) continue;
      for (std::string_view part : {line.stamp, line.host, line.tag, line.message}) {
        if (part.empty()) continue;
        EXPECT_GE(part.data(), copy.get());
        EXPECT_LE(part.data() + part.size(), copy.get() + size);
      }
    }
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
