#include "core/series/source_address.h"

#include <algorithm>

#include "core/series/label_values.h"

namespace dsnwatch::core {

SourceAddress::SourceAddress(const TallySettings& settings) : networks_(settings.source_networks) {
  services_.insert(settings.service_ips.begin(), settings.service_ips.end());
  std::string inner, outer;
  for (const auto& [from, to] : settings.nat) {
    if (normalise_ip(from, inner) && normalise_ip(to, outer)) nat_.insert_or_assign(inner, outer);
  }
}

std::uint32_t SourceAddress::find(const Attempt& attempt, const Verdict& verdict, bool rejection,
                                  ValueInterner& values) const {
  std::string_view address = attempt.source_ip;
  if (address.empty() && !services_.empty()) {
    const auto service = services_.find(attempt.service);
    if (service != services_.end()) address = service->second;
  }
  if (address.empty() && rejection && !verdict.ip.empty() && believable(verdict.ip, attempt.remote_ip)) {
    address = verdict.ip;
  }
  if (address.empty()) return kUnknownValue;
  return values.intern(address, [this](std::string_view text, std::string& out) { return outer(text, out); });
}

bool SourceAddress::believable(std::string_view ip, std::string_view remote_ip) const {
  const auto bytes = parse_ip(ip);
  if (!bytes || bytes == parse_ip(remote_ip)) return false;
  if (networks_.empty()) return is_public(*bytes);
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const IpNetwork& network) { return network.contains(ip); });
}

bool SourceAddress::outer(std::string_view text, std::string& out) const {
  if (!normalise_ip(text, out)) return false;
  const auto translated = nat_.find(std::string_view(out));
  if (translated != nat_.end()) out = translated->second;
  return true;
}

}  // namespace dsnwatch::core
