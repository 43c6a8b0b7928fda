#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dsnwatch::ingest {

/// How far into a source has been counted; opaque to all but the source that made it. Stored in the ledger under
/// `Source::key()`.
using Position = std::string;

/// What a source says of itself for the health metrics (counters since it was opened, durable parts excluded).
struct SourceStatus {
  bool open = false;    ///< Ready: the source is there and readable.
  std::string problem;  ///< Empty, or why it can't be read: a whole sentence.
  std::uint64_t bytes_total = 0;
  std::uint64_t backlog_bytes = 0;
  std::uint64_t rotations_total = 0;
  std::uint64_t truncations_total = 0;
  std::uint64_t bytes_lost_total = 0;  ///< As far as their number is known.
  std::uint64_t gaps_total = 0;        ///< How often a part of the source was gone before it was read.
};

/// Gets what a source reads.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  /// Whole lines, valid during the call.
  virtual void on_block(std::string_view lines) = 0;
  /// Whole lines before the place where counting begins: to learn from, not to count.
  virtual void on_look_back(std::string_view lines) { static_cast<void>(lines); }
  /// A line longer than the limit was dropped.
  virtual void on_long_line(std::uint64_t bytes) = 0;
};

/// Where bytes come from. Owned and called by one worker.
class Source {
 public:
  virtual ~Source() = default;

  /// Stable name within the configuration: key of the position and value of the `source` label.
  virtual const std::string& key() const = 0;

  /// Takes up where a stored position says; without one, where the settings say. Called once, before poll().
  virtual void resume(const Position* stored) = 0;

  /// Hands at most about `budget` bytes on; false if there was nothing to read now.
  virtual bool poll(BlockSink& sink, std::size_t budget) = 0;

  /// The position behind the last block handed on.
  virtual Position position() const = 0;

  virtual SourceStatus status() const = 0;

  /// A descriptor that becomes readable when poll() may find more, or -1; poll() works without it.
  virtual int wake_fd() const = 0;
};

}  // namespace dsnwatch::ingest
