#pragma once

#include <string_view>

namespace dsnwatch::exporters {

/// True if an Accept-Encoding header (RFC 9110 section 12.5.3) allows gzip, by name or by "*", with a quality above 0
/// that is not below the one it gives to an unencoded answer. A header that can't be read allows nothing.
bool prefers_gzip(std::string_view accept_encoding);

}  // namespace dsnwatch::exporters
