#pragma once

#include <chrono>
#include <string>

#include "ingest/source/read_all.h"

namespace dsnwatch::daemon {

/// How far a file is read, on standard error where that is a terminal; ten times a second at most. Gone from the screen
/// when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(bool enabled) : enabled_(enabled) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const std::string& name, const ingest::ReadProgress& progress);
  void clear();

 private:
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace dsnwatch::daemon
