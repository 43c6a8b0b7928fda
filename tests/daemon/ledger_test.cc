#include "daemon/ledger/ledger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

namespace dsnwatch::daemon {
namespace {

namespace fs = std::filesystem;
using core::StoredRecord;
using Contents = std::map<std::string, std::string>;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "dsnwatch-ledger-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::permissions(path_, fs::perms::owner_all, ignored);
    fs::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::unique_ptr<Ledger> must_open(const std::string& path) {
  auto opened = Ledger::open(path);
  if (!opened) {
    ADD_FAILURE() << opened.error().error.message;
    return nullptr;
  }
  return std::move(*opened);
}

Contents by_key(const std::vector<StoredRecord>& records) {
  Contents contents;
  for (const StoredRecord& record : records) {
    EXPECT_FALSE(record.erase);
    EXPECT_TRUE(contents.emplace(record.key, record.value).second) << "twice: " << record.key;
  }
  return contents;
}

Checkpoint must_load(Ledger& ledger) {
  auto loaded = ledger.load();
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  return loaded.value_or(Checkpoint{});
}

TEST(Ledger, RoundTrip) {
  const TemporaryDirectory directory;
  const std::string nul_key("a\0b", 3), long_key(5'000, 'p'), other_long_key = std::string(4'999, 'p') + "q";
  const std::string bytes("\0\xff\n", 3), large(300'000, 'x');
  {
    auto ledger = must_open(directory / "state");
    EXPECT_TRUE(must_load(*ledger).series.empty());
    Checkpoint first;
    first.series = {{nul_key, bytes, false}, {"gone", "x", false}, {"empty", "", false}, {"large", large, false}};
    first.positions = {{long_key, "1", false}, {other_long_key, "2", false}, {"", "3", false}, {"\xff", "4", false}};
    first.correlation = {{"key", "correlation", false}};
    ASSERT_TRUE(ledger->commit(first).has_value());
    Checkpoint second;
    second.series = {{"gone", "", true}, {"never there", "", true}};
    second.positions = {{other_long_key, "", true}};
    second.correlation = {{"key", "new", false}};
    ASSERT_TRUE(ledger->commit(second).has_value());
  }
  auto ledger = must_open(directory / "state");
  const Checkpoint loaded = must_load(*ledger);
  EXPECT_EQ(by_key(loaded.series), (Contents{{nul_key, bytes}, {"empty", ""}, {"large", large}}));
  EXPECT_EQ(by_key(loaded.positions), (Contents{{long_key, "1"}, {"", "3"}, {"\xff", "4"}}));
  EXPECT_EQ(by_key(loaded.correlation), (Contents{{"key", "new"}}));
}

TEST(Ledger, GrowsBeyondItsFirstMap) {
  const TemporaryDirectory directory;
  const std::string megabyte(1 << 20, 'x');
  {
    auto ledger = must_open(directory / "state");
    Checkpoint checkpoint;
    for (int number = 0; number < 80; ++number) checkpoint.series.push_back({std::to_string(number), megabyte, false});
    const auto committed = ledger->commit(checkpoint);
    ASSERT_TRUE(committed.has_value()) << committed.error().message;
    EXPECT_EQ(must_load(*ledger).series.size(), 80u);
  }
  EXPECT_EQ(must_load(*must_open(directory / "state")).series.size(), 80u);
}

TEST(Ledger, TheDirectoryIsForItsOwnerOnly) {
  const TemporaryDirectory directory;
  const auto ledger = must_open(directory / "state");
  struct stat about = {};
  ASSERT_EQ(stat((directory / "state").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0700u);
  for (const auto& entry : fs::directory_iterator(directory / "state")) {
    ASSERT_EQ(stat(entry.path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0077u, 0u) << entry.path();
  }
}

TEST(Ledger, ASecondOpenInTheSameProcessIsRefused) {
  const TemporaryDirectory directory;
  auto first = must_open(directory / "state");
  const auto second = Ledger::open(directory / "state");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().problem, LedgerProblem::kHeld);
  first.reset();
  EXPECT_TRUE(Ledger::open(directory / "state").has_value());
}

/// Runs `body` in a forked child, which ends with its status.
template <class Body>
pid_t fork_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    // No destructors, no test listeners: the child is killed or ends here.
    _exit(body());
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST(Ledger, AnotherProcessIsRefusedAndToldWhoHoldsIt) {
  const TemporaryDirectory directory;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork_child([&] {
    const auto ledger = Ledger::open(directory / "state");
    const char sign = ledger.has_value() ? '+' : '-';
    if (write(ready[1], &sign, 1) != 1) return 1;
    pause();
    return 0;
  });
  char sign = 0;
  ASSERT_EQ(read(ready[0], &sign, 1), 1);
  ASSERT_EQ(sign, '+');
  const auto refused = Ledger::open(directory / "state");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().problem, LedgerProblem::kHeld);
  EXPECT_NE(refused.error().error.message.find("process " + std::to_string(child)), std::string::npos)
      << refused.error().error.message;
  kill(child, SIGKILL);
  wait_for(child);
  EXPECT_TRUE(Ledger::open(directory / "state").has_value()) << "the lock goes with its process";
  close(ready[0]);
  close(ready[1]);
}

struct UnusableCase {
  const char* name;
  void (*prepare)(const std::string& path);
  const char* message;
};

class UnusableLedger : public ::testing::TestWithParam<UnusableCase> {};

TEST_P(UnusableLedger, SaysWhatAndWhatToDo) {
  const TemporaryDirectory directory;
  const std::string path = directory / "state";
  GetParam().prepare(path);
  const auto opened = Ledger::open(path);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().problem, LedgerProblem::kUnusable);
  const std::string& message = opened.error().error.message;
  EXPECT_NE(message.find(path), std::string::npos) << message;
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Directory, UnusableLedger,
    ::testing::Values(UnusableCase{"a_file", [](const std::string& path) { write_file(path, "x"); }, "not a directory"},
                      UnusableCase{"a_dangling_link",
                                   [](const std::string& path) { fs::create_symlink(path + "-nowhere", path); },
                                   "No such file"},
                      UnusableCase{"garbage",
                                   [](const std::string& path) {
                                     fs::create_directory(path);
                                     write_file(path + "/data.mdb", std::string(20'000, 'z'));
                                   },
                                   "move it away"},
                      UnusableCase{"another_file_at_the_lock",
                                   [](const std::string& path) { fs::create_directories(path + "/lock"); }, "lock"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Ledger, AMissingParentIsNamed) {
  const TemporaryDirectory directory;
  const auto opened = Ledger::open(directory / "no/such/state");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().problem, LedgerProblem::kUnusable);
  EXPECT_NE(opened.error().error.message.find("No such file"), std::string::npos);
}

TEST(Ledger, ANewerSchemaIsNotTouched) {
  const TemporaryDirectory directory;
  Checkpoint checkpoint;
  checkpoint.series = {{"key", "value", false}};
  ASSERT_TRUE(must_open(directory / "state")->commit(checkpoint).has_value());
  // The schema version stands in the file as "schema" and its value; no other way in from outside.
  const std::string file = directory / "state/data.mdb";
  std::string bytes = [&] {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  for (std::size_t at = bytes.find("schema1"); at != std::string::npos; at = bytes.find("schema1", at + 1)) {
    bytes[at + 6] = '9';
  }
  write_file(file, bytes);
  const auto opened = Ledger::open(directory / "state");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().problem, LedgerProblem::kUnusable);
}

// Every checkpoint writes its number into every record, so that a mixture of two is seen at once.
Checkpoint numbered(int number, std::size_t records) {
  Checkpoint checkpoint;
  const std::string value = std::to_string(number);
  for (std::size_t at = 0; at < records; ++at) {
    // Some come and go; values differ in length so that pages split and merge.
    const bool erase = at % 7 == static_cast<std::size_t>(number) % 7;
    checkpoint.series.push_back({"k" + std::to_string(at), value + std::string(at * 37 % 900, 's'), erase});
  }
  checkpoint.positions = {{"source", value, false}};
  checkpoint.correlation = {{"queue", value, false}};
  return checkpoint;
}

/// The number of the checkpoint that the directory holds; -1 for a mixture.
int state_of(Ledger& ledger, std::size_t records) {
  const Checkpoint loaded = must_load(ledger);
  if (loaded.positions.empty()) return loaded.series.empty() && loaded.correlation.empty() ? 0 : -1;
  const int number = std::stoi(loaded.positions[0].value);
  Contents expected;
  for (const StoredRecord& record : numbered(number, records).series) {
    if (!record.erase) expected[record.key] = record.value;
  }
  const bool whole = by_key(loaded.series) == expected && loaded.correlation.size() == 1 &&
                     loaded.correlation[0].value == loaded.positions[0].value;
  return whole ? number : -1;
}

TEST(Ledger, AKillLeavesSomeWholeCheckpoint) {
  const TemporaryDirectory directory;
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::size_t kRecords = 300;
  int last = 0;
  for (int round = 0; round < 12; ++round) {
    int told[2];
    ASSERT_EQ(pipe(told), 0);
    const pid_t child = fork_child([&] {
      auto ledger = Ledger::open(directory / "state");
      if (!ledger) return 1;
      for (int number = last + 1;; ++number) {
        if (!(*ledger)->commit(numbered(number, kRecords))) return 2;
        if (write(told[1], &number, sizeof number) != sizeof number) return 3;
      }
    });
    close(told[1]);
    // Let some commits pass, then strike at a random moment of the next.
    int committed = last;
    for (auto commits = 1 + random() % 5; commits > 0; --commits) {
      ASSERT_EQ(read(told[0], &committed, sizeof committed), static_cast<ssize_t>(sizeof committed));
    }
    usleep(static_cast<useconds_t>(random() % 3'000));
    kill(child, SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(wait_for(child)));
    while (read(told[0], &committed, sizeof committed) == static_cast<ssize_t>(sizeof committed)) {
    }
    close(told[0]);
    auto ledger = must_open(directory / "state");
    ASSERT_NE(ledger, nullptr);
    const int state = state_of(*ledger, kRecords);
    ASSERT_GE(state, committed) << "what was reported as committed is there, whole";
    ASSERT_LE(state, committed + 1);
    last = state;
  }
}

/// Commits until the disk is full, then makes room and goes on; 0 if all was as promised.
int fill_up_and_recover(const std::string& path, void (*make_room)(const std::string& path)) {
  constexpr std::size_t kRecords = 50;
  auto opened = Ledger::open(path);
  if (!opened) return 1;
  Ledger& ledger = **opened;
  if (!ledger.commit(numbered(1, kRecords))) return 2;
  Checkpoint large = numbered(2, kRecords);
  for (int at = 0; at < 300; ++at)
    large.series.push_back({"big" + std::to_string(at), std::string(20'000, 'b'), false});
  for (int tries = 0; tries < 3; ++tries) {
    const auto failed = ledger.commit(large);
    if (failed) return 3;
    if (failed.error().message.find("tries again") == std::string::npos) return 4;
    if (state_of(ledger, kRecords) != 1) return 5;
  }
  make_room(path);
  if (!ledger.commit(large)) return 6;
  const auto loaded = ledger.load();
  if (!loaded || loaded->positions[0].value != "2") return 7;
  opened->reset();
  auto again = Ledger::open(path);
  if (!again) return 8;
  const auto reloaded = (*again)->load();
  return reloaded && reloaded->series.size() == loaded->series.size() ? 0 : 9;
}

TEST(Ledger, AFullDiskLosesNothingAndTheCommitCanBeRepeated) {
  const TemporaryDirectory directory;
  const std::string disk = directory / "disk";
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") == 0) {
    const int outcome = fill_up_and_recover(disk + "/state", [](const std::string& path) {
      const std::string target = fs::path(path).parent_path().string();
      EXPECT_EQ(mount("tmpfs", target.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0);
    });
    EXPECT_EQ(umount2(disk.c_str(), MNT_DETACH), 0);
    EXPECT_EQ(outcome, 0);
  }
  // Everybody may limit the size of the files that a process writes.
  const int status = wait_for(fork_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {1 << 20, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 100;
    return fill_up_and_recover(directory / "state", [](const std::string&) {
      const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
      EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    });
  }));
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Ledger, ACutFileIsAnErrorNotACrash) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(must_open(directory / "state")->commit(numbered(1, 500)).has_value());
  const std::string file = directory / "state/data.mdb";
  const auto whole = fs::file_size(file);
  for (const std::uintmax_t size :
       {whole - 4096, whole / 2, std::uintmax_t{8192}, std::uintmax_t{4096}, std::uintmax_t{100}}) {
    SCOPED_TRACE(size);
    const int status = wait_for(fork_child([&] {
      fs::resize_file(file, size);
      auto opened = Ledger::open(directory / "state");
      if (!opened) return opened.error().problem == LedgerProblem::kUnusable ? 0 : 1;
      if (!(*opened)->load()) return 0;
      return state_of(**opened, 500) == 1 ? 0 : 2;  // Only free pages were cut off.
    }));
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

}  // namespace
}  // namespace dsnwatch::daemon
