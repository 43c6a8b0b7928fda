#pragma once

#include <string>
#include <string_view>

#include "core/classify/verdict.h"
#include "core/providers.h"
#include "core/remedies.h"

namespace dsnwatch::daemon {

/// One line of JSON with the keys of design section 6, all of them; what is not known is null. Valid UTF-8 whatever the
/// reply holds.
void append_verdict_json(std::string_view reply, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out);

/// A short text for people: the cause, what it means, what to check with commands that carry the values of the reply.
void append_verdict_text(std::string_view reply, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out);

/// The remedy of a cause, indented, its placeholders filled with the values.
void append_remedy(core::Cause cause, const core::RemedyValues& values, std::string& out);

}  // namespace dsnwatch::daemon
