#pragma once

#include <string_view>

#include "core/attempt.h"
#include "core/classify/verdict.h"

namespace dsnwatch::daemon {

/// The IP that our side sent from, where no configuration tells it: logged, else for rejections the one that the reply
/// names, unless it is the remote's own or none of the Internet's. Empty if nothing tells it.
std::string_view source_ip_of(const core::Attempt& attempt, const core::Verdict& verdict);

}  // namespace dsnwatch::daemon
