#include "ingest/format/named_formats.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/ingest/collected_records.h"

namespace dsnwatch::ingest {
namespace {

std::unique_ptr<Format> named_formats(const std::string& own = "auto") {
  FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.time.year = 2026;
  return *NamedFormats::make(own, settings);
}

std::string delivery(const std::string& recipient) {
  return "Nov 23 21:53:07 mx1 postfix/smtp[1]: 3C1A2AF8044: to=<" + recipient +
         ">, relay=mx.x.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)";
}

// A line in two parts, neither of which says anything alone.
constexpr std::string_view kCriHead =
    "2026-11-23T21:53:07.000000000Z stdout P Nov 23 21:53:07 mx1 postfix/smtp[1]: 3C1A2AF8044: to=<a@x.te";
constexpr std::string_view kCriTail =
    "2026-11-23T21:53:07.000000000Z stdout F st>, relay=mx.x.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, "
    "status=sent (250 ok)";

TEST(NamedFormats, KeepTheOrderOfTheMessages) {
  const std::array<std::string, 5> texts = {delivery("a@x.test"), delivery("b@x.test"), delivery("c@x.test"),
                                            delivery("d@x.test"), delivery("e@x.test")};
  const std::array<std::string_view, 5> names = {"", "postfix", "postfix", "auto", "no-such"};
  std::vector<Message> messages;
  for (std::size_t i = 0; i < texts.size(); ++i)
    messages.push_back({.bytes = texts[i], .host = {}, .format = names[i]});
  const auto format = named_formats();
  CollectedRecords records;
  format->parse_messages(messages, records);
  ASSERT_EQ(records.lines.size(), 5u);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string recipient = std::string(1, static_cast<char>('a' + i)) + "@x.test";
    EXPECT_NE(records.lines[i].find(" r=" + recipient), std::string::npos) << records.lines[i];
  }
  EXPECT_EQ(format->counts().lines, 5u);
}

TEST(NamedFormats, HaveEachAStateOfItsOwnThatSurvivesARestart) {
  const auto format = named_formats();
  CollectedRecords records;
  format->parse_messages(std::array{Message{.bytes = kCriHead, .host = {}, .format = "postfix"}}, records);
  // The other half belongs to no part in the source's own format.
  format->parse_messages(std::array{Message{.bytes = kCriTail, .host = {}}}, records);
  EXPECT_TRUE(records.lines.empty());

  const auto restarted = named_formats();
  restarted->restore(format->save());
  EXPECT_EQ(restarted->counts().lines, format->counts().lines);
  restarted->parse_messages(std::array{Message{.bytes = kCriTail, .host = {}, .format = "postfix"}}, records);
  EXPECT_EQ(records.lines.size(), 1u);
}

TEST(NamedFormats, SaveAsTheOwnFormatWhereNoMessageNamesAnother) {
  const std::string text = delivery("a@x.test") + "\n";
  CollectedRecords records;
  const auto format = named_formats("postfix"), plain = postfix_format();
  format->parse(text, records);
  format->parse_messages(std::array{Message{.bytes = text, .host = {}, .format = "postfix"}}, records);
  plain->parse(text, records);
  plain->parse_messages(std::array{Message{.bytes = text, .host = {}}}, records);
  EXPECT_EQ(format->save(), plain->save());
  const auto restarted = named_formats();
  restarted->restore(plain->save());
  EXPECT_EQ(restarted->counts().lines, 2u);
}

TEST(NamedFormats, TakeNoHarmFromAStateThatIsCutOff) {
  const auto format = named_formats();
  CollectedRecords records;
  format->parse_messages(std::array{Message{.bytes = kCriHead, .host = {}, .format = "postfix"}}, records);
  const std::string saved = format->save();
  for (std::size_t size = 0; size < saved.size(); ++size) {
    const auto restarted = named_formats();
    restarted->restore(saved.substr(0, size));
    restarted->parse_messages(std::array{Message{.bytes = kCriTail, .host = {}, .format = "postfix"}}, records);
    EXPECT_TRUE(records.lines.empty()) << size;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
