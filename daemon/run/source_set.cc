#include "daemon/run/source_set.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ingest/source/rotated_files.h"

namespace dsnwatch::daemon {
namespace {

constexpr core::MonotonicMs kScanIntervalMs = 10'000;

bool is_generation_of(const std::string& candidate, const std::string& path) {
  const std::filesystem::path older(candidate), current(path);
  return older.parent_path() == current.parent_path() &&
         ingest::looks_rotated(current.filename().string(), older.filename().string());
}

}  // namespace

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> matching_files(const std::string& pattern) {
  glob_t found = {};
  std::vector<std::string> all;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) all.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::vector<std::string> current;
  for (const std::string& path : all) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) continue;
    const auto is_older = [&](const std::string& other) { return is_generation_of(path, other); };
    if (std::none_of(all.begin(), all.end(), is_older)) current.push_back(path);
  }
  return current;
}

SourceSet::SourceSet(SourceConfig config, ingest::Correlator& correlator, WorkerParts parts)
    : config_(std::move(config)), correlator_(correlator), parts_(parts) {}

core::Result<void> SourceSet::open(const StoredPositions& stored) {
  const bool pattern = is_pattern(config_.path);
  const bool known = pattern && stored.contains(marker());
  const std::vector<std::string> paths = pattern ? matching_files(config_.path) : std::vector{config_.path};
  if (paths.empty()) parts_.log.warn("no file matches yet", {{"pattern", config_.path}});
  for (const std::string& path : paths) {
    if (!parts_.claimed.claim(path))
      return core::fail(place(path) + ": " + path + " is read by another source already");
    const auto reader = add(path);
    if (!reader) return tl::unexpected(core::Error(reader.error()).prefixed(place(path)));
    const auto record = stored.find(source_record_key(path));
    if (record == stored.end() && known) {
      (*reader)->read_whole();
    } else {
      (*reader)->resume(record == stored.end() ? nullptr : &record->second);
    }
  }
  next_scan_ms_ = parts_.clock.monotonic_ms() + kScanIntervalMs;
  return {};
}

core::Result<SourceReader*> SourceSet::add(const std::string& path) {
  auto reader = SourceReader::make(config_, path, correlator_, parts_);
  if (!reader) return tl::unexpected(std::move(reader).error());
  readers_.push_back(std::move(*reader));
  return readers_.back().get();
}

std::string SourceSet::place(const std::string& path) const {
  return config_.where.empty() ? path : config_.where;
}

void SourceSet::rescan() {
  const core::MonotonicMs now = parts_.clock.monotonic_ms();
  if (!is_pattern(config_.path) || now < next_scan_ms_) return;
  next_scan_ms_ = now + kScanIntervalMs;
  for (const std::string& path : matching_files(config_.path)) {
    // While "mail.log" is away for a moment, "mail.log.1" is still no log of its own.
    const auto is_older = [&](const auto& reader) { return is_generation_of(path, reader->key()); };
    if (std::any_of(readers_.begin(), readers_.end(), is_older) || !parts_.claimed.claim(path)) continue;
    if (const auto reader = add(path)) {
      (*reader)->read_whole();
      parts_.log.info("source appeared", {{"source", path}, {"pattern", config_.path}});
    }
  }
}

bool SourceSet::read(std::size_t budget) {
  rescan();
  bool any = false;
  for (const auto& reader : readers_) {
    if (parts_.tally.full()) return true;
    any = reader->poll(budget) || any;
  }
  return any;
}

void SourceSet::add_wake_fds(std::vector<int>& fds) const {
  for (const auto& reader : readers_) {
    if (reader->wake_fd() >= 0) fds.push_back(reader->wake_fd());
  }
}

void SourceSet::start_draining() {
  for (const auto& reader : readers_) reader->start_draining();
}

bool SourceSet::drained() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader->drained(); });
}

void SourceSet::hand_over(HandOver& into, const AddRecord& add) {
  if (!marker().empty()) add(marker(), "known");
  for (const auto& reader : readers_) {
    add(source_record_key(reader->key()), reader->state());
    into.sources.push_back(reader->report());
  }
}

std::string SourceSet::marker() const {
  return is_pattern(config_.path) ? pattern_record_key(config_.path) : std::string();
}

}  // namespace dsnwatch::daemon
