#include "ingest/source/file_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kMaxFinished = 8;
constexpr std::size_t kMaxOlder = 64;
constexpr core::MonotonicMs kSearchIntervalMs = 1000;

// A file that is shorter than its position but begins with this many bytes as before went back in time (a crash of the
// machine, a restored copy); with fewer it may as well be a new log that happens to begin alike.
constexpr std::size_t kRolledBackBytes = 256;

// Two logs may begin with the same stamp and host; with this much in common they are the same.
constexpr std::size_t kTellingBytes = 64;

/// Hands counted blocks on as look-back.
class LookBackSink final : public BlockSink {
 public:
  explicit LookBackSink(BlockSink& sink) : sink_(sink) {}
  void on_block(std::string_view lines) override { sink_.on_look_back(lines); }
  void on_long_line(std::uint64_t) override {}

 private:
  BlockSink& sink_;
};

bool same_file(const FilePoint& point, const FollowedFile& file) {
  return point.inode == file.point().inode && file.point().size >= point.offset &&
         (point.fingerprint.length() > 0 || point.device == file.point().device) &&
         point.fingerprint.matches(file.head());
}

}  // namespace

FileSource::FileSource(FileSettings settings, const core::Clock& clock)
    : settings_(std::move(settings)), clock_(clock), watch_(settings_.path), rotated_(settings_.path) {}

void FileSource::resume(const Position* stored) {
  std::optional<FilePosition> position;
  if (stored != nullptr) position = decode_file_position(*stored);
  if (position) {
    unresolved_ = std::move(position->files);
    finished_ = std::move(position->finished);
    return;
  }
  // Taken up here and not at the first poll, so that a rotation in between loses nothing.
  struct stat info = {};
  if (::stat(settings_.path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const bool at_end = settings_.start == FileSettings::Start::kEnd;
  if (auto file = FollowedFile::open(settings_.path)) {
    if (at_end) begin_at_end(**file);
    add_generation(std::move(*file), /*at_path=*/true);
  } else if (at_end) {
    // There but not readable yet: it begins at what is its end now.
    FilePoint point;
    point.device = info.st_dev;
    point.inode = info.st_ino;
    point.offset = point.size = static_cast<std::uint64_t>(info.st_size);
    unresolved_.push_back(point);
  }
}

void FileSource::begin_at_end(FollowedFile& file) {
  file.seek(file.point().size);
  look_back_due_ = true;
}

bool FileSource::poll(BlockSink& sink, std::size_t budget) {
  watch_.renew();
  if (look_back_due_) look_back(sink);
  if (!unresolved_.empty()) look_for_stored();
  if (unresolved_.empty()) look_at_path();  // Else what comes first has not been found yet.
  bool any = false;
  for (std::size_t i = 0; i < files_.size() && budget > 0;) {
    const std::size_t count = files_.size();
    any = read_file(i, sink, budget) || any;
    if (files_.size() == count) ++i;  // Else a copy that must be read first was put in front.
  }
  retire_quiet(sink);
  return any;
}

/// Reads one generation as far as the budget goes; true if anything was read.
bool FileSource::read_file(std::size_t index, BlockSink& sink, std::size_t& budget) {
  bool any = false;
  while (budget > 0) {
    FollowedFile& file = *files_[index];
    const std::uint64_t before = file.point().offset;
    const auto outcome = file.read_block(sink, std::min(kReadSize, budget));
    status_.bytes_total += file.point().offset - before;
    switch (outcome) {
      case FollowedFile::Outcome::kRead:
        any = true;
        file.quiet_since = clock_.monotonic_ms();
        budget -= std::min(kReadSize, budget);
        break;
      case FollowedFile::Outcome::kTruncated:
        on_truncated(index);
        return true;
      case FollowedFile::Outcome::kFailed:
        status_.problem = "can't read " + settings_.path + ": " + file.problem();
        return any;
      case FollowedFile::Outcome::kEnd:
        return any;
    }
  }
  return any;
}

/// The file was emptied and is written anew. What copytruncate copied away but was not read yet is read from the copy.
void FileSource::on_truncated(std::size_t index) {
  const FilePoint before = files_[index]->point();
  ++status_.truncations_total;
  auto copy = rotated_.locate_copy(before);
  files_[index]->restart();
  history_ = rotated_.all();
  if (copy) {
    copy->quiet_since = clock_.monotonic_ms();
    files_.insert(files_.begin() + static_cast<std::ptrdiff_t>(index), std::move(copy));
  } else {
    give_up(before);
  }
}

/// What is known to be lost is counted; whatever was written after the last look is lost as well.
void FileSource::give_up(const FilePoint& point) {
  if (point.size > point.offset) status_.bytes_lost_total += point.size - point.offset;
  ++status_.gaps_total;
}

void FileSource::look_back(BlockSink& sink) {
  look_back_due_ = false;
  FollowedFile& file = *files_.back();
  const std::uint64_t end = file.point().offset;
  if (file.point().size < end) return;
  file.seek_to_next_line(end > settings_.look_back_bytes ? end - settings_.look_back_bytes : 0);
  LookBackSink learning(sink);
  auto outcome = FollowedFile::Outcome::kRead;
  while (outcome == FollowedFile::Outcome::kRead) outcome = file.read_block(learning, kReadSize, end);
  if (outcome != FollowedFile::Outcome::kEnd || file.point().offset > end) file.seek(end);
}

/// Finds the files of a stored position again, wherever they are now.
void FileSource::look_for_stored() {
  const core::MonotonicMs now = clock_.monotonic_ms();
  if (now < next_search_ms_) return;
  next_search_ms_ = now + kSearchIntervalMs;
  std::vector<FilePoint> points = std::exchange(unresolved_, {});
  followed_until_ns_ = points.back().modified_ns;
  const auto at_path = FollowedFile::open(settings_.path);
  const bool readable = at_path.has_value();
  if (!readable) note_problem(at_path.error());
  for (const FilePoint& point : points) {
    if (resume_at_path(point)) continue;
    if (auto file = rotated_.locate(point)) {
      add_generation(std::move(file), /*at_path=*/false);
    } else if (readable) {
      give_up(point);
      remember_finished(point);
    } else {
      unresolved_.push_back(point);  // The path is missing or can't be read: it may all come back.
    }
  }
}

/// True if the path itself still holds the file of a stored point.
bool FileSource::resume_at_path(const FilePoint& point) {
  auto file = FollowedFile::open(settings_.path);
  if (!file || (*file)->point().inode != point.inode) return false;
  if (same_file(point, **file)) {
    (*file)->seek(point.offset);
  } else {
    const bool rolled_back =
        (*file)->point().size < point.offset && point.fingerprint.same_bytes((*file)->head()) >= kRolledBackBytes;
    ++status_.truncations_total;
    if (!rolled_back) return false;
    (*file)->seek((*file)->point().size);
  }
  add_generation(std::move(*file), /*at_path=*/true);
  return true;
}

/// Looks which file the path names now, and takes up a new generation.
void FileSource::look_at_path() {
  struct stat info = {};
  const bool there = ::stat(settings_.path.c_str(), &info) == 0;
  if (there && at_path_ != nullptr && at_path_->is(info.st_dev, info.st_ino)) {
    followed_until_ns_ = at_path_->point().modified_ns;
    status_.open = true;
    status_.problem.clear();
    return;
  }
  auto file = FollowedFile::open(settings_.path);
  if (!file) return note_problem(file.error());
  status_.open = true;
  status_.problem.clear();
  for (auto known = files_.begin(); known != files_.end(); ++known) {
    if (!(*known)->is((*file)->point().device, (*file)->point().inode)) continue;
    std::rotate(known, known + 1, files_.end());  // A link that was turned back, or a stored file found again.
    at_path_ = files_.back().get();
    return;
  }
  if (!files_.empty() || !finished_.empty()) {
    ++status_.rotations_total;
    add_missed_generations(**file);
  }
  add_generation(std::move(*file), /*at_path=*/true);
}

void FileSource::note_problem(const core::Error& error) {
  status_.open = false;
  status_.problem = error.message;
}

/// Generations that were at the path and renamed away between two looks at it.
void FileSource::add_missed_generations(const FollowedFile& newest) {
  for (auto& file : rotated_.written_since(followed_until_ns_)) {
    if (file->is(newest.point().device, newest.point().inode) || already_known(*file)) continue;
    ++status_.rotations_total;
    add_generation(std::move(file), /*at_path=*/false);
  }
}

bool FileSource::already_known(const FollowedFile& file) const {
  const std::string head = file.head();
  const auto begins_like = [&](const FilePoint& point) {
    const bool telling = point.fingerprint.length() >= kTellingBytes ||
                         (point.fingerprint.length() > 0 && point.inode == file.point().inode);
    return telling && point.fingerprint.matches(head);
  };
  return std::any_of(files_.begin(), files_.end(),
                     [&](const auto& other) {
                       return other->is(file.point().device, file.point().inode) || begins_like(other->point());
                     }) ||
         std::any_of(finished_.begin(), finished_.end(), begins_like) ||
         std::any_of(history_.begin(), history_.end(), begins_like);
}

void FileSource::add_generation(std::unique_ptr<FollowedFile> file, bool at_path) {
  file->quiet_since = clock_.monotonic_ms();
  if (file->point().offset == 0) {
    for (const FilePoint& point : finished_) {
      if (point.fingerprint.length() > 0 && same_file(point, *file)) file->seek(point.offset);
    }
  }
  files_.push_back(std::move(file));
  if (!at_path) return;
  at_path_ = files_.back().get();
  followed_until_ns_ = at_path_->point().modified_ns;
  history_ = rotated_.all();
}

/// Lets go of rotated files that nobody writes to any more.
void FileSource::retire_quiet(BlockSink& sink) {
  const core::MonotonicMs now = clock_.monotonic_ms();
  while (files_.size() > 1 && files_.front().get() != at_path_) {
    FollowedFile& oldest = *files_.front();
    const bool crowded = files_.size() > kMaxOlder && oldest.backlog() == 0;
    if (now - oldest.quiet_since < settings_.grace_ms && !crowded) return;
    const std::uint64_t before = oldest.point().offset;
    oldest.finish(sink);
    status_.bytes_total += oldest.point().offset - before;
    if (oldest.backlog() > 0) give_up(oldest.point());  // It could not be read.
    remember_finished(oldest.point());
    files_.erase(files_.begin());
  }
}

void FileSource::remember_finished(const FilePoint& point) {
  finished_.push_back(point);
  if (finished_.size() > kMaxFinished) finished_.erase(finished_.begin());
}

Position FileSource::position() const {
  FilePosition position{unresolved_, finished_};
  for (const auto& file : files_) position.files.push_back(file->point());
  return encode(position);
}

SourceStatus FileSource::status() const {
  SourceStatus status = status_;
  status.backlog_bytes = 0;
  for (const auto& file : files_) status.backlog_bytes += file->backlog();
  return status;
}

}  // namespace dsnwatch::ingest
