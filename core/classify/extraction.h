#pragma once

#include <string_view>

#include "core/classify/decision.h"
#include "core/classify/reading.h"
#include "core/classify/verdict.h"

namespace dsnwatch::core {

/// Fills in the verdict's values that stand in the text: our address, the domain, the link, the vendor's code, the
/// list, the wait. The deciding rule's own patterns come first, then general ones. `remote_ip` is the other side's
/// address and never taken for ours. The views point into the reading's text and are printable ASCII.
void extract(const Reading& reading, const Decision& decision, std::string_view remote_ip, PatternScratch& scratch,
             Verdict& verdict);

/// The wait that a normalised text asks for, in seconds ("try again in 5 minutes", "retry after 00:05:00"); -1: none.
std::int32_t find_wait(std::string_view folded);

/// The first public IP address in a normalised text that is not `remote_ip`; empty if there is none.
std::string_view find_ip(const NormalReply& reply, std::string_view remote_ip);

/// The domain that a normalised text names as the sender's; empty if there is none.
std::string_view find_domain(std::string_view folded);

}  // namespace dsnwatch::core
