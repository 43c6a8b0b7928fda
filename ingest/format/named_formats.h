#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/format/format.h"

namespace dsnwatch::ingest {

/// Reads each message in the format that it names, and those that name none in the source's own. Each format keeps a
/// state of its own; records come in the order of the messages all the same.
class NamedFormats final : public Format {
 public:
  /// `own`: as make_format().
  static core::Result<std::unique_ptr<Format>> make(std::string_view own, FormatSettings settings);

  void parse(std::string_view lines, RecordSink& sink) override;
  void parse_messages(std::span<const Message> messages, RecordSink& sink) override;
  void finish(RecordSink& sink) override;
  void skip_line(Unparsed reason) override;
  const FormatCounts& counts() const override { return others_.empty() ? own_->counts() : counts_; }
  /// As the own format's, where no message has named another yet.
  std::string save() const override;
  void restore(std::string_view saved) override;

 private:
  NamedFormats(std::string name, std::unique_ptr<Format> own, FormatSettings settings);
  Format& format_of(const Message& message);
  Format& other(std::string_view name, std::int64_t time_us);
  void add_up();

  std::string name_;
  std::unique_ptr<Format> own_;
  FormatSettings settings_;
  std::map<std::string, std::unique_ptr<Format>, std::less<>> others_;
  FormatCounts counts_;  // Of all together, where there are others.
};

}  // namespace dsnwatch::ingest
