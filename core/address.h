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

}  // namespace dsnwatch::core
