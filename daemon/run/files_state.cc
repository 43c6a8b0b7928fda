#include "daemon/run/files_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace dsnwatch::daemon {
namespace {

void add(const std::string& path, std::ostream& state) {
  struct stat info = {};
  state << path << ' ';
  if (::stat(path.c_str(), &info) == 0) {
    state << info.st_dev << ' ' << info.st_ino << ' ' << info.st_size << ' ' << info.st_mtim.tv_sec << ' '
          << info.st_mtim.tv_nsec;
  }
  state << '\n';
}

}  // namespace

std::string files_state(const std::vector<std::string>& paths) {
  std::ostringstream state;
  for (const std::string& path : paths) {
    add(path, state);
    std::error_code ignored;
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
      const std::string extension = entry.path().extension();
      if (extension == ".yaml" || extension == ".yml") inside.push_back(entry.path().string());
    }
    std::sort(inside.begin(), inside.end());
    for (const std::string& file : inside) add(file, state);
  }
  return std::move(state).str();
}

}  // namespace dsnwatch::daemon
