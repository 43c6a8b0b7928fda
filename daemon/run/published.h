#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace dsnwatch::daemon {

/// The newest version of something that one thread publishes and others read. Any thread. Not std::atomic<shared_ptr>:
/// that of g++ 12's library lets a reader's unlock pass unordered (its load() is a data race, mended in g++ 13).
template <class T>
class Published {
 public:
  std::shared_ptr<const T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void store(std::shared_ptr<const T> value) {
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);
    }
    // The old version ends here, outside the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace dsnwatch::daemon
