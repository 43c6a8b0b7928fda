#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/classify/rule_spec.h"
#include "core/providers.h"
#include "core/result.h"

namespace dsnwatch::core {

/// Compiled rules: one index of required literals, patterns to confirm. Immutable, shared by all workers.
class RuleSet {
 public:
  /// Compiles; the error of a bad rule names its file:line:column. The answer of the set does not depend on the order
  /// of the specs.
  static Result<std::shared_ptr<const RuleSet>> build(std::vector<RuleSpec> specs, const Providers& providers);
  ~RuleSet();

  std::span<const RuleSpec> specs() const;
  std::size_t table_bytes() const;                   ///< Memory of the literals' index.
  std::vector<std::string> without_literal() const;  ///< Ids of rules that no literal guards.

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit RuleSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::core
