#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/attempt.h"
#include "core/provider.h"
#include "core/result.h"

namespace dsnwatch::core {

/// One provider as `core/providers.yaml` (or a user's file) states it.
struct ProviderSpec {
  std::string id;                              ///< "google"
  std::string title;                           ///< "Google (Gmail and Workspace)"
  std::vector<std::string> mx_suffixes;        ///< Whole labels, lower case: "google.com" matches "aspmx.l.google.com".
  std::vector<std::string> recipient_domains;  ///< Exact, lower case.
  std::vector<std::string> reply_marks;        ///< Literals in a reply that name the vendor: "gsmtp".
  std::string postmaster_url;
  std::string contact;  ///< Form or address to write to.
};

/// An IP address as 16 bytes, IPv4 as a mapped IPv6 address (RFC 4291 section 2.5.5.2).
struct IpAddress {
  std::uint8_t bytes[16] = {};
  bool v4 = false;
  static std::optional<IpAddress> parse(std::string_view text);
};

/// An IP network in CIDR form, IPv4 or IPv6.
struct IpNetwork {
  IpAddress address;
  int prefix = 0;  ///< Of the 128 bits.
  static Result<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& ip) const;
  bool contains(std::string_view ip) const;  ///< False for text that is no IP address.
};

/// Loopback, RFC 1918, ULA (RFC 4193) and link-local: the default of `internal_networks`.
std::vector<IpNetwork> default_internal_networks();

/// Who operates the receiving MX. Immutable after construction; any thread. Lookups do not allocate.
class Providers {
 public:
  /// `internal_networks`: relays within these are provider `internal`. `earlier`: providers that are being replaced;
  /// who was there keeps its number, and one that is gone keeps number and name but is found by nothing any more, since
  /// counts and waiting recipients in memory are kept by number.
  static Result<std::shared_ptr<const Providers>> build(std::span<const ProviderSpec> specs,
                                                        std::vector<IpNetwork> internal_networks,
                                                        const Providers* earlier = nullptr);
  ~Providers();

  std::size_t size() const;
  std::string_view id(ProviderId provider) const;       ///< "google"; "other" for an unknown number.
  const ProviderSpec* spec(ProviderId provider) const;  ///< nullptr for other and internal.
  ProviderId find(std::string_view id) const;           ///< kNoProvider if there is none.

  /// Longest matching suffix of whole labels, case-insensitive, a final dot ignored; kOtherProvider if none.
  ProviderId by_mx(std::string_view host) const;
  ProviderId by_recipient_domain(std::string_view domain) const;

  /// The provider of an attempt before its reply is read (design section 2): internal for local transports and inner
  /// networks, else by MX host, else by recipient domain, else other.
  ProviderId of(const Attempt& attempt) const;

 private:
  /// The same for a server alone: internal, by MX host, or other.
  ProviderId of_server(std::string_view host, std::string_view ip) const;

  struct Impl;
  explicit Providers(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::core
