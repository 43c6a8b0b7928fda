#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "ingest/source/file_source.h"

namespace dsnwatch::ingest {

/// A clock that only a test moves.
class FakeClock final : public core::Clock {
 public:
  core::MonotonicMs monotonic_ms() const override { return now_ms; }
  std::int64_t unix_us() const override { return now_ms * 1000; }
  core::MonotonicMs now_ms = 1'000'000;
};

/// Keeps what a source hands on, line by line.
class Lines final : public BlockSink {
 public:
  void on_block(std::string_view block) override { split(block, counted); }
  void on_look_back(std::string_view block) override { split(block, looked_back); }
  void on_long_line(std::uint64_t bytes) override { long_lines.push_back(bytes); }

  std::vector<std::string> counted, looked_back;
  std::vector<std::uint64_t> long_lines;

 private:
  static void split(std::string_view block, std::vector<std::string>& into) {
    while (!block.empty()) {
      const std::size_t newline = block.find('\n');
      into.emplace_back(block.substr(0, newline));
      block.remove_prefix(newline == std::string_view::npos ? block.size() : newline + 1);
    }
  }
};

/// A log in a folder of its own, its reader, and what the reader has handed on so far.
class FollowedLog : public testing::Test {
 public:
  FollowedLog() {
    std::string name = (std::filesystem::temp_directory_path() / "dsnwatch-follow-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~FollowedLog() override { std::filesystem::remove_all(folder); }

  std::string path(std::string_view name = "mail.log") const { return (folder / name).string(); }

  void append(std::string_view text, std::string_view name = "mail.log") const {
    std::ofstream(path(name), std::ios::app | std::ios::binary) << text;
  }
  void overwrite(std::string_view text, std::string_view name = "mail.log") const {
    std::ofstream(path(name), std::ios::trunc | std::ios::binary) << text;
  }
  void rename(std::string_view from, std::string_view to) const { std::filesystem::rename(path(from), path(to)); }
  void rotate_and_create(std::string_view to = "mail.log.1") const {
    rename("mail.log", to);
    append("");
  }
  void copy_and_truncate(std::string_view to = "mail.log.1") const {
    std::filesystem::copy_file(path(), path(to), std::filesystem::copy_options::overwrite_existing);
    overwrite("");
  }
  /// Sets when a file was last written to, from now.
  void set_written(std::string_view name, std::chrono::seconds from_now) const {
    std::filesystem::last_write_time(path(name), std::filesystem::file_time_type::clock::now() + from_now);
  }
  void remove(std::string_view name = "mail.log") const { std::filesystem::remove(path(name)); }

  /// Starts a reader; without a position as at the first start.
  void start(const Position* stored = nullptr) {
    settings.path = path();
    source = std::make_unique<FileSource>(settings, clock);
    source->resume(stored);
  }
  void restart() {
    const Position stored = source->position();
    start(&stored);
  }
  /// Reads until there is nothing more, and lets a second pass.
  void read(std::size_t budget = 1u << 20) {
    while (source->poll(lines, budget)) {
    }
    clock.now_ms += 1000;
    while (source->poll(lines, budget)) {
    }
  }
  std::vector<std::string> counted() const { return lines.counted; }

  std::filesystem::path folder;
  FakeClock clock;
  FileSettings settings{.path = {}, .start = FileSettings::Start::kBeginning};
  std::unique_ptr<FileSource> source;
  Lines lines;
};

}  // namespace dsnwatch::ingest
