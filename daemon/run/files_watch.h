#pragma once

#include <string>
#include <vector>

#include "ingest/source/followed_file.h"

namespace dsnwatch::daemon {

/// Tells when files, or the *.yaml in folders, are others than those that were read. inotify says when to look; the
/// looking decides, since some file systems never say anything and watches are few. Thread: one.
class FilesWatch {
 public:
  /// The files are taken as read now.
  explicit FilesWatch(std::vector<std::string> paths);

  enum class Look {
    kSame,      ///< As they were read.
    kSettling,  ///< Others, but perhaps not written to the end: look again soon.
    kChanged,   ///< Others, and the same as at the last look.
  };
  Look look();

  /// The caller is going to read them: what they are now is what look() compares with.
  void read_now();

  /// Readable when something happened near the files; -1 where inotify is not to be had.
  int fd() const { return inotify_.get(); }

 private:
  void renew_watches();

  std::vector<std::string> paths_;
  ingest::FileDescriptor inotify_;
  std::string read_, last_;  // What could be seen of them when they were read, and at the last look.
};

}  // namespace dsnwatch::daemon
