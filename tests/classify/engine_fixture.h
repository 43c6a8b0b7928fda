#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"

namespace dsnwatch::core {

/// Two vendors, so that MX and mark can disagree.
inline std::shared_ptr<const Providers> two_providers() {
  const std::vector<ProviderSpec> specs = {{.id = "alpha",
                                            .title = "Alpha",
                                            .mx_suffixes = {"alpha.example"},
                                            .recipient_domains = {"alpha.test"},
                                            .reply_marks = {"alphamx"},
                                            .postmaster_url = {},
                                            .contact = {}},
                                           {.id = "beta",
                                            .title = "Beta",
                                            .mx_suffixes = {"beta.example"},
                                            .recipient_domains = {},
                                            .reply_marks = {},
                                            .postmaster_url = {},
                                            .contact = {}}};
  auto providers = Providers::build(specs, default_internal_networks());
  EXPECT_TRUE(providers.has_value()) << (providers ? "" : providers.error().message);
  return *providers;
}

inline RuleSpec rule(std::string id, Cause cause, std::string match) {
  RuleSpec spec;
  spec.id = std::move(id);
  spec.cause = cause;
  spec.match = std::move(match);
  return spec;
}

inline RuleSpec status_rule(std::string id, Cause cause, std::string status, bool decisive) {
  RuleSpec spec;
  spec.id = std::move(id);
  spec.cause = cause;
  spec.enhanced_code = {std::move(status)};
  spec.decisive = decisive;
  return spec;
}

inline RuleSpec code_rule(std::string id, Cause cause, std::string code) {
  RuleSpec spec;
  spec.id = std::move(id);
  spec.cause = cause;
  spec.reply_code = {std::move(code)};
  return spec;
}

inline std::shared_ptr<const RuleSet> compiled(std::vector<RuleSpec> specs, const Providers& providers) {
  auto rules = RuleSet::build(std::move(specs), providers);
  EXPECT_TRUE(rules.has_value()) << (rules ? "" : rules.error().message);
  return rules ? *rules : nullptr;
}

}  // namespace dsnwatch::core
