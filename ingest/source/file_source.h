#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "ingest/source/file_point.h"
#include "ingest/source/file_watch.h"
#include "ingest/source/followed_file.h"
#include "ingest/source/rotated_files.h"
#include "ingest/source/source.h"

namespace dsnwatch::ingest {

struct FileSettings {
  enum class Start : std::uint8_t { kEnd, kBeginning };

  std::string path;
  Start start = Start::kEnd;  ///< For a file that is there at the first start; one that appears later is read whole.
  std::uint64_t look_back_bytes = 16u << 20;  ///< Handed to on_look_back() before a start at the end.
  core::MonotonicMs grace_ms = 30'000;        ///< How long a rotated file is still looked at after it fell quiet.
};

/// Follows a path whose file is rotated: renamed and created anew, copied and emptied, retargeted, deleted, missing for
/// a while. Every generation is read to its last byte, in order. Not thread-safe.
class FileSource final : public Source {
 public:
  FileSource(FileSettings settings, const core::Clock& clock);

  const std::string& key() const override { return settings_.path; }
  void resume(const Position* stored) override;
  bool poll(BlockSink& sink, std::size_t budget) override;
  Position position() const override;
  SourceStatus status() const override;
  int wake_fd() const override { return watch_.fd(); }

 private:
  using Files = std::vector<std::unique_ptr<FollowedFile>>;

  void look_for_stored();
  bool resume_at_path(const FilePoint& point);
  void give_up(const FilePoint& point);
  void look_at_path();
  void note_problem(const core::Error& error);
  void begin_at_end(FollowedFile& file);
  void add_missed_generations(const FollowedFile& newest);
  void add_generation(std::unique_ptr<FollowedFile> file, bool at_path);
  bool already_known(const FollowedFile& file) const;
  bool read_file(std::size_t index, BlockSink& sink, std::size_t& budget);
  void on_truncated(std::size_t index);
  void look_back(BlockSink& sink);
  void retire_quiet(BlockSink& sink);
  void remember_finished(const FilePoint& point);

  FileSettings settings_;
  const core::Clock& clock_;
  FileWatch watch_;
  RotatedFiles rotated_;
  Files files_;                            // Oldest generation first.
  const FollowedFile* at_path_ = nullptr;  // The one of files_ that the path named when last looked at.
  // When the file at the path had been written to when the path was last seen to name it. A generation that came and
  // went since then was written to later; the file itself may be too, by a writer that has not reopened it.
  std::int64_t followed_until_ns_ = 0;
  std::vector<FilePoint> unresolved_;  // Stored points whose files have not been found yet.
  std::vector<FilePoint> finished_;    // Lately read to the end; the oldest first.
  std::vector<FilePoint> history_;     // Rotated files that were there when following began: none of ours.
  bool look_back_due_ = false;
  core::MonotonicMs next_search_ms_ = 0;
  SourceStatus status_;
};

}  // namespace dsnwatch::ingest
