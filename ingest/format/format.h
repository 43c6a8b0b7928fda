#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/envelope/message.h"
#include "ingest/record.h"

namespace dsnwatch::ingest {

/// How stamps that name no zone or no year are read.
struct TimeSettings {
  std::string timezone;           ///< IANA name; empty: the system's.
  int year = 0;                   ///< Of the first line's stamp; 0: found from `reference_us`.
  std::int64_t reference_us = 0;  ///< Now, or the file's mtime: a stamp lies at most a day after it.
};

struct FormatSettings {
  TimeSettings time;
  std::string default_host;  ///< Where the lines name none.
  EnvelopeKeys keys = {};    ///< Of JSON records.
};

/// Counts of one source since its start.
struct FormatCounts {
  std::uint64_t lines = 0;
  std::array<std::uint64_t, kUnparsedCount> unparsed{};
};

/// Turns lines into records. One per source: it remembers where the year turned and the last stamp. Not thread-safe.
class Format {
 public:
  virtual ~Format() = default;

  /// Reads whole lines (the last one may lack its newline only at the end of a source). Any bytes are allowed. The sink
  /// gets records in line order; every record has been handed on when the call returns.
  virtual void parse(std::string_view lines, RecordSink& sink) = 0;

  /// Reads messages of a broker, in their order; the same rules. A line can't go on in another message, but what a
  /// container's runtime cut into records can.
  virtual void parse_messages(std::span<const Message> messages, RecordSink& sink) = 0;

  /// The input ends for good: what still waits for its other parts is read as it is. Not where reading goes on later:
  /// save() holds such parts.
  virtual void finish(RecordSink& sink) = 0;

  /// A line that was too long to be buffered, or cut by the envelope: counted, its bytes are gone.
  virtual void skip_line(Unparsed reason) = 0;

  virtual const FormatCounts& counts() const = 0;

  /// What must survive a restart to read on in the middle of a source (year, line number, parts of a record whose last
  /// part has not come yet); opaque.
  virtual std::string save() const = 0;
  virtual void restore(std::string_view saved) = 0;
};

/// "auto" and the names of the formats that there are.
bool is_format(std::string_view name);

/// `name`: "auto" or a format's name ("postfix"). With "auto" the first lines decide.
core::Result<std::unique_ptr<Format>> make_format(std::string_view name, FormatSettings settings);

}  // namespace dsnwatch::ingest
