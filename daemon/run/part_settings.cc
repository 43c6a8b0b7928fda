#include "daemon/run/part_settings.h"

namespace dsnwatch::daemon {

core::SeriesSettings series_settings(const Config& config) {
  core::SeriesSettings settings;
  settings.domains = config.limits.domains;
  settings.sender_domains = config.limits.sender_domains;
  settings.source_ips = config.limits.source_ips;
  settings.streams = config.limits.streams;
  settings.client_ips = config.limits.client_ips;
  settings.hosts = config.limits.hosts;
  settings.series_per_family = config.limits.series_per_family;
  settings.birth_hold_ms = config.birth_hold_ms;
  return settings;
}

std::shared_ptr<const core::TallySettings> tally_settings(const Config& config) {
  auto settings = std::make_shared<core::TallySettings>();
  settings->stream = config.labels.stream;
  settings->host = config.labels.host;
  settings->inbound_client_ip = config.labels.inbound_client_ip;
  settings->source_networks = parsed_networks(config.source_ips.networks);
  settings->service_ips = config.source_ips.services;
  settings->nat = config.source_ips.nat;
  return settings;
}

std::vector<core::IpNetwork> parsed_networks(const std::vector<std::string>& networks) {
  std::vector<core::IpNetwork> parsed;
  for (const std::string& text : networks) {
    if (const auto network = core::IpNetwork::parse(text)) parsed.push_back(*network);
  }
  return parsed;
}

}  // namespace dsnwatch::daemon
