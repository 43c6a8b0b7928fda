#include "daemon/source_ip.h"

#include "core/series/label_values.h"

namespace dsnwatch::daemon {

std::string_view source_ip_of(const core::Attempt& attempt, const core::Verdict& verdict) {
  if (!attempt.source_ip.empty()) return attempt.source_ip;
  const bool rejection = attempt.kind == core::Kind::kOutbound && (attempt.result == core::AttemptResult::kDeferred ||
                                                                   attempt.result == core::AttemptResult::kBounced);
  if (!rejection || verdict.ip.empty()) return {};
  const auto said = core::parse_ip(verdict.ip);
  return said && core::is_public(*said) && said != core::parse_ip(attempt.remote_ip) ? verdict.ip : std::string_view();
}

}  // namespace dsnwatch::daemon
