#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <random>

#include "tests/ingest/followed_log.h"

namespace dsnwatch::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What happened to the log while nobody read it.
struct DownCase {
  std::string name;
  void (*meanwhile)(FollowedLog& log);
  std::vector<std::string> after;  // Lines that are read then.
  std::uint64_t lost = 0, gaps = 0, truncations = 0;
};

class Resume : public FollowedLog, public testing::WithParamInterface<DownCase> {};

const std::string kLong(300, 'l');

TEST_P(Resume, GoesOnExactlyBehindWhatWasCounted) {
  const DownCase& c = GetParam();
  append(kLong + "\ncounted\n");
  start();
  read();
  append("unread\n");
  lines = {};
  const Position stored = source->position();
  source.reset();
  c.meanwhile(*this);
  start(&stored);
  read();
  EXPECT_EQ(counted(), c.after);
  EXPECT_EQ(source->status().bytes_lost_total, c.lost);
  EXPECT_EQ(source->status().gaps_total, c.gaps);
  EXPECT_EQ(source->status().truncations_total, c.truncations);
  restart();
  read();
  EXPECT_EQ(counted(), c.after) << "after a second restart";
}

INSTANTIATE_TEST_SUITE_P(
    FileSource, Resume,
    testing::Values(
        DownCase{"nothing_happened", [](FollowedLog&) {}, {"unread"}},
        DownCase{"grown", [](FollowedLog& log) { log.append("new\n"); }, {"unread", "new"}},
        DownCase{"renamed",
                 [](FollowedLog& log) {
                   log.rotate_and_create();
                   log.append("new\n");
                 },
                 {"unread", "new"}},
        DownCase{"renamed_to_an_odd_name",
                 [](FollowedLog& log) {
                   log.rotate_and_create("kept for later");
                   log.append("new\n");
                 },
                 {"unread", "new"}},
        DownCase{"renamed_and_not_created", [](FollowedLog& log) { log.rename("mail.log", "mail.log.1"); }, {"unread"}},
        DownCase{"renamed_thrice",
                 [](FollowedLog& log) {
                   log.rotate_and_create("mail.log.3");
                   log.append("second\n");
                   log.rotate_and_create("mail.log.2");
                   log.append("third\n");
                   log.rotate_and_create("mail.log.1");
                   log.append("new\n");
                 },
                 {"unread", "second", "third", "new"}},
        DownCase{"renamed_twice_with_a_late_write",
                 [](FollowedLog& log) {
                   log.rotate_and_create("mail.log.2");
                   log.append("second\n");
                   log.rotate_and_create("mail.log.1");
                   log.append("new\n");
                   log.append("late\n", "mail.log.2");
                   log.set_written("mail.log.2", std::chrono::hours(1));
                 },
                 {"unread", "late", "second", "new"}},
        DownCase{"copied_and_truncated",
                 [](FollowedLog& log) {
                   log.copy_and_truncate();
                   log.append("new\n");
                 },
                 {"unread", "new"},
                 0,
                 0,
                 1},
        DownCase{"truncated",
                 [](FollowedLog& log) { log.overwrite("new\n"); },
                 {"new"},
                 0,  // Nobody saw the unread line.
                 1,
                 1},
        DownCase{"replaced",
                 [](FollowedLog& log) {
                   log.append("another file with the new lines\n", "other");
                   log.remove();
                   log.rename("other", "mail.log");
                 },
                 {"another file with the new lines"},
                 0,
                 1},
        DownCase{"rolled_back", [](FollowedLog& log) { log.overwrite(kLong + "\n"); }, {}, 0, 0, 1},
        DownCase{
            "a_sibling_was_written_too", [](FollowedLog& log) { log.append("not ours\n", "mail.err"); }, {"unread"}},
        DownCase{"renamed_beside_another_log",
                 [](FollowedLog& log) {
                   log.append("not ours\n", "mail.err");
                   log.append("not ours\n", "mail.err.1");
                   log.rotate_and_create();
                   log.append("new\n");
                 },
                 {"unread", "new"}}),
    [](const auto& tested) { return tested.param.name; });

using ResumeTest = FollowedLog;

TEST_F(ResumeTest, AMissingFileThatComesBackIsReadOn) {
  append("a\n");
  start();
  read();
  append("b\n");
  const Position stored = source->position();
  source.reset();
  rename("mail.log", "../" + folder.filename().string() + ".away");  // The volume is not mounted yet.
  start(&stored);
  read();
  EXPECT_FALSE(source->status().open);
  EXPECT_EQ(source->position(), stored);
  std::filesystem::rename(folder.string() + ".away", path());
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b"));
  EXPECT_EQ(source->status().gaps_total, 0u);
}

TEST_F(ResumeTest, PendingOlderGenerationsAreReadOnInOrder) {
  append("a\n");
  start();
  read();
  append("a 2\n");
  rotate_and_create("mail.log.1");
  append("b\n");
  ASSERT_TRUE(source->poll(lines, 1u << 20));
  append("a 3\n", "mail.log.1");
  append("b 2\n");
  restart();
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "a 2", "b", "a 3", "b 2"));
}

/// A writer, a rotation and a reader that is killed do whatever they like; each line is counted once, in order within
/// its generation. Counting and position become durable together, as the ledger does it.
class AnyHistory : public FollowedLog, public testing::WithParamInterface<unsigned> {};

TEST_P(AnyHistory, EachLineIsCountedOnce) {
  std::mt19937 random(GetParam());
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  const auto below = [&](unsigned n) { return random() % n; };
  std::vector<std::string> written;
  int rotations = 0;
  append("");
  start();
  Position durable = source->position();
  std::vector<std::string> durable_lines;
  for (int step = 0; step < 250; ++step) {
    switch (below(8)) {
      case 0:
      case 1:
      case 2: {
        const std::string line = "line " + std::to_string(written.size()) + std::string(below(200), '.');
        const std::size_t cut = below(static_cast<unsigned>(line.size()));
        append(line.substr(0, cut));
        if (below(2) == 0) source->poll(lines, 1 + below(64));
        append(line.substr(cut) + "\n");
        written.push_back(line);
        break;
      }
      case 3:
        rotate_and_create("mail.log." + std::to_string(10'000 + ++rotations));
        clock.now_ms += 10;
        break;
      case 4:
        source->poll(lines, 1 + below(500));
        clock.now_ms += below(5000);
        break;
      case 5:
        durable = source->position();
        durable_lines = lines.counted;
        break;
      case 6:
        lines.counted = durable_lines;
        start(&durable);
        break;
      case 7:
        if (below(4) == 0) read();
        break;
    }
  }
  read();
  clock.now_ms += 2 * settings.grace_ms;
  read();
  std::sort(lines.counted.begin(), lines.counted.end());
  std::sort(written.begin(), written.end());
  std::vector<std::string> missing, twice;
  std::set_difference(written.begin(), written.end(), lines.counted.begin(), lines.counted.end(),
                      std::back_inserter(missing));
  std::set_difference(lines.counted.begin(), lines.counted.end(), written.begin(), written.end(),
                      std::back_inserter(twice));
  EXPECT_THAT(missing, IsEmpty());
  EXPECT_THAT(twice, IsEmpty());
  EXPECT_EQ(source->status().gaps_total, 0u);
}

INSTANTIATE_TEST_SUITE_P(FileSource, AnyHistory, testing::Range(1u, 25u));

}  // namespace
}  // namespace dsnwatch::ingest
