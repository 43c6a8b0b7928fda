#include "ingest/source/read_all.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ingest/source/line_blocks.h"

namespace dsnwatch::ingest {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Collected final : public BlockSink {
 public:
  void on_block(std::string_view lines) override {
    if (!text.empty() && text.back() != '\n') ADD_FAILURE() << "a block behind one that was no whole line";
    text += lines;
  }
  void on_long_line(std::uint64_t bytes) override { long_lines.push_back(bytes); }
  std::string text;
  std::vector<std::uint64_t> long_lines;
};

std::string gzip(const std::string& text) {
  std::string packed(compressBound(text.size()) + 64, '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

/// Lines that hardly compress, so that the packed data are longer than one read.
std::string many_lines(std::size_t size) {
  std::string text;
  std::uint64_t state = 42;
  while (text.size() < size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += std::to_string(state) + ((state >> 60) == 0 ? "\n" : " ");
  }
  return text + "\n";
}

class ReadAll : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dsnwatch-read-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& bytes) {
    const std::string path = folder_ / "a.log";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// What came through, and the error or "".
  std::pair<Collected, std::string> read(const std::string& path) {
    std::pair<Collected, std::string> result;
    const auto done = read_all(path, result.first);
    if (!done) result.second = done.error().message;
    return result;
  }

  std::filesystem::path folder_;
};

TEST_F(ReadAll, SoundInputs) {
  const std::string big = many_lines(3u << 20);
  const std::string skippable("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
  const struct {
    const char* name;
    std::string bytes, text;
  } cases[] = {
      {"empty", "", ""},
      {"one byte", "\n", "\n"},
      {"no final newline", "one\ntwo", "one\ntwo"},
      {"CRLF and NUL", std::string("a\r\nb\0c\n", 7), std::string("a\r\nb\0c\n", 7)},
      {"big", big, big},
      {"gzip", gzip(big), big},
      {"gzip of nothing", gzip(""), ""},
      {"gzip members", gzip("one\ntw") + gzip("") + gzip("o\nthree"), "one\ntwo\nthree"},
      {"gzip with zero padding", gzip("one\n") + std::string(1000, '\0'), "one\n"},
      {"gzip with trailing garbage", gzip("one\n") + "\x1fgarbage", "one\n"},
      {"zstd", zstd(big), big},
      {"zstd frames", zstd("one\ntw") + zstd("o\nthree"), "one\ntwo\nthree"},
      {"zstd skippable frame first", skippable + zstd("one\n"), "one\n"},
      {"zstd of exactly one read", zstd(std::string(kReadSize - 1, 'x') + "\n"),
       std::string(kReadSize - 1, 'x') + "\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto [seen, error] = read(file(c.bytes));
    EXPECT_EQ(error, "");
    EXPECT_TRUE(seen.text == c.text) << seen.text.size() << " bytes";
    EXPECT_TRUE(seen.long_lines.empty());
  }
}

TEST_F(ReadAll, LongLinesAreDroppedInAnyPacking) {
  const std::string text = "one\n" + std::string(10u << 20, 'x') + "\ntwo\n" + std::string((1u << 20) + 1, 'y');
  for (const std::string& bytes : {text, gzip(text), zstd(text)}) {
    const auto [seen, error] = read(file(bytes));
    EXPECT_EQ(error, "");
    EXPECT_EQ(seen.text, "one\ntwo\n");
    EXPECT_THAT(seen.long_lines, ::testing::ElementsAre((10u << 20) + 1, (1u << 20) + 1));
  }
}

TEST_F(ReadAll, DamagedDataGiveWhatCameBefore) {
  const std::string big = many_lines(3u << 20);
  std::string flipped = gzip(big);
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
  std::string wrong_sum = gzip("one\ntwo\n");
  wrong_sum[wrong_sum.size() - 8] = static_cast<char>(wrong_sum[wrong_sum.size() - 8] ^ 1);
  const struct {
    const char* name;
    std::string bytes, message;
    std::size_t at_least;
  } cases[] = {
      {"cut gzip", gzip(big).substr(0, 1u << 20), "gzip data end too early", 1u << 20},
      {"gzip cut in its header", gzip(big).substr(0, 2), "gzip data end too early", 0},
      {"second member cut", gzip("one\ntwo\n") + gzip(big).substr(0, 30), "gzip data end too early", 8},
      {"flipped gzip", flipped, "broken gzip data", 0},
      {"wrong checksum", wrong_sum, "broken gzip data", 8},
      {"cut zstd", zstd(big).substr(0, 1u << 20), "zstd data end too early", 1u << 19},
      {"zstd and garbage", zstd("one\n") + "garbage", "broken zstd data", 4},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string path = file(c.bytes);
    const auto [seen, error] = read(path);
    EXPECT_THAT(error, AllOf(HasSubstr(path), HasSubstr(c.message)));
    EXPECT_GE(seen.text.size(), c.at_least);
    EXPECT_TRUE(seen.text.empty() || seen.text.back() == '\n') << "a cut line was handed on";
  }
}

TEST_F(ReadAll, ErrorsSayWhatAndWhatToDo) {
  EXPECT_THAT(read(folder_ / "missing.log").second, AllOf(HasSubstr("missing.log"), HasSubstr("no such file")));
  EXPECT_THAT(read(folder_).second, HasSubstr("is a directory"));
  EXPECT_THAT(read(file(std::string("\xfd"
                                    "7zXZ\0rest",
                                    10)))
                  .second,
              HasSubstr("xz -dc"));
  EXPECT_THAT(read(file("BZh91AY&SYrest")).second, HasSubstr("bzip2 -dc"));
  if (geteuid() == 0) return;  // Root may read everything.
  const std::string path = file("one\n");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_THAT(read(path).second, AllOf(HasSubstr(path), HasSubstr("permission denied")));
}

TEST_F(ReadAll, StandardInput) {
  for (const std::string& bytes : {std::string("one\ntwo"), gzip("one\ntwo")}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    ASSERT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(ends[1]);
    const int saved = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    const auto [seen, error] = read("-");
    dup2(saved, STDIN_FILENO);
    close(saved);
    EXPECT_EQ(error, "");
    EXPECT_EQ(seen.text, "one\ntwo");
  }
}

TEST_F(ReadAll, ProgressCountsStoredBytes) {
  const std::string packed = gzip(many_lines(2u << 20));
  Collected sink;
  std::vector<ReadProgress> steps;
  ASSERT_TRUE(read_all(file(packed), sink, {[&](const ReadProgress& progress) { steps.push_back(progress); }}));
  ASSERT_GT(steps.size(), 1u);
  EXPECT_LT(steps.front().bytes_read, packed.size());
  EXPECT_EQ(steps.back().bytes_read, packed.size());
  EXPECT_EQ(steps.back().bytes_total, packed.size());
}

TEST_F(ReadAll, ReferenceTimeIsTheTimeOfTheFile) {
  const std::string path = file("one\n");
  const timespec stamps[2] = {{1'700'000'000, 0}, {1'700'000'000, 123'456'789}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), stamps, 0), 0);
  EXPECT_EQ(reference_time_us(path), 1'700'000'000'123'456);
  EXPECT_GT(reference_time_us("-"), 1'700'000'000'000'000);
}

}  // namespace
}  // namespace dsnwatch::ingest
