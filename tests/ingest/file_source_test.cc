#include "ingest/source/file_source.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>

#include "tests/ingest/followed_log.h"

namespace dsnwatch::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using FileSourceTest = FollowedLog;

TEST_F(FileSourceTest, ReadsFromTheBeginningAndGoesOn) {
  append("a\nb\n");
  start();
  read();
  append("c\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(source->status().bytes_total, 6u);
  EXPECT_EQ(source->status().backlog_bytes, 0u);
}

TEST_F(FileSourceTest, CountsALineOnlyWhenItsNewlineHasCome) {
  append("a\nhal");
  start();
  read();
  EXPECT_THAT(counted(), ElementsAre("a"));
  EXPECT_EQ(source->status().backlog_bytes, 3u);
  restart();
  append("f\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "half"));
}

TEST_F(FileSourceTest, FirstStartAtTheEndLooksBackWithoutCounting) {
  append("old 1\nold 2\n");
  settings.start = FileSettings::Start::kEnd;
  start();
  read();
  EXPECT_THAT(counted(), IsEmpty());
  EXPECT_THAT(lines.looked_back, ElementsAre("old 1", "old 2"));
  append("new\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("new"));
  restart();
  read();
  EXPECT_THAT(lines.looked_back, ElementsAre("old 1", "old 2"));
}

TEST_F(FileSourceTest, ALineThatWasBegunBeforeTheStartIsCountedWhole) {
  append("old\nbeg");
  settings.start = FileSettings::Start::kEnd;
  start();
  read();
  append("un\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("begun"));
}

TEST_F(FileSourceTest, LookBackBeginsWithAWholeLine) {
  append("first line\nsecond\nthird\n");
  settings.start = FileSettings::Start::kEnd;
  settings.look_back_bytes = 15;
  start();
  read();
  EXPECT_THAT(lines.looked_back, ElementsAre("second", "third"));
}

TEST_F(FileSourceTest, AStartAtTheEndThatIsKilledBeforeItReadsCountsNothingOld) {
  append("old\n");
  settings.start = FileSettings::Start::kEnd;
  start();
  restart();
  append("new\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("new"));
}

TEST_F(FileSourceTest, AFileThatAppearsLaterIsReadWhole) {
  settings.start = FileSettings::Start::kEnd;
  start();
  read();
  EXPECT_FALSE(source->status().open);
  EXPECT_THAT(source->status().problem, HasSubstr("No such file"));
  append("a\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a"));
  EXPECT_TRUE(source->status().open);
  EXPECT_EQ(source->status().problem, "");
}

TEST_F(FileSourceTest, AFileThatAppearsWhileTheDaemonIsDownIsReadWhole) {
  settings.start = FileSettings::Start::kEnd;
  start();
  read();
  append("a\n");
  restart();
  read();
  EXPECT_THAT(counted(), ElementsAre("a"));
}

TEST_F(FileSourceTest, ReadsARenamedFileToItsLastByte) {
  append("a\n");
  start();
  read();
  append("b\n");
  rotate_and_create();
  append("late\n", "mail.log.1");
  append("c\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "late", "c"));
  append("later\n", "mail.log.1");  // The writer has not reopened yet.
  append("d\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "late", "c", "later", "d"));
  EXPECT_EQ(source->status().rotations_total, 1u);
  EXPECT_EQ(source->status().truncations_total, 0u);
}

TEST_F(FileSourceTest, ARotatedFileIsLetGoAfterItsGraceWithItsUnfinishedLine) {
  append("a\ncut");
  start();
  read();
  rotate_and_create();
  append("b\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b"));
  clock.now_ms += settings.grace_ms;
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "cut"));
  EXPECT_EQ(source->status().backlog_bytes, 0u);
}

struct RotationCase {
  std::string name;
  std::vector<std::string> names;  // Of the generations that were missed, oldest first.
};

class SeveralRotations : public FollowedLog, public testing::WithParamInterface<RotationCase> {};

TEST_P(SeveralRotations, BetweenTwoLooksLoseNothing) {
  append("ancient\n", GetParam().names.front() + "9");
  append("0\n");
  start();
  read();
  append("0 end\n");
  const auto& names = GetParam().names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    rename("mail.log", names[i]);
    append(std::to_string(i + 1) + "\n");
  }
  read();
  ASSERT_EQ(names.size(), 3u);
  EXPECT_THAT(counted(), ElementsAre("0", "0 end", "1", "2", "3"));
  EXPECT_EQ(source->status().rotations_total, 3u);
  restart();
  read();
  EXPECT_EQ(counted().size(), 5u);
}

INSTANTIATE_TEST_SUITE_P(
    FileSource, SeveralRotations,
    testing::Values(RotationCase{"numbered", {"mail.log.3", "mail.log.2", "mail.log.1"}},
                    RotationCase{"dated", {"mail.log-20260130", "mail.log-20260131", "mail.log-20260201"}},
                    RotationCase{"dated_stem", {"mail-20260130.log", "mail-20260131.log", "mail-20260201.log"}}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(FileSourceTest, CopytruncateStartsAtTheBeginningAgain) {
  append("a long first line\nb\n");
  start();
  read();
  copy_and_truncate();
  append("c\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a long first line", "b", "c"));
  EXPECT_EQ(source->status().truncations_total, 1u);
  EXPECT_EQ(source->status().bytes_lost_total, 0u);
  EXPECT_EQ(source->status().gaps_total, 0u);
}

TEST_F(FileSourceTest, CopytruncateIsNoticedWhenTheFileIsLongerThanBefore) {
  append("a\n");
  start();
  read();
  overwrite("something longer\nthan before\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "something longer", "than before"));
  EXPECT_EQ(source->status().truncations_total, 1u);
}

TEST_F(FileSourceTest, WhatWasCopiedAwayUnreadIsReadFromTheCopy) {
  append("a\n");
  start();
  read();
  append("b\n");
  copy_and_truncate();
  append("c\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(source->status().bytes_lost_total, 0u);
  restart();
  append("d\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(FileSourceTest, WhatWasTruncatedUnreadIsCountedAsLost) {
  append("a\nunfinished");
  start();
  read();
  overwrite("");
  read();
  EXPECT_EQ(source->status().truncations_total, 1u);
  EXPECT_EQ(source->status().bytes_lost_total, 10u);
  EXPECT_EQ(source->status().gaps_total, 1u);
}

TEST_F(FileSourceTest, ADeletedFileIsReadToItsLastByte) {
  append("a\n");
  start();
  read();
  std::ofstream still_open(path(), std::ios::app);
  remove();
  still_open << "b\n" << std::flush;
  read();
  append("c\n");
  read();
  still_open << "d\n" << std::flush;
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(FileSourceTest, ALinkThatTurnsToAnotherFileAndBackIsFollowed) {
  append("a\n", "one");
  append("b\n", "two");
  std::filesystem::create_symlink(path("one"), path());
  start();
  read();
  const auto turn = [&](std::string_view target) {
    std::filesystem::create_symlink(path(target), path("new"));
    rename("new", "mail.log");
  };
  turn("two");
  read();
  append("a 2\n", "one");
  turn("one");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b", "a 2"));
  clock.now_ms += settings.grace_ms;
  read();  // "two" is let go …
  append("b 2\n", "two");
  turn("two");
  read();  // … and yet not read twice.
  EXPECT_THAT(counted(), ElementsAre("a", "b", "a 2", "b 2"));
}

struct ProblemCase {
  std::string name;
  void (*make)(const std::string& path);
  std::string message;
};

class UnreadablePath : public FollowedLog, public testing::WithParamInterface<ProblemCase> {};

TEST_P(UnreadablePath, IsSaidAndTriedAgain) {
  GetParam().make(path());
  settings.start = FileSettings::Start::kEnd;
  start();
  read();
  EXPECT_FALSE(source->status().open);
  EXPECT_THAT(source->status().problem, HasSubstr(GetParam().message));
  EXPECT_THAT(source->status().problem, HasSubstr(path()));
  std::filesystem::remove_all(path());
  append("a\n");
  read();
  EXPECT_TRUE(source->status().open);
  EXPECT_THAT(counted(), ElementsAre("a"));
}

INSTANTIATE_TEST_SUITE_P(
    FileSource, UnreadablePath,
    testing::Values(ProblemCase{"directory", [](const std::string& path) { std::filesystem::create_directory(path); },
                                "is a directory"},
                    ProblemCase{"link_to_itself",
                                [](const std::string& path) { std::filesystem::create_symlink(path, path); },
                                "symbolic link"},
                    ProblemCase{"dangling_link",
                                [](const std::string& path) { std::filesystem::create_symlink(path + ".none", path); },
                                "No such file"},
                    ProblemCase{"fifo", [](const std::string& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); },
                                "no regular file"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(FileSourceTest, AFileThatMayNotBeReadAtFirstBeginsAtItsEndOfThen) {
  if (::geteuid() == 0) {
    // Root may read everything: the same through a position that was stored while the file could not be opened.
    append("old\n");
    settings.start = FileSettings::Start::kEnd;
    struct stat info{};
    ASSERT_EQ(::stat(path().c_str(), &info), 0);
    FilePoint point;
    point.device = info.st_dev;
    point.inode = info.st_ino;
    point.offset = point.size = 4;
    const Position stored = encode(FilePosition{{point}, {}});
    start(&stored);
  } else {
    append("old\n");
    settings.start = FileSettings::Start::kEnd;
    ASSERT_EQ(::chmod(path().c_str(), 0), 0);
    start();
    read();
    EXPECT_THAT(source->status().problem, HasSubstr("Permission denied"));
    ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  }
  append("new\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("new"));
}

TEST_F(FileSourceTest, DropsAndReportsALineOverTheLimit) {
  append("a\n" + std::string(10u << 20, 'x') + "\nb\n");
  start();
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b"));
  EXPECT_THAT(lines.long_lines, ElementsAre((10u << 20) + 1));
  EXPECT_EQ(source->status().backlog_bytes, 0u);
}

TEST_F(FileSourceTest, AStopWithinALineOverTheLimitReportsItOnce) {
  append("a\n" + std::string(3u << 20, 'x'));
  start();
  read();
  restart();
  read();
  append("x\nb\n");
  read();
  EXPECT_THAT(counted(), ElementsAre("a", "b"));
  EXPECT_THAT(lines.long_lines, ElementsAre((3u << 20) + 2));
}

TEST_F(FileSourceTest, WakesWhenTheFileGrowsOrIsReplaced) {
  append("a\n");
  start();
  read();
  pollfd wait{source->wake_fd(), POLLIN, 0};
  ASSERT_GE(wait.fd, 0);
  EXPECT_EQ(::poll(&wait, 1, 0), 0);
  append("b\n");
  EXPECT_EQ(::poll(&wait, 1, 5000), 1);
  read();
  EXPECT_EQ(::poll(&wait, 1, 0), 0);
  rotate_and_create();
  EXPECT_EQ(::poll(&wait, 1, 5000), 1);
}

TEST_F(FileSourceTest, ADamagedPositionIsTakenAsAFirstStart) {
  append("a\n");
  for (const std::string damaged : {"", "file1", "file1 99999999999999 1", "file1 1 2 3", "\xff\xfe"}) {
    lines = {};
    start(&damaged);
    read();
    EXPECT_THAT(counted(), ElementsAre("a")) << damaged;
  }
}

struct NameCase {
  std::string base, candidate;
  bool rotated;
};

TEST(LooksRotated, ByName) {
  for (const NameCase& c : std::vector<NameCase>{{"mail.log", "mail.log.1", true},
                                                 {"mail.log", "mail.log-20260131", true},
                                                 {"mail.log", "mail.log.2026-01-31T10:00:00", true},
                                                 {"mail.log", "mail-20260131.log", true},
                                                 {"mail.log", "mail.log.old", true},
                                                 {"maillog", "maillog.1", true},
                                                 {"mail.log", "mail.log", false},
                                                 {"mail.log", "mail.log.1.gz", false},
                                                 {"mail.log", "mail.log.bak", false},
                                                 {"mail.log", "mail.log.", false},
                                                 {"mail.log", "mail.info.1", false},
                                                 {"mail.log", "mail.err", false},
                                                 {"mail.log", "mail-err.log", false},
                                                 {"mail.log", "mail2.log", false},
                                                 {".log", "x.log", false}}) {
    EXPECT_EQ(looks_rotated(c.base, c.candidate), c.rotated) << c.candidate;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
