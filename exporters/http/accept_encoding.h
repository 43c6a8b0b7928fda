#pragma once

#include <string_view>

namespace dsnwatch::exporters {

/// True if an Accept-Encoding header (RFC 9110 section 12.5.3) allows gzip: named or by "*", with a quality above 0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace dsnwatch::exporters
