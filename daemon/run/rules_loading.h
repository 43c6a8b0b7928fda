#pragma once

#include <memory>

#include "core/classify/rule_set.h"
#include "core/providers.h"
#include "daemon/config/config.h"

namespace dsnwatch::daemon {

/// The shipped providers with the user's over them, and the configured internal networks.
core::Result<std::shared_ptr<const core::Providers>> load_providers(const Config& config);

/// The shipped rules with the user's over them (the same id replaces), compiled. Also for a reload.
core::Result<std::shared_ptr<const core::RuleSet>> load_rules(const Config& config, const core::Providers& providers);

}  // namespace dsnwatch::daemon
