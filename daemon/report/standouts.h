#pragma once

#include <string>
#include <vector>

#include "daemon/report/report.h"

namespace dsnwatch::daemon {

/// What stands out beside the findings, one sentence each, printable: recipients tried again after a permanent
/// rejection, senders whose volume jumped together with its rejections.
std::vector<std::string> standouts(const Report& report);

/// The senders of which standouts() speaks.
std::vector<VolumeWatch::Jump> jumps(const Report& report);

}  // namespace dsnwatch::daemon
