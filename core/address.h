#pragma once

#include <cstring>
#include <string_view>

namespace dsnwatch::core {

/// What stands behind the last "@" of an address (RFC 5321 section 4.1.2: a quoted local part may hold others); empty
/// if there is none.
inline std::string_view domain_of(std::string_view address) {
  if (address.empty()) return {};
  const void* const at = memrchr(address.data(), '@', address.size());
  if (at == nullptr) return {};
  return address.substr(static_cast<std::size_t>(static_cast<const char*>(at) - address.data()) + 1);
}

/// What stands in front of it; all of the address if there is no "@".
inline std::string_view local_part_of(std::string_view address) {
  if (address.empty()) return {};
  const void* const at = memrchr(address.data(), '@', address.size());
  if (at == nullptr) return address;
  return address.substr(0, static_cast<std::size_t>(static_cast<const char*>(at) - address.data()));
}

}  // namespace dsnwatch::core
