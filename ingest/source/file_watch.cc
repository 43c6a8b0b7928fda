#include "ingest/source/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace dsnwatch::ingest {

FileWatch::FileWatch(std::string path) : path_(std::move(path)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  renew();
}

void FileWatch::renew() {
  if (inotify_.get() < 0) return;
  std::array<char, 16 << 10> events;
  while (::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
  // Adding a watch that is there already changes nothing.
  const std::filesystem::path directory = std::filesystem::path(path_).parent_path();
  ::inotify_add_watch(inotify_.get(), directory.empty() ? "." : directory.c_str(),
                      IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
  ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_MODIFY | IN_ATTRIB);
}

}  // namespace dsnwatch::ingest
