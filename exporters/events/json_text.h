#pragma once

#include <string>
#include <string_view>

namespace dsnwatch::exporters {

/// Appends `text` as a JSON string in quotes: quotes, backslashes and control characters escaped, every byte that is no
/// part of valid UTF-8 (RFC 3629) as U+FFFD.
void append_json_string(std::string_view text, std::string& out);

}  // namespace dsnwatch::exporters
