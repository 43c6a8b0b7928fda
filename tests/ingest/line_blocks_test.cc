#include "ingest/source/line_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace dsnwatch::ingest {
namespace {

using ::testing::ElementsAre;

/// Remembers lines in order; an overlong one as "<bytes>".
class Lines final : public BlockSink {
 public:
  void on_block(std::string_view lines) override {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      seen.emplace_back(lines.substr(0, end));
      lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
  }
  void on_long_line(std::uint64_t bytes) override { seen.push_back("<" + std::to_string(bytes) + ">"); }
  std::vector<std::string> seen;
};

void feed(LineBlocks& blocks, std::string_view bytes, BlockSink& sink) {
  while (!bytes.empty()) {
    const std::span<char> room = blocks.room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    blocks.filled(size, sink);
    bytes.remove_prefix(size);
  }
}

TEST(LineBlocks, KeepsTheUnfinishedLine) {
  LineBlocks blocks;
  Lines lines;
  feed(blocks, "one\ntwo\nthr", lines);
  EXPECT_THAT(lines.seen, ElementsAre("one", "two"));
  EXPECT_EQ(blocks.pending(), 3u);
  feed(blocks, "ee\n", lines);
  EXPECT_THAT(lines.seen, ElementsAre("one", "two", "three"));
  EXPECT_EQ(blocks.pending(), 0u);
}

TEST(LineBlocks, LastLineMayLackItsNewline) {
  LineBlocks blocks;
  Lines lines;
  feed(blocks, "one\n\ntwo", lines);
  blocks.finish(lines);
  EXPECT_THAT(lines.seen, ElementsAre("one", "", "two"));
  blocks.finish(lines);
  EXPECT_EQ(lines.seen.size(), 3u);
}

TEST(LineBlocks, DropsLinesOverTheLimitAndOnlyThose) {
  LineBlocks blocks;
  Lines lines;
  const std::string fits(kMaxLine, 'a'), too_long(kMaxLine + 1, 'b'), huge(10u << 20, 'c');
  feed(blocks, "x\n" + fits + "\n" + too_long + "\n" + huge + "\ny\n", lines);
  EXPECT_THAT(lines.seen, ElementsAre("x", fits, "<" + std::to_string(too_long.size() + 1) + ">",
                                      "<" + std::to_string(huge.size() + 1) + ">", "y"));
}

TEST(LineBlocks, PendingCountsTheDroppedPart) {
  LineBlocks blocks(100);
  Lines lines;
  feed(blocks, "a\n" + std::string(350, 'b'), lines);
  EXPECT_EQ(blocks.pending(), 350u);
  blocks.finish(lines);
  EXPECT_THAT(lines.seen, ElementsAre("a", "<350>"));
}

TEST(LineBlocks, DiscardForgetsTheUnfinishedLine) {
  LineBlocks blocks(100);
  Lines lines;
  feed(blocks, std::string(350, 'b'), lines);
  blocks.discard();
  feed(blocks, "ne", lines);
  blocks.discard();
  feed(blocks, "w\n", lines);
  EXPECT_THAT(lines.seen, ElementsAre("w"));
}

TEST(LineBlocks, AnyCutGivesTheSameLines) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 500) {
      text.append(random() % 3 == 0 ? random() % 60 : random() % 8, static_cast<char>('a' + random() % 3));
      if (random() % 8 != 0) text += '\n';
    }
    LineBlocks whole(20), cut(20);
    Lines expected, seen;
    feed(whole, text, expected);
    whole.finish(expected);
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 40);
      feed(cut, rest.substr(0, size), seen);
      rest.remove_prefix(size);
    }
    cut.finish(seen);
    ASSERT_EQ(seen.seen, expected.seen) << text;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
