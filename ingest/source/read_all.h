#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/result.h"
#include "ingest/source/source.h"

namespace dsnwatch::ingest {

/// How far read_all() has come, for a progress bar: bytes of the file as stored (compressed), and its size or 0.
struct ReadProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;
};

struct ReadOptions {
  std::function<void(const ReadProgress&)> progress;  ///< Called once a block; may be empty.
};

/// Reads one input to its end: a plain, gzip or zstd file (told by its first bytes, several members or frames in one
/// file included), or "-" for standard input. Hands on blocks of whole lines; the last line may lack its newline; a
/// line over 1 MiB is dropped and reported to the sink. The error says what and where; what was read before it has been
/// handed on (of packed data that break off, the whole lines).
core::Result<void> read_all(const std::string& path, BlockSink& sink, const ReadOptions& options = {});

/// When the file was last changed (microseconds since the epoch), or now for standard input: the reference for stamps
/// without a year.
std::int64_t reference_time_us(const std::string& path);

}  // namespace dsnwatch::ingest
