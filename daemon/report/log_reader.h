#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

#include "daemon/pipeline.h"
#include "daemon/reading.h"
#include "daemon/report/progress_bar.h"
#include "ingest/source/read_all.h"

namespace dsnwatch::daemon {

/// Counts the bytes on their way into a pipeline.
class CountedBlocks final : public ingest::BlockSink {
 public:
  explicit CountedBlocks(ingest::BlockSink& next) : next_(next) {}
  void on_block(std::string_view lines) override {
    bytes += lines.size();
    next_.on_block(lines);
  }
  void on_long_line(std::uint64_t size) override {
    bytes += size;
    next_.on_long_line(size);
  }
  std::uint64_t bytes = 0;

 private:
  ingest::BlockSink& next_;
};

/// Reads files, which share queue ids, one after the other into one sink (of daemon/pipeline.h), with a progress bar on
/// a terminal.
template <class Sink>
class LogReader {
 public:
  LogReader(const Reading& reading, Sink& sink)
      : reading_(reading),
        sink_(sink),
        correlator_({.keep_message_ids = false}),
        classifier_(reading.rules, reading.providers),
        progress_(isatty(STDERR_FILENO) != 0) {}

  struct Done {
    core::Result<void> result;
    bool unknown_format = false;  ///< The reading's settings are wrong: no file can be read with them.
  };
  Done read(const std::string& path) {
    auto format = reading_.open_format(path);
    if (!format) return {tl::unexpected(std::move(format).error()), true};
    Pipeline<Sink> pipeline(std::move(*format), correlator_, classifier_, sink_);
    CountedBlocks blocks(pipeline);
    auto done =
        ingest::read_all(path, blocks, {[&](const ingest::ReadProgress& so_far) { progress_.show(path, so_far); }});
    pipeline.finish();
    progress_.clear();
    const ingest::FormatCounts& counts = pipeline.format().counts();
    lines += counts.lines;
    bytes += blocks.bytes;
    for (const std::uint64_t of_kind : counts.unparsed) unparsed += of_kind;
    return {std::move(done), false};
  }

  std::uint64_t lines = 0, bytes = 0, unparsed = 0;  ///< Of all files.

 private:
  const Reading& reading_;
  Sink& sink_;
  ingest::Correlator correlator_;
  core::Classifier classifier_;
  ProgressBar progress_;
};

}  // namespace dsnwatch::daemon
