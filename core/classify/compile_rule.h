#pragma once

#include "core/classify/required_literals.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

/// A rule ready to run, and the literals of which one must stand in a reply before it is tried.
struct RuleWithLiterals {
  CompiledRule rule;
  RequiredLiterals literals;
  bool word = false;  ///< The literal counts as a whole word only (a vendor code without a pattern).
};

/// Checks and compiles one rule; `spec` must outlive it. The error names file:line:column.
Result<RuleWithLiterals> compile_rule(const RuleSpec& spec, const Providers& providers);

/// "file:line:column: ", or an empty text for a rule that was not read from a file.
std::string place_of(const RuleSpec& spec);

}  // namespace dsnwatch::core
