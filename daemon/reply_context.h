#pragma once

#include "core/classify/rule_spec.h"
#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::daemon {

/// A reply with its hints as the classifier wants it: the provider from its id, else by remote host, else by recipient
/// domain; a hint that nobody knows counts as none. The views point into `reply`.
core::ReplyContext context_of(const core::RuleExample& reply, const core::Providers& providers);

}  // namespace dsnwatch::daemon
