#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/classify/rule_set.h"
#include "core/providers.h"

namespace dsnwatch::daemon {

/// What is wrong with compiled rules, one sentence each with file:line:column: a rule without an example, an example
/// that another rule wins. Empty if all is well. (What can't even be read or compiled is the error of the loading.)
std::vector<std::string> check_rules(const std::shared_ptr<const core::RuleSet>& rules,
                                     const std::shared_ptr<const core::Providers>& providers);

}  // namespace dsnwatch::daemon
