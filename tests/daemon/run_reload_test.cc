// Rules and providers that change while the daemon runs.
#include <gmock/gmock.h>
#include <poll.h>

#include "daemon/run/files_watch.h"
#include "tests/daemon/run_rig.h"

namespace dsnwatch::daemon {
namespace {

namespace fs = std::filesystem;
using core::Family;
using Look = FilesWatch::Look;

class RunFilesWatch : public testing::Test {
 protected:
  RunFilesWatch() {
    std::string name = (fs::temp_directory_path() / "dsnwatch-watch-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RunFilesWatch() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  FilesWatch watch(const std::string& name = "") const { return FilesWatch({(folder_ / name).string()}); }

  /// Waits for what inotify says; the files themselves have changed already.
  static bool woken(const FilesWatch& watch) {
    pollfd wait = {watch.fd(), POLLIN, 0};
    return ::poll(&wait, 1, 10'000) == 1;
  }

  fs::path folder_;
};

TEST_F(RunFilesWatch, AChangedFileIsReportedOnceItStaysTheSame) {
  write("a.yaml", "rules: []\n");
  FilesWatch files = watch();
  EXPECT_EQ(files.look(), Look::kSame);
  write("a.yaml", "rules:\n");
  EXPECT_TRUE(woken(files));
  EXPECT_EQ(files.look(), Look::kSettling);
  write("a.yaml", "rules:\n  - id: x.y\n");
  EXPECT_EQ(files.look(), Look::kSettling) << "it is still being written";
  EXPECT_EQ(files.look(), Look::kChanged);
  files.read_now();
  EXPECT_EQ(files.look(), Look::kSame);
}

TEST_F(RunFilesWatch, FilesThatComeGoOrAreReplacedAreChanges) {
  const struct {
    const char* name;
    std::function<void()> change;
  } cases[] = {
      {"a new file", [&] { write("b.yaml", "rules: []\n"); }},
      {"a file with the other extension", [&] { write("b.yml", "rules: []\n"); }},
      {"a file that is gone", [&] { fs::remove(folder_ / "a.yaml"); }},
      {"a file renamed over it",
       [&] {
         write("a.tmp", "rules: []\n");
         fs::rename(folder_ / "a.tmp", folder_ / "a.yaml");
       }},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    fs::remove(folder_ / "b.yaml");
    fs::remove(folder_ / "b.yml");
    write("a.yaml", "rules: []\n");
    FilesWatch files = watch();
    test.change();
    EXPECT_TRUE(woken(files));
    EXPECT_EQ(files.look(), Look::kSettling);
    EXPECT_EQ(files.look(), Look::kChanged);
  }
}

TEST_F(RunFilesWatch, WhatIsNoRuleFileIsNoChange) {
  write("a.yaml", "rules: []\n");
  FilesWatch files = watch();
  const auto folder_time = fs::last_write_time(folder_);
  write(".a.yaml.swp", "x");
  fs::last_write_time(folder_, folder_time);
  EXPECT_EQ(files.look(), Look::kSame);
}

TEST_F(RunFilesWatch, AConfigMapsTurnedLinkIsAChange) {
  // As the kubelet mounts it: rules.yaml → ..data/rules.yaml, ..data → a folder with a time in its name.
  fs::create_directory(folder_ / "..2026_a");
  fs::create_directory(folder_ / "..2026_b");
  write("..2026_a/rules.yaml", "rules: []\n");
  write("..2026_b/rules.yaml", "rules: []\n");
  fs::create_symlink("..2026_a", folder_ / "..data");
  fs::create_symlink("..data/rules.yaml", folder_ / "rules.yaml");
  for (const char* path : {"", "rules.yaml"}) {
    SCOPED_TRACE(path);
    FilesWatch files = watch(path);
    const bool turned = fs::read_symlink(folder_ / "..data") == "..2026_b";
    fs::create_symlink(turned ? "..2026_a" : "..2026_b", folder_ / "..data_tmp");
    fs::rename(folder_ / "..data_tmp", folder_ / "..data");
    EXPECT_TRUE(woken(files));
    EXPECT_EQ(files.look(), Look::kSettling);
    EXPECT_EQ(files.look(), Look::kChanged);
  }
}

TEST_F(RunFilesWatch, WithoutPathsThereIsNothingToSee) {
  FilesWatch files({});
  EXPECT_EQ(files.fd(), -1);
  EXPECT_EQ(files.look(), Look::kSame);
}

using RunReload = RunRig;

std::string bounce_line(const std::string& relay) {
  return "2026-09-21T10:00:00.000000+00:00 mx1 postfix/smtp[8]: 4XYZ1: to=<a@example.org>, relay=" + relay +
         "[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host " + relay +
         "[192.0.2.1] said: 550 5.0.0 quux says no)\n";
}

TEST_F(RunReload, NewKnowledgeCountsFromTheNextBlockOnAndNoLineIsLost) {
  append(bounce_line("mx.example.org"));
  start();
  drain();
  start();  // The drain ended the first.
  std::ofstream(folder / "rules.yaml") << "rules:\n  - id: own.quux\n    cause: greylisted\n    match: quux says no\n";
  std::ofstream(folder / "providers.yaml") << "providers:\n  - id: own_host\n    mx_suffixes: [mx.example.org]\n";
  const auto own = load_providers((folder / "providers.yaml").string(), {}, providers.get());
  ASSERT_TRUE(own) << own.error().message;
  const auto rules = load_rules({(folder / "rules.yaml").string()}, **own);
  ASSERT_TRUE(rules) << rules.error().message;
  checkpointer->set_providers(*own);
  worker->set_knowledge({*own, *rules});
  append(bounce_line("mx.example.org") + bounce_line("mx.google.com"));
  drain();
  EXPECT_EQ(published(Family::kAttempts), 3u);
  EXPECT_EQ(published(Family::kRejections, "cause=\"greylisted\""), 2u);
  EXPECT_EQ(published(Family::kRejections, "provider=\"own_host\""), 1u);
  EXPECT_EQ(published(Family::kRejections, "provider=\"google\""), 1u);
  EXPECT_EQ(published(Family::kRejections, "provider=\"other\""), 1u);
}

}  // namespace
}  // namespace dsnwatch::daemon
