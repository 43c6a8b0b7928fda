#pragma once

#include <mutex>
#include <set>
#include <string>

namespace dsnwatch::daemon {

/// Which files are read, by all workers together: one that two entries of `sources` match must not count twice.
/// Thread: any.
class ClaimedPaths {
 public:
  /// False if somebody has it already.
  bool claim(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return paths_.insert(path).second;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> paths_;
};

}  // namespace dsnwatch::daemon
