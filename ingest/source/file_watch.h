#pragma once

#include <string>

#include "ingest/source/followed_file.h"

namespace dsnwatch::ingest {

/// Wakes a reader when a file grows or its directory changes (inotify). Only a hint: some file systems never say
/// anything, and the number of watches is limited, so the reader looks by itself as well.
class FileWatch {
 public:
  explicit FileWatch(std::string path);

  /// Readable when something happened; -1 where inotify is not to be had.
  int fd() const { return inotify_.get(); }

  /// Takes what has come in, and watches what the path names now.
  void renew();

 private:
  std::string path_;
  FileDescriptor inotify_;
};

}  // namespace dsnwatch::ingest
