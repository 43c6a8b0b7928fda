// The short way of records that are laid out as those before them: it finds what the long way finds, or nothing.
// Whatever comes, a reader that has learnt is compared with one that reads its first record.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/envelope/unwrapper.h"
#include "tests/ingest/envelope_records.h"

namespace dsnwatch::ingest {
namespace {

std::string in_full(const UnwrappedLine& found) {
  const SyslogLine& line = found.line;
  std::string all = std::to_string(found.number) + "|whole " + std::string(found.whole);
  all += "|stamp " + std::to_string(static_cast<int>(line.stamp_kind)) + ' ' + std::string(line.stamp);
  all += "|host " + std::string(line.host) + "|tag " + std::string(line.tag) + "|message " + std::string(line.message);
  all += "|outer " + std::to_string(static_cast<int>(line.outer_kind)) + ' ' + std::string(line.outer_stamp);
  return all + ' ' + std::to_string(static_cast<int>(line.outer_time));
}

/// Reads lines one after the other, each in memory of its own size, so that a sanitizer sees what is read behind the
/// end.
class Reader {
 public:
  std::string read(std::string_view line, bool another_follows = false) {
    const std::string bytes = std::string(line) + (another_follows ? "\n{\"log\":\"" : "");
    const auto copy = std::make_unique<char[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    ++number_;
    std::span<const UnwrappedLine> found;
    std::size_t size = 0;
    if (!line.empty() && Unwrapper::begins_record(line.front()) && unwrapper_.knows_records())
      found = unwrapper_.unwrap_known({copy.get(), bytes.size()}, number_, size);
    if (found.empty()) {
      const std::string_view record(copy.get(), line.size());
      if (!unwrapper_.has_room_for(record)) unwrapper_.clear_for(record);
      found = unwrapper_.unwrap(record, number_);
    } else {
      ++short_ways_;
      EXPECT_EQ(size, line.size()) << line;
    }
    std::string all = unwrapper_.unreadable() ? "unreadable" : "";
    for (const UnwrappedLine& one : found) all += '\n' + in_full(one);
    return all + "\nkept " + unwrapper_.save();
  }

  /// As another one that has not read anything yet.
  std::string read_afresh(std::string_view line) const {
    Reader fresh;
    fresh.number_ = number_;
    fresh.unwrapper_.restore(unwrapper_.save());
    return fresh.read(line);
  }

  int short_ways() const { return short_ways_; }

 private:
  Unwrapper unwrapper_{EnvelopeKeys{}};
  std::uint64_t number_ = 0;
  int short_ways_ = 0;
};

/// How many of the records went the short way.
int read_all(const std::vector<std::string>& records) {
  Reader reader;
  for (const std::string& record : records) {
    const std::string afresh = reader.read_afresh(record);
    EXPECT_EQ(reader.read(record), afresh) << record;
  }
  return reader.short_ways();
}

std::string with(std::string record, std::string_view mark, std::string_view text) {
  for (std::size_t at = record.find(mark); at != std::string::npos; at = record.find(mark, at + text.size()))
    record.replace(at, mark.size(), text);
  return record;
}

std::vector<std::string> with_each(std::string_view record, std::initializer_list<std::string_view> texts) {
  std::vector<std::string> records;
  for (const std::string_view text : texts) records.push_back(with_texts(with(std::string(record), "#", text)));
  return records;
}

TEST(KnownRecords, TheThirdRecordOfALayoutGoesTheShortWay) {
  EXPECT_EQ(
      read_all(with_each(R"({"@timestamp":1795536387.4#,"log":"Nov 23 21:53:18 mta1 postfix/smtp[#]: E7: to=<a>"})",
                         {"1", "2", "3", "455555"})),
      2);
  EXPECT_EQ(
      read_all(with_each(R"({"host":{"name":"m","ip":["::1"]},"message":"E73A2AF88BE: to=<##>"})", {"1", "2", "3"})),
      1);
}

TEST(KnownRecords, WhatVariesLaterIsLearntThen) {
  std::vector<std::string> records;
  for (const std::string host : {"mta1", "mta1", "mta1", "mta2", "mta1", "mta3"})
    records.push_back(R"({"hostname":")" + host + R"(","syslogtag":"postfix\/smtp[1]:","msg":" E7A: to=<)" +
                      std::to_string(records.size()) + R"(>, relay=none"})");
  EXPECT_EQ(read_all(records), 3);
}

TEST(KnownRecords, ValuesThatMeanSomethingElseGoTheLongWay) {
  EXPECT_EQ(read_all(with_each(R"({"host":"#","program":"postfix/smtp","message":"E73A2AF88BE: to=<#>"})",
                               {"a", "b", "-", "", R"(c\u002e)", "d"})),
            2);
  EXPECT_EQ(
      read_all(with_each(R"({"log":"Nov 23 21:53:18 mta1 postfix/smtp[#]: E7: to=<a>\n","stream":"#","time":"2#"})",
                         {"1", "2", "3"})),
      0);
}

TEST(KnownRecords, ARecordEndsWithItsLine) {
  const std::string record = R"({"log":"Nov 23 21:53:18 mta1 postfix/smtp[1]: E7: to=<#>","x":@})";
  const auto with_both = [&](std::string_view text, std::string_view number) {
    return with(with(record, "#", text), "@", number);
  };
  Reader reader;
  for (const char* number : {"1", "2", "3"}) reader.read(with_both(number, number), /*another_follows=*/true);
  EXPECT_EQ(reader.short_ways(), 1);
  Unwrapper unwrapper{EnvelopeKeys{}};
  unwrapper.clear_for(record);
  const auto read_short = [&](std::string_view bytes) {
    std::size_t size = 0;
    return unwrapper.unwrap_known(bytes, 1, size).size();
  };
  for (const char* number : {"1", "2"}) {
    EXPECT_EQ(read_short(with_both(number, number)), 0u);
    unwrapper.unwrap(with_both(number, number), 1);
  }
  EXPECT_EQ(read_short(with_both("3", "3")), 1u);
  for (const std::string_view odd : {"4\n", "4}", "4 ", "", "4,"})
    EXPECT_EQ(read_short(with_both("4", odd)), 0u) << odd;
  for (const std::string_view odd : {"4\n", "4\n\"", "4\\\n", "\""})
    EXPECT_EQ(read_short(with_both(odd, "4")), 0u) << odd;
  EXPECT_EQ(read_short(with_both("5", "5")), 1u);
}

TEST(KnownRecords, ALayoutKnowsWhatItsValuesAre) {
  const std::string record = R"({"a":{"b":"@","c":#},"d":[1,2],"e":"x"})";
  RecordLayout layout;
  RecordLayout::Values values;
  for (const char* text : {"1", "2"}) {
    const std::string sample = with(with(record, "@", text), "#", text);
    layout.learn(sample, RecordLayout::split(sample));
  }
  const auto match = [&](std::string_view text, std::string_view number) {
    const std::string bytes = with(with(record, "@", text), "#", number);
    return layout.match(bytes.data(), bytes.data() + bytes.size(), values) != nullptr;
  };
  EXPECT_TRUE(match(R"(\")", "-4e5"));
  EXPECT_TRUE(values[1].escaped);
  EXPECT_EQ(values[2].kind, JsonKind::kNumber);
  for (const std::string_view odd : {"null", R"("4")", "[4]", "", "4 5"}) EXPECT_FALSE(match("3", odd)) << odd;
  EXPECT_TRUE(RecordLayout::split("{\"a\":\n1}").empty());
  EXPECT_TRUE(RecordLayout::split(R"({"a":1} )"
                                  "\t{")
                  .empty());
}

TEST(KnownRecords, AStampThatNeverSaysAnythingIsPassedOver) {
  EXPECT_EQ(read_all(with_each(R"({"@timestamp":"-","date":"2026-11-24T16:08:4#Z","message":"E73A2AF88BE: to=<#>"})",
                               {"1", "2", "3", "4"})),
            2);
  EXPECT_EQ(
      read_all(with_each(R"({"DATE":"Nov 23 21:53:18","R_ISODATE":"2026-11-24T16:08:4#Z","MESSAGE":"E73: to=<#>"})",
                         {"1", "2", "3", "4"})),
      0);
}

TEST(KnownRecords, ThatTextsEndInALineFeedIsLearntOnEitherWay) {
  EXPECT_EQ(read_all(with_each(R"({"log":"@L@#","stream":"stdout","x":1,"time":"2026-11-24T16:08:48Z"})",
                               {"1", "2", "3", R"(4\n)", R"(5\n)", "6"})),
            2);
}

TEST(KnownRecords, APartOfATextIsNotTakenForAWhole) {
  std::vector<std::string> records;
  const std::string record = R"({"log":"@","stream":"stdout","time":"2026-11-24T16:08:48.72483812#Z"})";
  for (const std::string_view text :
       {R"(@L@\n)", R"(@L@\n)", R"(@L@\n)", "@L@ begins", R"( ends\n)", R"(@L@\n)", R"(@L@\n)", "no line", R"(\n)"}) {
    const std::string number = std::to_string(records.size());
    records.push_back(with(with_texts(with(record, "@", text)), "E73A2AF88BE", "E7" + number + "AAAA"));
    records.back() = with(records.back(), "#", number);
  }
  EXPECT_EQ(read_all(records), 3);
}

/// Any of several values for each mark of a record.
class AnyRecords {
 public:
  explicit AnyRecords(unsigned seed) : random_(seed) {}

  std::string next() {
    if (random_() % 40 == 0) shape_ = random_() % std::size(kShapes);
    std::string record = fill(std::string(kShapes[shape_]));
    while (random_() % 12 == 0) mutate(record);
    std::erase(record, '\n');
    return record;
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  static constexpr std::string_view kShapes[] = {
      R"({"log":"%T\n","stream":"%O","time":"%S"})",
      R"({"@timestamp":"%S","@metadata":{"beat":"filebeat"},"host":{"name":"%H","ip":["::1"]},"log":{"offset":%N,"file":{"path":"/var/log/mail.log"}},"message":"%T"})",
      R"({"@timestamp":%N.%N,"log":"%T"})",
      R"({"timereported":"%S","hostname":"%H","facility":"mail","syslogtag":"%G","programname":"postfix","procid":"%N","msg":" %M"})",
      R"({"PROGRAM":"%G","PRIORITY":"info","MESSAGE":"%M","ISODATE":"%S","HOST":"%H"})",
      R"({"file":"/var/log/mail.log","host":"%H","message":"%T","source_type":"file","timestamp":"%S"})",
      R"({"stream":"%O","logtag":"%P","log":"%T","kubernetes":{"pod_name":"p-%N","host":"%H"},"time":"%S"})",
      R"({"ident":"%G","host":"%H","hostname":"agent","tag":"%G","message":"%M","date":%N})",
      R"({"message":"%M","log":{"syslog":{"hostname":"%H","appname":"%G"}},"event":{"original":"%T"},"@timestamp":"%S"})",
      R"({"version":"1.1","host":"%H","short_message":"%M","timestamp":%N.%N,"_program":"%G","level":%W,"full_message":"%T"})",
      R"({"time":%W,"timegenerated":"%S","message":"%T","rawmsg":"%T","tags":["a",%N]})",
      R"({"log":"%T","stream":"%O","x":%N,"time":"%S"})",
      R"({"DATE":"Nov 23 21:53:18","R_ISODATE":"%S","HOST":"%H","MESSAGE":"%M","PROGRAM":"%G"})",
      R"({"date":"-","time":"%S","host":"-","fromhost":"%H","syslogtag":"","tag":"mail.info","program":"%G","text":"%M"})",
      R"({"container_id":"c%N","container_name":"/p","source":"%O","log":"%T","partial_message":"%W"})",
  };

  std::string_view any(std::initializer_list<std::string_view> values) {
    const bool usual = random_() % 12 != 0;  // The first ones are.
    return values.begin()[random_() % (usual ? 2 : values.size())];
  }

  std::string value(char mark) {
    const std::string message =
        "E73A2AF88B" + std::to_string(random_() % 10) + ": to=<a@x.test>, relay=none, dsn=4.4.1, status=deferred (" +
        std::string(any({"no", "route", R"(\u003cto\u003e \"it\")", "\xff\xe9", R"(\ud83d\ude00\)"})) + ")";
    const std::string line = "Nov 23 21:53:1" + std::to_string(random_() % 10) + " mta1 postfix/smtp[658]: " + message;
    switch (mark) {
      case 'T':
        return std::string(any({line, line, message, "", "{}", R"({\"log\":\")" + message + R"(\"})",
                                "2026-11-24T16:08:48.72Z stdout F " + line, R"(\n)", "Nov 23 21:53:18 postfix: x"}));
      case 'M':
        return std::string(
            any({message, message, line, "", R"({\"msg\":\"x\"})", "postfix/smtp[9]: " + message, "2026-1"}));
      case 'S':
        return std::string(
            any({"2026-11-24T16:08:4" + std::to_string(random_() % 10) + "Z", "2026-11-23T21:53:11.5+01:00",
                 "Nov 23 21:53:18", "", "-", "0", R"(2026-11-24T16:08:48\u005a)", "1795536387"}));
      case 'H':
        return std::string(any({"mta1", "mta2", "", "-", R"(mta\/3)"}));
      case 'G':
        return std::string(any({"postfix/smtp[1]:", R"(postfix\/smtp[22]:)", "mail.info", "", "-", ": "}));
      case 'O':
        return std::string(any({"stdout", "stderr", "other", ""}));
      case 'P':
        return std::string(any({"F", "F", "P"}));
      case 'W':
        return std::string(any({"null", "false", "true", "1", "6"}));
      default:
        return std::to_string(random_() % 2 == 0 ? 7 : 1795536300 + random_() % 100);
    }
  }

  std::string fill(std::string record) {
    for (std::size_t at = record.find('%'); at != std::string::npos; at = record.find('%', at)) {
      const std::string text = value(record[at + 1]);
      record.replace(at, 2, text);
      at += text.size();
    }
    return record;
  }

  /// A byte or more taken out, put in, exchanged, or repeated.
  void mutate(std::string& record) {
    constexpr std::string_view kBytes =
        "\"\\{}[]:, \t\r\x01\xff"
        "09-+.eEuaZ";
    if (record.empty()) return;
    const std::size_t at = random_() % record.size();
    const std::size_t size = random_() % 4 == 0 ? random_() % 40 : 1;
    switch (random_() % 5) {
      case 0:
        record.erase(at, size);
        break;
      case 1:
        record.insert(at, 1, kBytes[random_() % kBytes.size()]);
        break;
      case 2:
        record[at] = kBytes[random_() % kBytes.size()];
        break;
      case 3:
        record.insert(random_() % record.size(), record.substr(at, size));
        break;
      default:
        record.insert(1, R"("host":"twice","stream":"stdout",)");
        break;
    }
  }

  std::mt19937 random_;
  std::size_t shape_ = 0;
};

TEST(KnownRecords, AnyRecordsBehindEachOtherAreReadAsAfresh) {
  constexpr unsigned kSeed = 20261201;
  constexpr int kRounds = 400, kRecords = 200;
  int short_ways = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed + round));
    AnyRecords any(kSeed + round);
    std::vector<std::string> records;
    for (int i = 0; i < kRecords; ++i) records.push_back(any.next());
    short_ways += read_all(records);
    if (HasFailure()) return;
  }
  EXPECT_GT(short_ways, kRounds * kRecords / 4);
}

/// A record at a time, each by a format that knows of those before it only what is stored.
std::string attempts_one_by_one(const std::vector<std::string>& records) {
  AttemptsInShort attempts;
  std::string saved;
  for (const std::string& record : records) {
    const auto format = format_of_later_years();
    format->restore(saved);
    format->parse(record + '\n', attempts);
    saved = format->save();
  }
  std::string all = std::to_string(attempts.facts) + ' ' + saved;
  for (const std::string& line : attempts.lines) all += '\n' + line;
  return all;
}

std::string attempts_in_blocks(const std::vector<std::string>& records, AnyRecords& any) {
  AttemptsInShort attempts;
  const auto format = format_of_later_years();
  for (std::size_t at = 0; at < records.size();) {
    std::string block;
    for (std::size_t left = 1 + any.below(40); left > 0 && at < records.size(); --left) block += records[at++] + '\n';
    const auto copy = std::make_unique<char[]>(block.size());
    std::copy(block.begin(), block.end(), copy.get());
    format->parse({copy.get(), block.size()}, attempts);
  }
  std::string all = std::to_string(attempts.facts) + ' ' + format->save();
  for (const std::string& line : attempts.lines) all += '\n' + line;
  return all;
}

TEST(KnownRecords, BlocksOfAnyRecordsGiveTheAttemptsOfEachAlone) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AnyRecords any(seed);
    std::vector<std::string> records;
    for (int i = 0; i < 800; ++i) records.push_back(any.next());
    EXPECT_EQ(attempts_in_blocks(records, any), attempts_one_by_one(records));
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
