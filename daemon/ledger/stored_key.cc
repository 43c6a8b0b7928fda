#include "daemon/ledger/stored_key.h"

#include <cstdint>

#include "core/series/byte_order.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::size_t kLongest = 511;  // mdb_env_get_maxkeysize() of Debian's build.
constexpr char kMark = '\xff';
constexpr std::size_t kEndsKept = 200;

/// FNV-1a, 64 bits: the same in every process, unlike the seeded hash of the counters.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

StoredForm stored_form(std::string_view key) {
  if (!key.empty() && key.size() <= kLongest && key.front() != kMark) return {std::string(key), false};
  StoredForm form{std::string(1, kMark), true};
  core::append_little(form.key, stable_hash(key));
  form.key += key.substr(0, kEndsKept);
  if (key.size() > kEndsKept) form.key += key.substr(key.size() - kEndsKept);
  return form;
}

bool is_stand_in(std::string_view stored_key) {
  return !stored_key.empty() && stored_key.front() == kMark;
}

std::string pack_with_key(std::string_view key, std::string_view value) {
  std::string stored;
  core::append_little(stored, static_cast<std::uint32_t>(key.size()));
  return stored.append(key).append(value);
}

bool unpack_with_key(std::string_view stored, std::string& key, std::string& value) {
  if (stored.size() < 4) return false;
  const std::size_t length = core::read_little<std::uint32_t>(stored);
  stored.remove_prefix(4);
  if (length > stored.size()) return false;
  key.assign(stored.substr(0, length));
  value.assign(stored.substr(length));
  return true;
}

}  // namespace dsnwatch::daemon
