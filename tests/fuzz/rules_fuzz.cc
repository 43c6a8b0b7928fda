// An operator's YAML of rules or providers: read, and compiled if it can be read; every error says something.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/classify/rule_set.h"
#include "daemon/rules_file/rules_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace core = dsnwatch::core;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto specs = dsnwatch::daemon::read_providers(text, "fuzz.yaml");
  if (!specs && specs.error().message.empty()) std::abort();
  auto rules = dsnwatch::daemon::read_rules(text, "fuzz.yaml");
  if (!rules) {
    if (rules.error().message.empty()) std::abort();
    return 0;
  }
  const auto providers = core::Providers::build({}, core::default_internal_networks());
  const auto compiled = core::RuleSet::build(*rules, **providers);
  if (!compiled && compiled.error().message.empty()) std::abort();
  return 0;
}
