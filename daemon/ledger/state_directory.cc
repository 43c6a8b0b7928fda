#include "daemon/ledger/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kLockFile = "/lock";

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<LedgerError> unusable(const std::string& path, const std::string& why) {
  return tl::make_unexpected(
      LedgerError{LedgerProblem::kUnusable, {"the state directory " + path + " can't be used: " + why}});
}

// Magic numbers of statfs(2) whose locks and memory maps do not hold across machines, or do not hold at all.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 8> kNetworkFileSystems = {{
    {0x00006969, "NFS"},
    {0x0000517b, "SMB"},
    {0xfe534d42, "SMB 2"},
    {0xff534d42, "CIFS"},
    {0x00c36400, "Ceph"},
    {0x5346414f, "AFS"},
    {0x0bd00bd0, "Lustre"},
    {0x01021997, "9P"},
}};
constexpr std::uint32_t kFuse = 0x65735546;
// FUSE has local members too (fuse-overlayfs below rootless containers), so there the type's name decides.
constexpr std::array<std::string_view, 10> kNetworkFuse = {"sshfs",  "glusterfs", "s3fs",   "rclone", "gcsfuse",
                                                           "cephfs", "ceph-fuse", "goofys", "davfs",  "mount-s3"};

/// "sshfs" for a directory on such a mount, from the kernel's table of mounts (proc(5): mountinfo).
std::string fuse_type(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return {};
  const std::string device = std::to_string(major(about.st_dev)) + ":" + std::to_string(minor(about.st_dev));
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string id, parent, number;
    words >> id >> parent >> number;
    const std::size_t separator = line.find(" - ");
    if (number != device || separator == std::string::npos) continue;
    std::istringstream(line.substr(separator + 3)) >> number;
    const std::size_t dot = number.find('.');
    return dot == std::string::npos ? number : number.substr(dot + 1);
  }
  return {};
}

/// The name of the network file system that a directory lies on, or nothing.
std::string network_file_system(const std::string& path) {
  struct statfs about = {};
  if (statfs(path.c_str(), &about) != 0) return {};
  const auto magic = static_cast<std::uint32_t>(about.f_type);
  for (const auto& [number, name] : kNetworkFileSystems) {
    if (number == magic) return std::string(name);
  }
  if (magic != kFuse) return {};
  const std::string type = fuse_type(path);
  return std::find(kNetworkFuse.begin(), kNetworkFuse.end(), type) != kNetworkFuse.end() ? type : std::string();
}

std::string holder(int lock_fd) {
  char text[32] = {};
  const ssize_t length = pread(lock_fd, text, sizeof text - 1, 0);
  if (length <= 0) return "another process";
  const std::string_view pid(text, static_cast<std::size_t>(length));
  return "process " + std::string(pid.substr(0, pid.find('\n')));
}

/// Only a hint for people: who can't be named is held all the same.
void name_holder(int lock_fd) {
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock_fd, 0) != 0 || pwrite(lock_fd, pid.data(), pid.size(), 0) < 0) return;
}

}  // namespace

tl::expected<StateDirectory, LedgerError> StateDirectory::take(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    const int error = errno;
    return unusable(path, reason(error) +
                              " (while creating it); create it for the user that runs dsnwatch, or name "
                              "another with state_dir or --state-dir");
  }
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return unusable(path, reason(errno));
  if (!S_ISDIR(about.st_mode))
    return unusable(path, "it is not a directory; name another with state_dir or --state-dir");
  const std::string network = network_file_system(path);
  if (!network.empty()) {
    return unusable(path, "it lies on a network file system (" + network +
                              "), where a memory-mapped store and its lock are not safe; choose one on a local disk");
  }
  const std::string lock_path = path + std::string(kLockFile);
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return unusable(path, reason(errno) + " (while opening " + lock_path +
                              "); it must be writable for the user that "
                              "runs dsnwatch");
  }
  StateDirectory taken(path, fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(path, reason(errno) + " (while locking " + lock_path + ")");
    return tl::make_unexpected(
        LedgerError{LedgerProblem::kHeld,
                    {"the state directory " + path + " is in use by " + holder(fd) +
                     "; stop that one first, or give this one another with state_dir or --state-dir"}});
  }
  name_holder(fd);
  return taken;
}

StateDirectory::~StateDirectory() {
  if (lock_fd_ >= 0) close(lock_fd_);
}

StateDirectory::StateDirectory(StateDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

StateDirectory& StateDirectory::operator=(StateDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_fd_, other.lock_fd_);
  return *this;
}

}  // namespace dsnwatch::daemon
