// Texts that a container's runtime cut into several records, and records of the journal that do not end with a block:
// joined, bounded, and not lost with the process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ingest/envelope_records.h"

namespace dsnwatch::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kJoined[] = "mta1|postfix/smtp|1795470798|a@x.test|no route";

/// The line in two halves, the cut within the recipient.
struct Halves {
  std::string first, second;
};

Halves halves() {
  const std::string line = with_texts("@L@");
  const std::size_t cut = line.find("x.test");
  return {line.substr(0, cut), line.substr(cut)};
}

struct Cut {
  const char* name;
  const char* first;   ///< @1@ stands for the first half.
  const char* second;  ///< @2@ for the second.
};

class EnvelopeParts : public testing::TestWithParam<Cut> {
 protected:
  static std::string filled(std::string record, const std::string& mark, const std::string& text) {
    return record.replace(record.find(mark), mark.size(), text) + "\n";
  }
  std::string first() const { return filled(GetParam().first, "@1@", halves().first); }
  std::string second() const { return filled(GetParam().second, "@2@", halves().second); }
};

TEST_P(EnvelopeParts, AreJoined) {
  EXPECT_THAT(read_records(first() + second()).lines, ElementsAre(kJoined));
  EXPECT_EQ(read_records(first() + second()).numbers, std::vector<std::uint64_t>{2});
}

TEST_P(EnvelopeParts, SurviveTheProcess) {
  AttemptsInShort before, after;
  const auto killed = format_of_later_years();
  killed->parse(first(), before);
  EXPECT_THAT(before.lines, IsEmpty());
  const auto next = format_of_later_years();
  next->restore(killed->save());
  next->parse(second(), after);
  EXPECT_THAT(after.lines, ElementsAre(kJoined));
  EXPECT_EQ(after.numbers, std::vector<std::uint64_t>{2});
}

TEST_P(EnvelopeParts, GoOnInAnotherMessage) {
  const std::string one = first(), two = second();
  const Message messages[] = {{.bytes = one, .host = {}}, {.bytes = two, .host = {}}};
  AttemptsInShort attempts;
  format_of_later_years()->parse_messages(messages, attempts);
  EXPECT_THAT(attempts.lines, ElementsAre(kJoined));
}

TEST_P(EnvelopeParts, WhoseRestNeverComesAreReadAsTheyAre) {
  // The recipient is cut off: nothing to count, and what follows is not swallowed.
  const std::string whole = filled(GetParam().second, "@2@", with_texts("@L@"));
  EXPECT_EQ(read_records(first() + whole).lines.size(), 1u);
  EXPECT_THAT(read_records(first()).lines, IsEmpty());
}

constexpr Cut kCuts[] = {
    {"cri", "2026-11-23T21:53:18.1Z stdout P @1@", "2026-11-23T21:53:18.2Z stdout F @2@"},
    {"cri_with_tags", "2026-11-23T21:53:18.1Z stdout P:x @1@", "2026-11-23T21:53:18.2Z stdout F:x @2@"},
    {"docker", R"({"log":"@1@","stream":"stdout","time":"2026-11-23T21:53:18.1Z"})",
     R"({"log":"@2@\n","stream":"stdout","time":"2026-11-23T21:53:18.2Z"})"},
    {"docker_attributes", R"({"log":"@1@","stream":"stdout","attrs":{"tag":"x"},"time":"2026-11-23T21:53:18.1Z"})",
     R"({"log":"@2@\n","stream":"stdout","attrs":{"tag":"x"},"time":"2026-11-23T21:53:18.2Z"})"},
    {"fluent_bit", R"({"time":"2026-11-23T21:53:18.1Z","stream":"stdout","_p":"P","log":"@1@"})",
     R"({"time":"2026-11-23T21:53:18.2Z","stream":"stdout","_p":"F","log":"@2@"})"},
    {"fluentd", R"({"stream":"stdout","logtag":"P","message":"@1@","time":"2026-11-23T21:53:18.1Z"})",
     R"({"stream":"stdout","logtag":"F","message":"@2@","time":"2026-11-23T21:53:18.2Z"})"},
    {"docker_fluentd_driver",
     R"({"container_id":"4f","source":"stdout","log":"@1@","partial_message":"true","partial_id":"7","partial_ordinal":"1","partial_last":"false","time":1795470798.1})",
     R"({"container_id":"4f","source":"stdout","log":"@2@","partial_message":"true","partial_id":"7","partial_ordinal":"2","partial_last":"true","time":1795470798.2})"},
    {"docker_fluentd_driver_old",
     R"({"container_id":"4f","source":"stdout","log":"@1@","partial_message":"true","time":1795470798.1})",
     R"({"container_id":"4f","source":"stdout","log":"@2@","time":1795470798.2})"},
    {"vector",
     R"({"_partial":true,"message":"@1@","stream":"stdout","timestamp":"2026-11-23T21:53:18.1Z","kubernetes":{"pod_name":"a"}})",
     R"({"message":"@2@","stream":"stdout","timestamp":"2026-11-23T21:53:18.2Z","kubernetes":{"pod_name":"a"}})"},
    {"cri_within_json", R"({"log":"2026-11-23T21:53:18.1Z stdout P @1@","@timestamp":1795536387})",
     R"({"log":"2026-11-23T21:53:18.2Z stdout F @2@","@timestamp":1795536388})"},
};

INSTANTIATE_TEST_SUITE_P(All, EnvelopeParts, testing::ValuesIn(kCuts),
                         [](const auto& cut) { return std::string(cut.param.name); });

TEST(EnvelopeTexts, StreamsAreKeptApart) {
  const Halves half = halves();
  const auto cri = [](const char* stream, const char* tag, const std::string& text) {
    return "2026-11-23T21:53:18.1Z " + std::string(stream) + " " + tag + " " + text + "\n";
  };
  EXPECT_EQ(read_records(cri("stdout", "P", half.first) + cri("stderr", "F", "noise") + cri("stdout", "F", half.second))
                .lines.size(),
            1u);
  const auto pod = [](const char* name, const char* tag, const std::string& text) {
    return R"({"time":"2026-11-23T21:53:18Z","stream":"stdout","_p":")" + std::string(tag) + R"(","log":")" + text +
           R"(","kubernetes":{"pod_name":")" + name + "\"}}\n";
  };
  EXPECT_EQ(read_records(pod("a", "P", half.first) + pod("b", "P", half.first) + pod("b", "F", half.second) +
                         pod("a", "F", half.second))
                .lines.size(),
            2u);
}

TEST(EnvelopeTexts, AShipperThatTakesTheLineFeedOffCutsNothing) {
  const std::string record =
      with_texts(R"({"log":"@L@","stream":"stdout","time":"2026-11-23T21:53:18Z","@timestamp":1})") + "\n";
  EXPECT_EQ(read_records(record + record).lines.size(), 2u);
  const std::string dockers = with_texts(R"({"log":"@L@","stream":"stdout","time":"2026-11-23T21:53:18Z"})") + "\n";
  EXPECT_EQ(read_records(dockers + dockers + dockers).lines.size(), 3u);
}

TEST(EnvelopeTexts, MemoryIsBounded) {
  const std::string part(16384, 'x');
  AttemptsInShort attempts;
  const auto format = format_of_later_years();
  for (int i = 0; i < 2000; ++i) {
    const std::string pod = R"({"stream":"stdout","_p":"P","log":")" + part + R"(","kubernetes":{"pod_name":"p)" +
                            std::to_string(i % 200) + "\"}}\n";
    format->parse(pod, attempts);
    ASSERT_LE(format->save().size(), 300u << 10);
  }
  format->parse(with_texts("@L@\n"), attempts);
  EXPECT_EQ(attempts.lines.size(), 1u);
}

TEST(EnvelopeTexts, WhatIsStoredMayBeAnything) {
  for (const char* saved : {"", "1", "1 7 2026:11:1 ", "1 7 2026:11:1 0", "1 7 2026:11:1 1999:x",
                            "1 7 2026:11:1 05:1:a1:b", "1 7 2026:11:1 13:1:"}) {
    AttemptsInShort attempts;
    const auto format = format_of_later_years();
    format->restore(saved);
    format->parse(with_texts("@L@\n"), attempts);
    EXPECT_LE(attempts.lines.size(), 1u) << saved;
  }
}

std::string journal_record(const std::string& text) {
  std::string length;
  for (std::size_t i = 0; i < 8; ++i) length += static_cast<char>(text.size() >> (8 * i) & 0xFF);
  return "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795470799000000\nSYSLOG_IDENTIFIER=postfix/"
         "smtp\n_HOSTNAME=mta1\nMESSAGE\n" +
         length + text + "\n_SOURCE_REALTIME_TIMESTAMP=1795470798000000\n\n";
}

TEST(JournalExport, CutAnywhereAtALineFeed) {
  const std::string record = journal_record(with_texts("@M@"));
  const std::string odd = journal_record("a\n\n__CURSOR=no\nb");
  const std::string text = record + odd + record + record;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    if (cut > 0 && text[cut - 1] != '\n') continue;
    AttemptsInShort attempts;
    const auto first = format_of_later_years(), second = format_of_later_years();
    first->parse(std::string(text, 0, cut), attempts);
    second->restore(first->save());
    second->parse(std::string(text, cut), attempts);
    ASSERT_THAT(attempts.lines, ElementsAre(kJoined, kJoined, kJoined)) << cut;
    ASSERT_EQ(second->counts().lines, static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'))) << cut;
  }
}

TEST(JournalExport, DamagedRecordsEndIt) {
  const std::string whole = journal_record(with_texts("@M@"));
  for (const std::string& damaged :
       {std::string("__CURSOR=x\nno name\n"), std::string("__CURSOR=x\nMESSAGE\n\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFxx\n"),
        std::string("__CURSOR=x\n=\n"), std::string("__CURSOR=x\nMESSAGE\n\x01\0\0\0\0\0\0\0ab\n", 30)}) {
    EXPECT_THAT(read_records(whole + damaged + with_texts("@L@\n") + whole).lines, testing::SizeIs(3)) << damaged;
  }
}

TEST(JournalExport, ARecordWithoutAnEmptyLineBehindIt) {
  std::string record = journal_record(with_texts("@M@"));
  record.pop_back();
  EXPECT_THAT(read_records(record + record).lines, ElementsAre(kJoined, kJoined));
}

}  // namespace
}  // namespace dsnwatch::ingest
