#include "daemon/rule_loading.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/rules_file/rules_file.h"

namespace dsnwatch::daemon {
namespace {

/// Puts `own` behind `all`; what has the same id goes.
template <class Spec>
void replace_by_id(std::vector<Spec>& all, std::vector<Spec> own) {
  std::erase_if(all, [&](const Spec& spec) {
    return std::any_of(own.begin(), own.end(), [&](const Spec& other) { return other.id == spec.id; });
  });
  std::move(own.begin(), own.end(), std::back_inserter(all));
}

}  // namespace

core::Result<std::vector<core::RuleSpec>> merged_rules(const std::vector<std::string>& paths) {
  std::vector<core::RuleSpec> rules = core::shipped_rules();
  for (const std::string& path : paths) {
    auto own = read_rules_path(path);
    if (!own) return tl::unexpected(std::move(own).error());
    replace_by_id(rules, std::move(*own));
  }
  return rules;
}

core::Result<std::shared_ptr<const core::RuleSet>> load_rules(const std::vector<std::string>& paths,
                                                              const core::Providers& providers) {
  auto specs = merged_rules(paths);
  if (!specs) return tl::unexpected(std::move(specs).error());
  return core::RuleSet::build(std::move(*specs), providers);
}

core::Result<std::shared_ptr<const core::Providers>> load_providers(const std::string& path,
                                                                    std::vector<core::IpNetwork> internal_networks,
                                                                    const core::Providers* earlier) {
  std::vector<core::ProviderSpec> specs = core::shipped_providers();
  if (!path.empty()) {
    auto own = read_providers_path(path);
    if (!own) return tl::unexpected(std::move(own).error());
    replace_by_id(specs, std::move(*own));
  }
  return core::Providers::build(specs, std::move(internal_networks), earlier);
}

}  // namespace dsnwatch::daemon
