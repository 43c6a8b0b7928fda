#pragma once

#include <string>
#include <string_view>

namespace dsnwatch::daemon {

/// LMDB takes keys of 1 to 511 bytes; a source's key may be a path of 4,096. A key that does not fit is stored as a
/// short stand-in, and goes in front of its value.
struct StoredForm {
  std::string key;
  bool stand_in = false;
};
StoredForm stored_form(std::string_view key);

/// The value to store under a stand-in, and back. `unpack` is false for bytes that are no such value.
std::string pack_with_key(std::string_view key, std::string_view value);
bool unpack_with_key(std::string_view stored, std::string& key, std::string& value);

/// Whether a stored key is a stand-in.
bool is_stand_in(std::string_view stored_key);

}  // namespace dsnwatch::daemon
