#pragma once

#include <string>

#include "daemon/ledger/ledger.h"

namespace dsnwatch::daemon {

/// The directory that one process owns while this lives: created with mode 0700 where it is missing, on a local file
/// system, its lock file held. The lock file names the process that holds it.
class StateDirectory {
 public:
  static tl::expected<StateDirectory, LedgerError> take(const std::string& path);
  ~StateDirectory();
  StateDirectory(StateDirectory&& other) noexcept;
  StateDirectory& operator=(StateDirectory&& other) noexcept;

  const std::string& path() const { return path_; }

 private:
  StateDirectory(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

  std::string path_;
  int lock_fd_ = -1;
};

}  // namespace dsnwatch::daemon
