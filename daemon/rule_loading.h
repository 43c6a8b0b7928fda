#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/classify/rule_set.h"
#include "core/providers.h"
#include "core/result.h"

namespace dsnwatch::daemon {

/// The shipped rules and those of the paths (files, or folders of *.yaml): the same id replaces an earlier rule.
core::Result<std::vector<core::RuleSpec>> merged_rules(const std::vector<std::string>& paths);

/// The same, compiled.
core::Result<std::shared_ptr<const core::RuleSet>> load_rules(const std::vector<std::string>& paths,
                                                              const core::Providers& providers);

/// The shipped providers and those of `path` (empty: none), where the same id replaces a shipped one. `earlier`: as in
/// Providers::build().
core::Result<std::shared_ptr<const core::Providers>> load_providers(const std::string& path,
                                                                    std::vector<core::IpNetwork> internal_networks,
                                                                    const core::Providers* earlier = nullptr);

/// Rules and the providers that they were compiled with: one does not go without the other.
struct Knowledge {
  std::shared_ptr<const core::Providers> providers;
  std::shared_ptr<const core::RuleSet> rules;
};

}  // namespace dsnwatch::daemon
