#pragma once

#include <memory>

#include "core/series/series_store.h"
#include "core/series/tally.h"
#include "daemon/config/config.h"

namespace dsnwatch::daemon {

// The settings of the parts, as the configuration says. Networks and addresses were checked when it was read.
core::SeriesSettings series_settings(const Config& config);
std::shared_ptr<const core::TallySettings> tally_settings(const Config& config);
std::vector<core::IpNetwork> parsed_networks(const std::vector<std::string>& networks);

}  // namespace dsnwatch::daemon
