#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/taxonomy.h"

namespace dsnwatch::core {

/// What to do about a cause. Static text; may hold placeholders in braces (see `RemedyValues`).
struct Remedy {
  std::string_view what;                   ///< What the refusal means, in one or two sentences.
  std::array<std::string_view, 3> checks;  ///< What to look at first, second and third.
  std::string_view fixer;                  ///< Who can change it.
  std::string_view recipient;              ///< What to do with the address.
  std::string_view traffic;                ///< What to do with the rest of the queue.
};

/// Any thread; the answer lives as long as the program.
const Remedy& remedy(Cause cause);

/// What a reply or the provider table gave for the placeholders {ip}, {reversed_ip}, {domain}, {list_zone} and {form}.
/// An empty value is printed as a word that says what belongs there ("IP", "DOMAIN").
struct RemedyValues {
  std::string_view ip;         ///< Our sending address; {reversed_ip} is derived from it.
  std::string_view domain;     ///< The sender domain that the reply is about.
  std::string_view list_zone;  ///< DNS zone of the block list: "zen.spamhaus.org".
  std::string_view form;       ///< Page or address where the provider takes requests.
};

/// `text` with its placeholders filled in.
std::string filled(std::string_view text, const RemedyValues& values);

/// The name under which a DNS list knows an address: "192.0.2.1" → "1.2.0.192", an IPv6 address as 32 nibbles
/// (RFC 5782 section 2). Empty for text that is no IP address.
std::string reversed_ip(std::string_view ip);

}  // namespace dsnwatch::core
