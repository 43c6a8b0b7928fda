#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/run/feed.h"
#include "daemon/run/source_reader.h"
#include "daemon/run/stored_state.h"

namespace dsnwatch::daemon {

/// The files that match a pattern (glob(7)), sorted; those that are rotated generations of another one are left out.
std::vector<std::string> matching_files(const std::string& pattern);

/// True if `path` is a pattern and not a name.
bool is_pattern(const std::string& path);

/// One entry of `sources`: a file, or all files that match a pattern, also those that appear later. Thread: its worker.
class SourceSet final : public Feed {
 public:
  SourceSet(SourceConfig config, ingest::Correlator& correlator, WorkerParts parts);

  /// Opens what is there. A file without a stored position begins as the configuration says where the whole entry is
  /// new; where the pattern is known from before, the file appeared while the daemon was down and is read whole.
  core::Result<void> open(const StoredPositions& stored) override;
  bool read(std::size_t budget) override;
  void add_wake_fds(std::vector<int>& fds) const override;
  void start_draining() override;
  bool drained() const override;
  void hand_over(HandOver& into, const AddRecord& add) override;

 private:
  /// Takes up files that have appeared since; looks at most once in ten seconds.
  void rescan();
  /// A record that says that this pattern is known; empty for a file.
  std::string marker() const;
  core::Result<SourceReader*> add(const std::string& path);
  std::string place(const std::string& path) const;  ///< For messages: where the entry stands, else the file.

  SourceConfig config_;
  ingest::Correlator& correlator_;
  WorkerParts parts_;
  std::vector<std::unique_ptr<SourceReader>> readers_;
  core::MonotonicMs next_scan_ms_ = 0;
};

}  // namespace dsnwatch::daemon
