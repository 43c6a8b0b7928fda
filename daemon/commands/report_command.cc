#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "core/nearest_name.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/reading.h"
#include "daemon/report/comparison.h"
#include "daemon/report/evidence.h"
#include "daemon/report/log_reader.h"
#include "daemon/report/render.h"
#include "daemon/report/report_sink.h"
#include "daemon/report/rule_skeletons.h"
#include "daemon/rule_loading.h"
#include "daemon/time_window.h"

namespace dsnwatch::daemon {
namespace {

using Render = void (*)(const Report&, const RenderOptions&, std::ostream&);

struct Settings {
  Reading reading;
  Render render = render_text;
  RenderOptions rendering;
  TimeWindow window;
  std::vector<std::string> files;
  // Instead of the report, at most one of these:
  bool unclassified = false;
  std::shared_ptr<const core::RuleSet> compare;
  std::optional<core::ProviderId> evidence;
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
       {"top", "N", "rows of each list (default: 10, in JSON all)"},
       {"unclassified", "",
        "instead: the replies that no rule knows, as rules (YAML) whose causes are to be filled in"},
       {"evidence", "PROVIDER", "instead: what that provider's postmaster will ask for, ready to paste"},
       {"compare", "DIR", "instead: which verdicts would change if these rules were added (as with --rules)"}}};
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

core::Result<core::ProviderId> parse_provider(const std::string& name, const core::Providers& providers) {
  const core::ProviderId provider = providers.find(name);
  if (provider != core::kNoProvider) return provider;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < providers.size(); ++i) names.push_back(providers.id(static_cast<core::ProviderId>(i)));
  const std::string nearest = core::did_you_mean(name, names);
  return core::fail("--evidence: there is no provider \"" + name + "\"" +
                    (nearest.empty() ? "; the report's list of providers names those of this log" : nearest));
}

/// What is printed instead of the report.
core::Result<void> choose_output(const ParsedOptions& options, Settings& settings) {
  if (options.has("unclassified") + options.has("evidence") + options.has("compare") == 0) return {};
  if (options.has("unclassified") + options.has("evidence") + options.has("compare") > 1)
    return core::fail("--unclassified, --evidence and --compare exclude each other");
  if (options.value("format", "text") == "json")
    return core::fail("--format json is for the report itself, which holds the unclassified replies as well");
  settings.unclassified = options.has("unclassified");
  if (options.has("evidence")) {
    const auto provider = parse_provider(options.value("evidence"), *settings.reading.providers);
    if (!provider) return tl::unexpected(provider.error());
    settings.evidence = *provider;
  }
  if (options.has("compare")) {
    std::vector<std::string> paths = options.values("rules");
    for (const std::string& path : options.values("compare")) paths.push_back(path);
    auto rules = load_rules(paths, *settings.reading.providers);
    if (!rules) return tl::unexpected(std::move(rules.error()).prefixed("--compare"));
    settings.compare = std::move(*rules);
  }
  return {};
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
  if (const auto chosen = choose_output(options, settings); !chosen) return tl::unexpected(chosen.error());
  return settings;
}

/// Queue ids are learnt from earlier lines, so files in reverse order lose senders.
class FileOrder {
 public:
  void note(const std::string& path, const ReportSink::Span& span) {
    if (span.first_us == core::kNoTime) return;
    if (!last_path_.empty() && span.last_us < last_span_.first_us)
      say("note: " + path + " is older than " + last_path_ + ", named before it; name the oldest file first");
    last_span_ = span;
    last_path_ = path;
  }

 private:
  ReportSink::Span last_span_;
  std::string last_path_;
};

/// Reads all files into a sink; a file that can't be read does not keep the others from being read. The exit status so
/// far.
template <class Sink, class AfterFile>
int read_files(LogReader<Sink>& reader, const std::vector<std::string>& files, AfterFile after) {
  int status = kExitDone;
  for (const std::string& path : files) {
    const auto done = reader.read(path);
    after(path);
    if (done.result) continue;
    say(done.result.error().message);
    if (done.unknown_format) return kExitUsage;
    status = kExitFailed;
  }
  return status;
}

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

int finish(int status) {
  if (std::cout.flush()) return status;
  say("standard output can't be written (is the disk full?)");
  return kExitFailed;
}

int print_evidence(const Settings& settings) {
  Evidence evidence(*settings.evidence, settings.reading.providers, settings.window);
  LogReader<Evidence> reader(settings.reading, evidence);
  const int status = read_files(reader, settings.files, [](const std::string&) {});
  if (status == kExitUsage) return status;
  evidence.write(settings.rendering.top == 0 ? kUsualTop : settings.rendering.top, std::cout);
  return finish(status);
}

int print_comparison(const Settings& settings) {
  Comparison comparison(settings.compare, settings.reading.providers, settings.window);
  LogReader<Comparison> reader(settings.reading, comparison);
  const int status = read_files(reader, settings.files, [](const std::string&) {});
  if (status == kExitUsage) return status;
  comparison.write(settings.rendering.top, std::cout);
  return finish(status);
}

int print_skeletons(const Settings& settings, const Report& report) {
  const auto skeletons = rule_skeletons(report.unclassified, settings.rendering.top, settings.reading.rules->specs(),
                                        settings.reading.providers);
  if (!skeletons) {
    say(skeletons.error().message);
    return kExitFailed;
  }
  std::cout << *skeletons;
  return kExitDone;
}

int print_report(const Settings& settings) {
  Report report(settings.reading.providers);
  ReportSink sink(report, settings.window);
  LogReader<ReportSink> reader(settings.reading, sink);
  FileOrder order;
  int status = read_files(reader, settings.files, [&](const std::string& path) { order.note(path, sink.take_span()); });
  if (status == kExitUsage) return status;
  report.lines = reader.lines;
  report.bytes = reader.bytes;
  report.unparsed = reader.unparsed;
  note_limits(report);
  if (settings.unclassified) {
    status = std::max(status, print_skeletons(settings, report));
  } else {
    settings.render(report, settings.rendering, std::cout);
  }
  return finish(status);
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
  if (settings->evidence) return print_evidence(*settings);
  if (settings->compare) return print_comparison(*settings);
  return print_report(*settings);
}

}  // namespace dsnwatch::daemon
