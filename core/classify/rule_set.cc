#include "core/classify/rule_set.h"

#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {

RuleSet::RuleSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleSet::~RuleSet() = default;

Result<std::shared_ptr<const RuleSet>> RuleSet::build(std::vector<RuleSpec> specs, const Providers&) {
  auto impl = std::make_unique<Impl>();
  impl->specs = std::move(specs);
  return std::shared_ptr<const RuleSet>(new RuleSet(std::move(impl)));
}

std::span<const RuleSpec> RuleSet::specs() const {
  return impl_->specs;
}

std::size_t RuleSet::table_bytes() const {
  return 0;
}

std::vector<std::string> RuleSet::without_literal() const {
  return {};
}

}  // namespace dsnwatch::core
