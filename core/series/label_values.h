#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/attempt.h"
#include "core/enhanced_status.h"

namespace dsnwatch::core {

// Text from logs never becomes a label value: it is validated and brought into one form here, or it is not usable and
// counts under `other` (design section 5, hygiene). The functions below return false for text that is not usable; `out`
// is then unspecified. None throws on any bytes.

/// Domain name (RFC 1035, underscores allowed; IDNA A-labels for UTF-8, lower case, no final dot) or address literal
/// (RFC 5321 section 4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`).
bool normalise_domain(std::string_view text, std::string& out);

/// The domain behind the last @ of an address without angle brackets, normalised.
bool normalise_address_domain(std::string_view address, std::string& out);

/// IP address in the form of RFC 5952; an IPv4-mapped one as IPv4.
bool normalise_ip(std::string_view text, std::string& out);

/// As normalise_ip, but IPv6 as its network of 64 bits: `2001:db8:0:1::/64`.
bool normalise_client_ip(std::string_view text, std::string& out);

/// A host that logged: host name or IP address.
bool normalise_host(std::string_view text, std::string& out);

/// Pool, tenant, campaign, account: valid UTF-8 without control characters, at most 128 bytes, kept as it is.
bool normalise_stream(std::string_view text, std::string& out);

/// An IP address as 16 bytes, IPv4 as a mapped IPv6 address (RFC 4291 section 2.5.5.2).
using IpBytes = std::array<std::uint8_t, 16>;
std::optional<IpBytes> parse_ip(std::string_view text);

/// False for what the Internet does not route: private, loopback, link-local, shared (RFC 6598), multicast, reserved
/// and unspecified ones. Documentation ranges count as public.
bool is_public(const IpBytes& ip);

/// The number of the `enhanced_code` label (see SeriesKey::status): a code that is registered or known of a vendor,
/// else 5.other or 4.other. An absent one is X.0.0 from the reply code, else from the result.
std::uint32_t status_label(EnhancedStatus status, std::uint16_t smtp_code, AttemptResult result);

/// Appends a label value with backslash, quote and line feed escaped as the text exposition format demands.
void append_escaped(std::string& out, std::string_view value);

}  // namespace dsnwatch::core
