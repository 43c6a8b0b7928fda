// Whole logs that Postfix 3.10 really wrote (tests/data/postfix/NAME.log), and what must come out of them:
// NAME.records, one line each. To see what a change does, set DSNWATCH_WRITE_RECORDS=1 and look at the difference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/ingest/collected_records.h"

namespace dsnwatch::ingest {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> sample_logs() {
  std::vector<std::filesystem::path> logs;
  for (const auto& entry : std::filesystem::directory_iterator(DSNWATCH_SOURCE_DIR "/tests/data/postfix"))
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  std::sort(logs.begin(), logs.end());
  return logs;
}

/// "line time words" of every record, without what stands in NAME.records only once: the file.
std::string records_of(const CollectedRecords& records) {
  std::string out;
  for (std::size_t i = 0; i < records.lines.size(); ++i) {
    out += std::to_string(records.numbers[i]) + ' ' + std::to_string(records.times[i]) + ' ' + records.lines[i] + '\n';
  }
  return out;
}

TEST(PostfixSamples, EveryRecordAsWritten) {
  std::size_t compared = 0;
  for (const std::filesystem::path& log : sample_logs()) {
    std::filesystem::path expected = log;
    expected.replace_extension(".records");
    if (!std::filesystem::exists(expected)) continue;
    SCOPED_TRACE(log.filename().string());
    const auto format = postfix_format();
    CollectedRecords records;
    format->parse(read_file(log), records);
    EXPECT_EQ(format->counts().unparsed[0], 0u);
    const std::string found = records_of(records);
    if (std::getenv("DSNWATCH_WRITE_RECORDS") != nullptr) std::ofstream(expected, std::ios::binary) << found;
    EXPECT_EQ(found, read_file(expected));
    ++compared;
  }
  EXPECT_GE(compared, 11u);
}

/// Sizes of blocks are the source's business: any cut at line ends gives the same records.
TEST(PostfixSamples, AnyCutAtLineEndsGivesTheSame) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::filesystem::path& log : sample_logs()) {
    SCOPED_TRACE(log.filename().string());
    const std::string text = read_file(log);
    CollectedRecords whole;
    postfix_format()->parse(text, whole);
    for (std::size_t largest : {1u, 300u, 5'000u}) {
      auto format = postfix_format();
      CollectedRecords cut;
      for (std::string_view rest = text; !rest.empty();) {
        std::size_t end = std::min<std::size_t>(random() % largest, rest.size() - 1);
        end = std::min(rest.find('\n', end), rest.size() - 1) + 1;
        const std::string block(rest.substr(0, end));  // of its own, gone behind the call
        format->parse(block, cut);
        rest.remove_prefix(end);
        if (random() % 50 != 0) continue;
        auto restarted = postfix_format();
        restarted->restore(format->save());
        format = std::move(restarted);
      }
      EXPECT_EQ(records_of(cut), records_of(whole)) << "blocks of up to " << largest << " bytes";
    }
  }
}

/// One byte of a line changed, lost, doubled or made a control character or a piece of another line.
std::string mutated(std::string line, const std::string& other, std::mt19937& random) {
  const std::size_t times = 1 + random() % 4;
  for (std::size_t i = 0; i < times && !line.empty(); ++i) {
    const std::size_t at = random() % line.size();
    switch (random() % 6) {
      case 0:
        line[at] = static_cast<char>(random());
        break;
      case 1:
        line.erase(at, 1 + random() % 20);
        break;
      case 2:
        line.insert(at, 1, "<>[]()\",:= \0\\"[random() % 13]);
        break;
      case 3:
        line.resize(at);
        break;
      case 4:
        if (!other.empty()) line.insert(at, other.substr(random() % other.size(), random() % 60));
        break;
      default:
        line.replace(at, std::min<std::size_t>(4, line.size() - at), line.substr(0, 4));
        break;
    }
  }
  line.erase(std::remove(line.begin(), line.end(), '\n'), line.end());
  return line;
}

TEST(PostfixSamples, NoBytesAreTooOdd) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> lines;
  for (const std::filesystem::path& log : sample_logs()) {
    std::ifstream file(log, std::ios::binary);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
  }
  const auto format = postfix_format();
  CollectedRecords records;
  constexpr std::size_t kRounds = 60'000;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const std::string line = mutated(lines[random() % lines.size()], lines[random() % lines.size()], random);
    const auto exact = std::make_unique<char[]>(line.size());  // so that a sanitizer sees one byte too far
    std::copy(line.begin(), line.end(), exact.get());
    format->parse({exact.get(), line.size()}, records);
    records.lines.clear();
  }
  EXPECT_LE(format->counts().lines, kRounds);
  EXPECT_GT(format->counts().lines, kRounds / 2);
}

}  // namespace
}  // namespace dsnwatch::ingest
