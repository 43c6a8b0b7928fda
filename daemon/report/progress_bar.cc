#include "daemon/report/progress_bar.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace dsnwatch::daemon {

void ProgressBar::show(const std::string& name, const ingest::ReadProgress& progress) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  drawn_ = true;
  constexpr std::uint64_t kMebibyte = 1u << 20;
  if (progress.bytes_total == 0) {
    std::fprintf(stderr, "\r\x1b[K%s  %llu MiB", name.c_str(),
                 static_cast<unsigned long long>(progress.bytes_read / kMebibyte));
    return;
  }
  constexpr std::uint64_t kWidth = 30;
  const std::uint64_t read = std::min(progress.bytes_read, progress.bytes_total);
  const auto filled =
      static_cast<std::size_t>(static_cast<double>(read) / static_cast<double>(progress.bytes_total) * kWidth);
  std::string bar(filled, '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\x1b[K%s  [%s] %llu of %llu MiB", name.c_str(), bar.c_str(),
               static_cast<unsigned long long>(read / kMebibyte),
               static_cast<unsigned long long>(progress.bytes_total / kMebibyte));
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace dsnwatch::daemon
