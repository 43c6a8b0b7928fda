#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dsnwatch::exporters {

/// `text` as one gzip member (RFC 1952), packed at zlib's fastest level: expositions repeat themselves so much that a
/// higher one only costs time. Nothing if zlib gets no memory.
std::optional<std::string> gzip(std::string_view text);

}  // namespace dsnwatch::exporters
