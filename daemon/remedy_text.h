#pragma once

#include <string>
#include <string_view>

#include "core/remedies.h"
#include "core/taxonomy.h"

namespace dsnwatch::daemon {

/// The remedy of a cause for a person to read, one thought a line, each line behind `indent`: what it means, what to
/// check first, second and third, who can change it, what to do with the recipient and with the traffic.
std::string remedy_text(core::Cause cause, const core::RemedyValues& values, std::string_view indent);

}  // namespace dsnwatch::daemon
