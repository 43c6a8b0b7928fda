#pragma once

#include <cstddef>
#include <string>

namespace dsnwatch::daemon {

/// Makes text from a log fit for a terminal and for JSON: each byte that is no part of valid UTF-8 (RFC 3629) and each
/// control character (C0, DEL, C1) becomes '?'. Never longer than before.
void make_printable(std::string& text);

/// Cuts valid UTF-8 to at most `size` bytes, "..." included, at a character.
void cut_to(std::string& text, std::size_t size);

}  // namespace dsnwatch::daemon
