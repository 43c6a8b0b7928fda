#pragma once

#include <string>
#include <string_view>

#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::exporters {

/// Appends the object of `classify --json` (design section 6) and a newline. Every key is there, null where nothing is
/// known. The output is valid UTF-8 whatever the text holds.
void append_verdict_json(std::string_view text, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out);

}  // namespace dsnwatch::exporters
