#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/pipeline.h"
#include "daemon/reading.h"
#include "daemon/report/progress_bar.h"
#include "daemon/report/render.h"
#include "daemon/report/report_sink.h"
#include "daemon/time_window.h"
#include "ingest/source/read_all.h"

namespace dsnwatch::daemon {
namespace {

using Render = void (*)(const Report&, const RenderOptions&, std::ostream&);

struct Settings {
  Reading reading;
  Render render = render_text;
  RenderOptions rendering;
  TimeWindow window;
  std::vector<std::string> files;
};

void say(const std::string& message) {
  std::fprintf(stderr, "dsnwatch report: %s\n", message.c_str());
}

CommandSpec report_spec() {
  CommandSpec spec = {
      "dsnwatch report [OPTION...] [FILE...]",
      "Reads mail logs to the end (plain, .gz, .zst, - for standard input) in the order given, oldest first, and "
      "prints "
      "who\nrejects what, why, since when and what to do about it. The files may share queue ids.",
      {{"format", "NAME", "text, json or markdown (default: text)"},
       {"top", "N", "rows of each list (default: 10, in JSON all)"}}};
  for (OptionSpec& option : window_options()) spec.options.push_back(std::move(option));
  for (OptionSpec& option : reading_options()) spec.options.push_back(std::move(option));
  return spec;
}

core::Result<Render> parse_format(const std::string& name) {
  if (name == "text") return render_text;
  if (name == "json") return render_json;
  if (name == "markdown") return render_markdown;
  return core::fail("--format: \"" + name + "\" is unknown; it is text, json or markdown");
}

core::Result<std::size_t> parse_top(const std::string& text) {
  std::size_t top = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), top);
  if (error != std::errc() || end != text.data() + text.size() || top == 0)
    return core::fail("--top: \"" + text + "\" is no number of rows; give 1 or more");
  return top;
}

bool wants_color() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr &&
         !(terminal != nullptr && std::string_view(terminal) == "dumb");
}

core::Result<Settings> make_settings(const ParsedOptions& options) {
  Settings settings;
  settings.files = options.positional;
  if (settings.files.empty()) {
    if (isatty(STDIN_FILENO) != 0) return core::fail("name a log file, or - for standard input");
    settings.files.push_back("-");
  }
  const auto render = parse_format(options.value("format", "text"));
  if (!render) return tl::unexpected(render.error());
  settings.render = *render;
  if (options.has("top")) {
    const auto top = parse_top(options.value("top"));
    if (!top) return tl::unexpected(top.error());
    settings.rendering.top = *top;
  }
  settings.rendering.color = wants_color();
  const auto window = parse_window(options);
  if (!window) return tl::unexpected(window.error());
  settings.window = *window;
  auto reading = make_reading(options);
  if (!reading) return tl::unexpected(reading.error());
  settings.reading = std::move(*reading);
  return settings;
}

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

/// Reads the files, which share queue ids, one after the other into one report.
class Reader {
 public:
  explicit Reader(const Settings& settings)
      : settings_(settings),
        report(settings.reading.providers),
        sink_(report, settings.window),
        correlator_({.keep_message_ids = false}),
        classifier_(settings.reading.rules, settings.reading.providers),
        progress_(isatty(STDERR_FILENO) != 0) {}

  /// The exit status so far: a file that can't be read does not keep the others from being read.
  int read(const std::string& path) {
    auto format = settings_.reading.open_format(path);
    if (!format) {
      say(format.error().message);
      return kExitUsage;
    }
    Pipeline<ReportSink> pipeline(std::move(*format), correlator_, classifier_, sink_);
    CountedBlocks blocks(pipeline);
    const auto done =
        ingest::read_all(path, blocks, {[&](const ingest::ReadProgress& so_far) { progress_.show(path, so_far); }});
    pipeline.finish();
    progress_.clear();
    const ingest::FormatCounts& counts = pipeline.format().counts();
    report.lines += counts.lines;
    report.bytes += blocks.bytes;
    for (const std::uint64_t unparsed : counts.unparsed) report.unparsed += unparsed;
    note_order(path);
    if (done) return kExitDone;
    say(done.error().message);
    return kExitFailed;
  }

 private:
  /// Queue ids are learnt from earlier lines, so files in reverse order lose senders.
  void note_order(const std::string& path) {
    const ReportSink::Span span = sink_.take_span();
    if (span.first_us == core::kNoTime) return;
    if (!last_path_.empty() && span.last_us < last_span_.first_us)
      say("note: " + path + " is older than " + last_path_ + ", named before it; name the oldest file first");
    last_span_ = span;
    last_path_ = path;
  }

  const Settings& settings_;

 public:
  Report report;

 private:
  ReportSink sink_;
  ingest::Correlator correlator_;
  core::Classifier classifier_;
  ProgressBar progress_;
  ReportSink::Span last_span_;
  std::string last_path_;
};

void note_limits(const Report& report) {
  for (const NamedList& list : kLists) {
    const std::uint64_t overflowed = (report.*list.rows).overflowed();
    if (overflowed == 0) continue;
    say("note: more than " + std::to_string(kMostRows) + " " + std::string(list.name) + ": " +
        std::to_string(overflowed) + " records are counted under \"other\"");
  }
  if (report.lines > 0 && report.attempts.attempts() + report.attempts.expired + report.inbound.attempts() == 0)
    say("note: no delivery was found in " + std::to_string(report.lines) +
        " lines; is it a mail log of a known format?");
}

}  // namespace

int report_command(const Arguments& args) {
  const auto options = parse_options(report_spec(), args);
  if (const int* status = std::get_if<int>(&options)) return *status;
  const auto settings = make_settings(std::get<ParsedOptions>(options));
  if (!settings) {
    say(settings.error().message);
    return kExitUsage;
  }
  Reader reader(*settings);
  int status = kExitDone;
  for (const std::string& path : settings->files) {
    const int file_status = reader.read(path);
    if (file_status == kExitUsage) return kExitUsage;
    if (file_status != kExitDone) status = file_status;
  }
  note_limits(reader.report);
  settings->render(reader.report, settings->rendering, std::cout);
  if (!std::cout.flush()) {
    say("standard output can't be written (is the disk full?)");
    return kExitFailed;
  }
  return status;
}

}  // namespace dsnwatch::daemon
