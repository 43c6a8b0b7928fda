#pragma once

#include <vector>

#include "core/classify/rule_set.h"

namespace dsnwatch::core {

struct RuleSet::Impl {
  std::vector<RuleSpec> specs;
};

}  // namespace dsnwatch::core
