#include "daemon/run/source_reader.h"

#include <algorithm>
#include <utility>

#include "daemon/run/stored_state.h"

namespace dsnwatch::daemon {

core::Result<std::unique_ptr<SourceReader>> SourceReader::make(const SourceConfig& config, std::string path,
                                                               ingest::Correlator& correlator, WorkerParts parts) {
  ingest::FormatSettings format_settings;
  format_settings.time.timezone = config.timezone;
  format_settings.time.reference_us = parts.clock.unix_us();
  format_settings.default_host = config.host;
  format_settings.keys = config.json;
  auto format = ingest::make_format(config.format, std::move(format_settings));
  if (!format) return tl::unexpected(std::move(format).error());
  ingest::FileSettings settings;
  settings.path = std::move(path);
  settings.start = config.start;
  return std::unique_ptr<SourceReader>(new SourceReader(std::move(settings), std::move(*format), correlator, parts));
}

SourceReader::SourceReader(ingest::FileSettings settings, std::unique_ptr<ingest::Format> format,
                           ingest::Correlator& correlator, WorkerParts parts)
    : clock_(parts.clock),
      log_(parts.log),
      sink_(parts.tally, parts.unclassified, parts.clock),
      pipeline_(std::move(format), correlator, parts.classifier, sink_),
      source_(std::move(settings), parts.clock) {}

void SourceReader::resume(const std::string* stored) {
  const auto state = stored == nullptr ? std::nullopt : split_state(*stored);
  if (state) pipeline_.restore(state->second);
  source_.resume(state ? &state->first : nullptr);
}

void SourceReader::read_whole() {
  const ingest::Position nothing_yet = encode(ingest::FilePosition{});
  source_.resume(&nothing_yet);
}

bool SourceReader::poll(std::size_t budget) {
  sink_.look_at_clock();
  read_something_ = source_.poll(pipeline_, budget);
  if (draining_ && !drain_target_) {
    const ingest::SourceStatus status = source_.status();
    drain_target_ = status.bytes_total + status.backlog_bytes;
  }
  return read_something_;
}

std::string SourceReader::state() const {
  return join_state(source_.position(), pipeline_.format().save());
}

SourceReport SourceReader::report() {
  const ingest::SourceStatus status = source_.status();
  log_changes(status);
  const ingest::FormatCounts counts = pipeline_.counts();
  SourceReport report;
  report.key = key();
  report.problem = status.problem;
  exporters::SourceHealth& health = report.health;
  health.up = status.open;
  health.lines_total = counts.lines;
  health.bytes_total = status.bytes_total;
  health.backlog_bytes = status.backlog_bytes;
  health.last_event_us = sink_.last_event_us();
  health.last_late_us = sink_.last_late_us();
  if (status.backlog_bytes > 0 && health.last_event_us > 0) {
    health.backlog_seconds =
        static_cast<double>(std::max<std::int64_t>(clock_.unix_us() - health.last_event_us, 0)) / 1e6;
  }
  health.rotations_total = status.rotations_total;
  health.truncations_total = status.truncations_total;
  health.bytes_lost_total = status.bytes_lost_total;
  for (std::size_t i = 0; i < counts.unparsed.size(); ++i) {
    health.unparsed_total.emplace_back(ingest::name(static_cast<ingest::Unparsed>(i)), counts.unparsed[i]);
  }
  return report;
}

void SourceReader::log_changes(const ingest::SourceStatus& now) {
  if (now.problem != reported_.problem) {
    if (now.problem.empty()) {
      log_.info("source readable again", {{"source", key()}});
    } else {
      log_.warn("source unreadable", {{"source", key()}, {"problem", now.problem}});
    }
  }
  if (now.rotations_total > reported_.rotations_total) {
    log_.info("source rotated", {{"source", key()}, {"rotations_total", std::to_string(now.rotations_total)}});
  }
  if (now.truncations_total > reported_.truncations_total) {
    log_.info("source truncated", {{"source", key()}, {"truncations_total", std::to_string(now.truncations_total)}});
  }
  if (now.gaps_total > reported_.gaps_total) {
    log_.warn(
        "part of a source is gone before it was read",
        {{"source", key()}, {"bytes_known_lost", std::to_string(now.bytes_lost_total - reported_.bytes_lost_total)}});
  }
  reported_ = now;
}

void SourceReader::start_draining() {
  draining_ = true;
}

bool SourceReader::drained() const {
  return drain_target_ && (!read_something_ || source_.status().bytes_total >= *drain_target_);
}

}  // namespace dsnwatch::daemon
