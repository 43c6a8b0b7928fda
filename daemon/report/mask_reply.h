#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dsnwatch::daemon {

/// Longest masked reply, in bytes.
inline constexpr std::size_t kMaskedSize = 320;

/// What of the attempt may stand in the reply and must not be shown.
struct MaskHints {
  std::string_view recipient;  ///< Addresses; their local parts are masked where they stand alone.
  std::string_view sender;
};

/// Writes `reply` into `out` as an example that names nobody: addresses, IPs, host names, ids and long numbers become
/// <address>, <ip>, <host>, <id>, <n>, times of day or waits <time>, any other word in angle brackets <name>. Reply
/// codes, enhanced status codes, names of public block lists and links stay, links without what identifies a case.
/// White space is folded; `out` is valid UTF-8 without control characters, at most kMaskedSize bytes. Does not allocate
/// once `out` has its capacity.
void mask_reply(std::string_view reply, const MaskHints& hints, std::string& out);

}  // namespace dsnwatch::daemon
