#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/classify/rule_spec.h"
#include "core/providers.h"
#include "core/result.h"
#include "daemon/unclassified_replies.h"

namespace dsnwatch::daemon {

/// Rules for the most frequent unclassified replies, as YAML whose causes are to be filled in: then `rules check`
/// accepts it, since each pattern was tried together with `rules`. At most `top` of them, 0 for all.
core::Result<std::string> rule_skeletons(const UnclassifiedReplies& replies, std::size_t top,
                                         std::span<const core::RuleSpec> rules,
                                         const std::shared_ptr<const core::Providers>& providers);

}  // namespace dsnwatch::daemon
