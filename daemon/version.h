#pragma once

#include <string_view>

namespace dsnwatch::daemon {

/// "0.1.0"
std::string_view version();

}  // namespace dsnwatch::daemon
