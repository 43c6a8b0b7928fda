#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/classify/rule_set.h"
#include "core/providers.h"
#include "core/result.h"
#include "daemon/commands/options.h"
#include "ingest/format/format.h"

namespace dsnwatch::daemon {

/// How `report` and `events` read logs: what their common options say.
struct Reading {
  std::string format = "auto";
  ingest::TimeSettings time;
  std::shared_ptr<const core::RuleSet> rules;
  std::shared_ptr<const core::Providers> providers;

  /// A reader for one input (a path or "-"), whose own time stands in for the year that stamps lack.
  core::Result<std::unique_ptr<ingest::Format>> open_format(const std::string& path) const;
};

/// --timezone, --year, --format-of-log, --rules, --providers.
std::vector<OptionSpec> reading_options();

/// Checks the values and compiles the rules, the shipped ones and those of --rules, where the same id replaces a
/// shipped one.
core::Result<Reading> make_reading(const ParsedOptions& options);

}  // namespace dsnwatch::daemon
