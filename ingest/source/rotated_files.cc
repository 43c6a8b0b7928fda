#include "ingest/source/rotated_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>

namespace dsnwatch::ingest {
namespace {

namespace fs = std::filesystem;

// Below this, equal beginnings prove nothing: two logs may begin with the same stamp and host.
constexpr std::size_t kEnoughToTell = 64;

bool is_rotation_mark(std::string_view mark) {
  if (mark == ".old") return true;
  if (mark.size() < 2 || std::string_view(".-_").find(mark.front()) == std::string_view::npos) return false;
  return mark.find_first_of("0123456789") != std::string_view::npos &&
         mark.find_first_not_of("0123456789.-_:T+") == std::string_view::npos;
}

bool begins_alike(const FilePoint& point, const FollowedFile& file) {
  return point.fingerprint.length() >= std::min<std::uint64_t>(kEnoughToTell, std::max<std::uint64_t>(point.size, 1)) &&
         file.point().size >= point.offset && point.fingerprint.matches(file.head());
}

/// 2 for "mail.log.2", the older of two files that were written in the same tick; 0 for a date.
int rotation_number(std::string_view path) {
  const std::string_view number = path.substr(path.rfind('.') + 1);
  if (number.empty() || number.size() > 4 || number.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  return std::stoi(std::string(number));
}

}  // namespace

bool looks_rotated(std::string_view base, std::string_view candidate) {
  if (candidate.size() <= base.size()) return false;
  if (candidate.starts_with(base)) return is_rotation_mark(candidate.substr(base.size()));
  const std::size_t dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view stem = base.substr(0, dot), extension = base.substr(dot);
  if (!candidate.starts_with(stem) || !candidate.ends_with(extension)) return false;
  return is_rotation_mark(candidate.substr(stem.size(), candidate.size() - base.size()));
}

std::vector<RotatedFiles::Entry> RotatedFiles::entries() const {
  std::error_code ignored;
  std::set<fs::path> names{fs::path(path_)};
  const fs::path target = fs::canonical(path_, ignored);
  if (!ignored) names.insert(target);
  std::vector<Entry> found;
  for (const fs::path& name : names) {
    const fs::path directory = name.has_parent_path() ? name.parent_path() : fs::path(".");
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) continue;
    while (const dirent* entry = ::readdir(open)) {
      struct stat info = {};  // d_ino is not the file's own on some overlay file systems.
      if (::fstatat(::dirfd(open), entry->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode)) continue;
      const std::string_view file(entry->d_name);
      found.push_back({(directory / file).string(), info.st_ino, looks_rotated(name.filename().string(), file)});
    }
    ::closedir(open);
  }
  return found;
}

std::unique_ptr<FollowedFile> RotatedFiles::locate(const FilePoint& point) const {
  for (const Entry& entry : entries()) {
    if (entry.inode != point.inode) continue;
    auto file = FollowedFile::open(entry.path);
    if (!file || (*file)->point().inode != point.inode) continue;
    const bool known = point.fingerprint.length() > 0 || (*file)->point().device == point.device;
    if (!known || (*file)->point().size < point.offset || !point.fingerprint.matches((*file)->head())) continue;
    (*file)->seek(point.offset);
    return std::move(*file);
  }
  return locate_copy(point);
}

std::unique_ptr<FollowedFile> RotatedFiles::locate_copy(const FilePoint& point) const {
  for (const Entry& entry : entries()) {
    if (!entry.rotated_name) continue;
    auto file = FollowedFile::open(entry.path);
    if (!file || (*file)->is(point.device, point.inode) || !begins_alike(point, **file)) continue;
    (*file)->seek(point.offset);
    return std::move(*file);
  }
  return nullptr;
}

std::vector<std::unique_ptr<FollowedFile>> RotatedFiles::written_since(std::int64_t modified_ns) const {
  std::vector<std::pair<Entry, std::unique_ptr<FollowedFile>>> found;
  for (const Entry& entry : entries()) {
    if (!entry.rotated_name) continue;
    auto file = FollowedFile::open(entry.path);
    if (!file || (*file)->point().size == 0 || (*file)->point().modified_ns < modified_ns) continue;
    found.emplace_back(entry, std::move(*file));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.second->point().modified_ns, -rotation_number(a.first.path), a.first.path) <
           std::tuple(b.second->point().modified_ns, -rotation_number(b.first.path), b.first.path);
  });
  std::vector<std::unique_ptr<FollowedFile>> files;
  for (auto& [entry, file] : found) files.push_back(std::move(file));
  return files;
}

std::vector<FilePoint> RotatedFiles::all() const {
  std::vector<FilePoint> points;
  for (const Entry& entry : entries()) {
    if (!entry.rotated_name) continue;
    if (auto file = FollowedFile::open(entry.path)) points.push_back((*file)->point());
  }
  return points;
}

}  // namespace dsnwatch::ingest
