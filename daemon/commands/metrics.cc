#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/nearest_name.h"
#include "core/series/families.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "exporters/prometheus/health_catalogue.h"

namespace dsnwatch::daemon {
namespace {

using Labels = std::span<const std::string_view>;

struct Metric {
  std::string_view name, type, help;
  Labels labels, optional_labels;
};

std::vector<Metric> catalogue() {
  std::vector<Metric> metrics;
  for (int i = 0; i < core::kFamilyCount; ++i) {
    const core::FamilyInfo& family = core::info(static_cast<core::Family>(i));
    metrics.push_back({family.name, family.type, family.help, family.labels, family.optional_labels});
  }
  for (const exporters::HealthInfo& health : exporters::health_catalogue()) {
    metrics.push_back({health.name, health.type, health.help, health.labels, Labels()});
  }
  return metrics;
}

void print_text(const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics) {
    std::string line(metric.name);
    std::string_view before = "{";
    for (const std::string_view label : metric.labels) {
      line.append(before).append(label);
      before = ",";
    }
    for (const std::string_view label : metric.optional_labels) line.append("[,").append(label).append("]");
    if (!metric.labels.empty()) line += '}';
    line.append("  ").append(metric.type).append("\n    ").append(metric.help);
    std::puts(line.c_str());
  }
  std::puts("\nLabels in [] are there only if the configuration asks for them (labels).");
}

/// A JSON string; the catalogue's texts hold no control characters.
std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

std::string json_list(Labels labels) {
  std::string json = "[";
  for (const std::string_view label : labels) json += (json.size() > 1 ? ", " : "") + quoted(label);
  return json + "]";
}

void print_json(const std::vector<Metric>& metrics) {
  std::string json;
  for (const Metric& metric : metrics) {
    json += json.empty() ? "[" : ",";
    json += "\n  {\"name\": " + quoted(metric.name) + ", \"type\": " + quoted(metric.type) +
            ", \"labels\": " + json_list(metric.labels) +
            ", \"optional_labels\": " + json_list(metric.optional_labels) + ", \"help\": " + quoted(metric.help) + "}";
  }
  std::puts((json + "\n]").c_str());
}

CommandSpec metrics_spec() {
  return {"dsnwatch metrics list [OPTION...]",
          "Prints the catalogue of the metrics that /metrics serves: name, type, labels and help.",
          {{"format", "text|json", "how to print it (text)"}}};
}

int wrong_use(const std::string& problem) {
  std::fprintf(stderr, "dsnwatch metrics: %s\nTry 'dsnwatch metrics --help'.\n", problem.c_str());
  return kExitUsage;
}

}  // namespace

int metrics_command(const Arguments& args) {
  const std::variant<ParsedOptions, int> parsed = parse_options(metrics_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const ParsedOptions& options = std::get<ParsedOptions>(parsed);
  if (options.positional.empty()) return wrong_use("say what to do: list");
  if (options.positional.size() > 1) return wrong_use("unexpected argument \"" + options.positional[1] + "\"");
  if (const std::string& verb = options.positional[0]; verb != "list") {
    const std::vector<std::string> verbs = {"list"};
    return wrong_use("unknown action \"" + verb + "\"" + core::did_you_mean(verb, verbs));
  }
  const std::string format = options.value("format", "text");
  if (format == "json") {
    print_json(catalogue());
  } else if (format == "text") {
    print_text(catalogue());
  } else {
    const std::vector<std::string> formats = {"text", "json"};
    return wrong_use("unknown format \"" + format + "\"" + core::did_you_mean(format, formats));
  }
  return kExitDone;
}

}  // namespace dsnwatch::daemon
