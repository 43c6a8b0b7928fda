#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/classify/rule_spec.h"
#include "core/result.h"

namespace dsnwatch::daemon {

/// Reads one YAML file of rules (design section 7). Unknown and duplicate keys, unknown causes and wrong types are
/// errors with file:line:column and the nearest valid name. `text` is the file's content, `file` its name for messages.
core::Result<std::vector<core::RuleSpec>> read_rules(std::string_view text, const std::string& file);

/// Every *.yaml of a directory, or one file, in the order of the names.
core::Result<std::vector<core::RuleSpec>> read_rules_path(const std::string& path);

core::Result<std::vector<core::ProviderSpec>> read_providers(std::string_view text, const std::string& file);
core::Result<std::vector<core::ProviderSpec>> read_providers_path(const std::string& path);

}  // namespace dsnwatch::daemon
