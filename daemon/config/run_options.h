#pragma once

#include <vector>

#include "daemon/commands/options.h"
#include "daemon/config/config.h"

namespace dsnwatch::daemon {

/// --config and the options that go over it.
std::vector<OptionSpec> run_options();

/// The configuration file, if one is named, with the options over it; FILEs replace its sources.
core::Result<Config> effective_config(const ParsedOptions& options);

}  // namespace dsnwatch::daemon
