#include "daemon/reading.h"

#include <charconv>
#include <utility>

#include "daemon/rule_loading.h"
#include "ingest/source/read_all.h"

namespace dsnwatch::daemon {
namespace {

core::Result<int> parse_year(const std::string& text) {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error != std::errc() || end != text.data() + text.size() || year < 1970 || year > 9999)
    return core::fail("--year: \"" + text + "\" is no year; give four digits, such as 2026");
  return year;
}

}  // namespace

core::Result<std::unique_ptr<ingest::Format>> Reading::open_format(const std::string& path) const {
  ingest::FormatSettings settings = {.time = time, .default_host = {}};
  settings.time.reference_us = ingest::reference_time_us(path);
  return ingest::make_format(format, std::move(settings));
}

std::vector<OptionSpec> reading_options() {
  return {{"timezone", "NAME", "zone of times that name none, such as Europe/Berlin (default: the system's)"},
          {"year", "YYYY", "year of the first line where times name none (default: from the file's own time)"},
          {"format-of-log", "NAME", "auto or postfix (default: auto)"},
          {"rules", "DIR", "further classification rules: a file or a directory of *.yaml"},
          {"providers", "FILE", "further providers, as `providers` in the configuration"}};
}

core::Result<Reading> make_reading(const ParsedOptions& options) {
  Reading reading;
  reading.format = options.value("format-of-log", "auto");
  reading.time.timezone = options.value("timezone");
  if (options.has("year")) {
    const core::Result<int> year = parse_year(options.value("year"));
    if (!year) return tl::unexpected(year.error());
    reading.time.year = *year;
  }
  auto providers = load_providers(options.value("providers"), core::default_internal_networks());
  if (!providers) return tl::unexpected(std::move(providers.error()).prefixed("--providers"));
  reading.providers = std::move(*providers);
  auto rules = load_rules(options.values("rules"), *reading.providers);
  if (!rules) return tl::unexpected(std::move(rules.error()).prefixed("--rules"));
  reading.rules = std::move(*rules);
  return reading;
}

}  // namespace dsnwatch::daemon
