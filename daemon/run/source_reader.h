#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/classify/classifier.h"
#include "core/clock.h"
#include "core/series/tally.h"
#include "daemon/config/config.h"
#include "daemon/log.h"
#include "daemon/pipeline.h"
#include "daemon/rule_loading.h"
#include "daemon/run/claimed_paths.h"
#include "daemon/run/hand_over.h"
#include "daemon/unclassified_replies.h"
#include "ingest/correlate/correlator.h"
#include "ingest/source/file_source.h"

namespace dsnwatch::daemon {

/// Counts attempts into the worker's tally, keeps what no rule knew, and remembers how old they were.
class CountingSink {
 public:
  CountingSink(core::Tally& tally, UnclassifiedReplies& unclassified, const core::Clock& clock)
      : tally_(tally), unclassified_(unclassified), clock_(clock) {}

  /// Before each read: the time that attempts are compared with.
  void look_at_clock() { now_us_ = clock_.unix_us(); }

  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
    tally_.add(attempt, verdict);
    if (is_unclassified(attempt.result, verdict)) unclassified_.add(attempt, verdict.cause);
    if (attempt.time_us == core::kNoTime) return;
    last_event_us_ = attempt.time_us > last_event_us_ ? attempt.time_us : last_event_us_;
    if (attempt.time_us < now_us_ - kLateUs) last_late_us_ = now_us_;
  }

  std::int64_t last_event_us() const { return last_event_us_; }
  std::int64_t last_late_us() const { return last_late_us_; }

 private:
  static constexpr std::int64_t kLateUs = 300'000'000;  // Older than this, a record is a catch-up.

  core::Tally& tally_;
  UnclassifiedReplies& unclassified_;
  const core::Clock& clock_;
  std::int64_t now_us_ = 0, last_event_us_ = 0, last_late_us_ = 0;
};

/// What the sources of one worker share. All of it must outlive them.
struct WorkerParts {
  core::Classifier& classifier;
  core::Tally& tally;
  UnclassifiedReplies& unclassified;
  const Knowledge& knowledge;  ///< In use at the time.
  ClaimedPaths& claimed;
  const core::Clock& clock;
  Log& log;
};

/// One source with its way into the tally. Thread: its worker.
class SourceReader {
 public:
  /// Fails where the format or the time zone of the source is not known.
  static core::Result<std::unique_ptr<SourceReader>> make(const SourceConfig& config, std::string path,
                                                          ingest::Correlator& correlator, WorkerParts parts);

  const std::string& key() const { return source_.key(); }
  int wake_fd() const { return source_.wake_fd(); }

  /// Takes up where the stored record says (nullptr: as at the first start).
  void resume(const std::string* stored);
  /// A file that was not there before: whatever the settings say, it is read from its beginning.
  void read_whole();

  /// Reads about `budget` bytes; false if there was nothing to read.
  bool poll(std::size_t budget);

  /// The record of the position and the format's state.
  std::string state() const;

  /// The log is told what changed since the last report.
  SourceReport report();

  /// From now on drained() says whether all has been read that the next poll() finds; a writer that goes on for ever
  /// does not keep the daemon from ending.
  void start_draining();
  bool drained() const;

 private:
  SourceReader(ingest::FileSettings settings, std::unique_ptr<ingest::Format> format, ingest::Correlator& correlator,
               WorkerParts parts);
  void log_changes(const ingest::SourceStatus& now);

  const core::Clock& clock_;
  Log& log_;
  CountingSink sink_;
  Pipeline<CountingSink> pipeline_;
  ingest::FileSource source_;
  ingest::SourceStatus reported_;
  bool read_something_ = true;
  bool draining_ = false;
  std::optional<std::uint64_t> drain_target_;  // Bytes since the source was opened.
};

}  // namespace dsnwatch::daemon
