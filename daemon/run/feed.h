#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "daemon/run/hand_over.h"
#include "daemon/run/stored_state.h"

namespace dsnwatch::daemon {

/// What a worker reads of one entry of `sources`: files that match, or the Kafka partitions that are its own at the
/// time. Thread: the worker's, but for open().
class Feed {
 public:
  /// Takes a record of the ledger; one that has not changed since the last hand-over is left out.
  using AddRecord = std::function<void(const std::string& key, std::string value)>;

  virtual ~Feed() = default;

  /// Takes up where the ledger says. Before the worker is started.
  virtual core::Result<void> open(const StoredPositions& stored) = 0;

  /// Reads about `budget` bytes of each source, less where the tally fills up; false if there was nothing to read.
  virtual bool read(std::size_t budget) = 0;

  /// Descriptors that become readable when read() may find more.
  virtual void add_wake_fds(std::vector<int>& fds) const = 0;

  /// From now on drained() says whether all has been read that was there then.
  virtual void start_draining() = 0;
  virtual bool drained() const = 0;

  /// What changed since the last one. Positions go to `add`, the rest into the hand-over.
  virtual void hand_over(HandOver& into, const AddRecord& add) = 0;
};

}  // namespace dsnwatch::daemon
