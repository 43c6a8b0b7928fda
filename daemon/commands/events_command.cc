#include <unistd.h>

#include <cstdio>

#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/pipeline.h"
#include "daemon/reading.h"
#include "daemon/source_ip.h"
#include "daemon/time_window.h"
#include "exporters/events/json_line.h"
#include "ingest/source/read_all.h"

namespace dsnwatch::daemon {
namespace {

void say(const std::string& message) {
  std::fprintf(stderr, "dsnwatch events: %s\n", message.c_str());
}

CommandSpec events_spec() {
  CommandSpec spec = {"dsnwatch events [OPTION...] [FILE...]",
                      "Prints one JSON object per delivery attempt and refusal of mail logs (plain, .gz, .zst, - for "
                      "standard input)\non standard output, in the order of the input. The files may share queue ids.",
                      window_options()};
  for (OptionSpec& option : reading_options()) spec.options.push_back(std::move(option));
  return spec;
}

/// Writes events to standard output in large pieces: the sink of daemon/pipeline.h.
class EventSink {
 public:
  EventSink(std::shared_ptr<const core::Providers> providers, TimeWindow window)
      : writer_(std::move(providers)), window_(window) {
    out_.reserve(2 * kPiece);
  }

  void set_file(const std::string& path) { writer_.set_file(path); }

  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
    if (!window_.contains(attempt.time_us)) return;
    writer_.append(attempt, verdict, source_ip_of(attempt, verdict), out_);
    if (out_.size() >= kPiece) flush();
  }

  /// False once something could not be written.
  bool flush() {
    if (!failed_ && std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size()) failed_ = true;
    if (!failed_ && std::fflush(stdout) != 0) failed_ = true;
    out_.clear();
    return !failed_;
  }

 private:
  static constexpr std::size_t kPiece = 64u << 10;

  exporters::JsonLineWriter writer_;
  TimeWindow window_;
  std::string out_;
  bool failed_ = false;
};

/// Reads the files one after the other; a file that can't be read does not keep the others from being read.
int read_files(const Reading& reading, const TimeWindow& window, const std::vector<std::string>& files) {
  ingest::Correlator correlator({});
  core::Classifier classifier(reading.rules, reading.providers);
  EventSink sink(reading.providers, window);
  int status = kExitDone;
  for (const std::string& path : files) {
    auto format = reading.open_format(path);
    if (!format) {
      say(format.error().message);
      return kExitUsage;
    }
    sink.set_file(path);
    Pipeline<EventSink> pipeline(std::move(*format), correlator, classifier, sink);
    const auto done = ingest::read_all(path, pipeline);
    pipeline.finish();
    if (!sink.flush()) {
      say("standard output can't be written (is the disk full?)");
      return kExitFailed;
    }
    if (done) continue;
    say(done.error().message);
    status = kExitFailed;
  }
  return status;
}

}  // namespace

int events_command(const Arguments& args) {
  const auto options = parse_options(events_spec(), args);
  if (const int* status = std::get_if<int>(&options)) return *status;
  const auto& given = std::get<ParsedOptions>(options);
  std::vector<std::string> files = given.positional;
  if (files.empty()) {
    if (isatty(STDIN_FILENO) != 0) {
      say("name a log file, or - for standard input");
      return kExitUsage;
    }
    files.push_back("-");
  }
  const auto window = parse_window(given);
  if (!window) {
    say(window.error().message);
    return kExitUsage;
  }
  const auto reading = make_reading(given);
  if (!reading) {
    say(reading.error().message);
    return kExitUsage;
  }
  return read_files(*reading, *window, files);
}

}  // namespace dsnwatch::daemon
