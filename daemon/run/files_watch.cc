#include "daemon/run/files_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "daemon/run/files_state.h"

namespace dsnwatch::daemon {

FilesWatch::FilesWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), inotify_(paths_.empty() ? -1 : ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  read_now();
}

FilesWatch::Look FilesWatch::look() {
  renew_watches();
  std::string now = files_state(paths_);
  if (now == read_) {
    last_ = std::move(now);
    return Look::kSame;
  }
  if (now == last_) return Look::kChanged;
  last_ = std::move(now);
  return Look::kSettling;
}

void FilesWatch::read_now() {
  renew_watches();
  read_ = last_ = files_state(paths_);
}

/// Takes what has come in. A folder that was replaced needs a new watch; adding one that is there already changes
/// nothing. The folder around a path sees editors that rename and a ConfigMap's link that is turned.
void FilesWatch::renew_watches() {
  if (inotify_.get() < 0) return;
  std::array<char, 16 << 10> events;
  while (::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
  constexpr std::uint32_t kNames = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE;
  for (const std::string& path : paths_) {
    const std::filesystem::path around = std::filesystem::path(path).parent_path();
    ::inotify_add_watch(inotify_.get(), around.empty() ? "." : around.c_str(), kNames | IN_ONLYDIR);
    ::inotify_add_watch(inotify_.get(), path.c_str(), kNames);
  }
}

}  // namespace dsnwatch::daemon
