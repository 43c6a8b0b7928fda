#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/ascii.h"
#include "core/name_endings.h"
#include "core/provider.h"

namespace dsnwatch::core {

/// Providers by domain name in lower case. Most names asked for are not in it, which the last bytes of nearly all tell.
/// For others a few bits say so on one pass over the name, from its end to its begin: the hash of each suffix of whole
/// labels is met on the way, and the pass ends where no name goes on behind it, for most names after two labels.
class NameMap {
 public:
  /// The provider that the name has now, and whether this call gave it.
  std::pair<ProviderId, bool> add(const std::string& name, ProviderId provider) {
    const std::uint32_t hash = walk(name, [&](std::size_t, std::uint32_t suffix) {
      inner_.set(suffix % kBits);
      return true;
    });
    known_.set(hash % kBits);
    endings_.add(name);
    const auto [entry, fresh] = names_.emplace(name, provider);
    return {entry->second, fresh};
  }

  /// Of the longest suffix of whole labels. `name` in any case.
  std::optional<ProviderId> longest_suffix(std::string_view name) const {
    std::optional<ProviderId> found;
    if (!endings_.may_end_so(name)) return found;
    const auto look = [&](std::size_t at, std::uint32_t hash) {
      if (!known_[hash % kBits]) return;
      if (const auto provider = look_up(name.substr(at))) found = provider;
    };
    bool ended = false;
    const std::uint32_t hash = walk(name, [&](std::size_t at, std::uint32_t suffix) {
      look(at, suffix);
      ended = !inner_[suffix % kBits];
      return !ended;
    });
    if (!ended) look(0, hash);
    return found;
  }

  std::optional<ProviderId> whole(std::string_view name) const {
    if (!endings_.may_end_so(name)) return std::nullopt;
    bool ended = false;
    const std::uint32_t hash = walk(name, [&](std::size_t, std::uint32_t suffix) {
      ended = !inner_[suffix % kBits];
      return !ended;
    });
    return !ended && known_[hash % kBits] ? look_up(name) : std::nullopt;
  }

 private:
  static constexpr std::size_t kBits = 8192, kLongestName = 253;  // RFC 1035 section 2.3.4, in text form

  struct ViewHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  // Calls at_label(place, hash) for each suffix of whole labels that is not the whole name, the shortest first, until
  // it returns false. The hash of what was walked over.
  template <class AtLabel>
  static std::uint32_t walk(std::string_view name, AtLabel at_label) {
    std::uint32_t hash = 0;
    char before = '.';
    for (std::size_t at = name.size(); at > 0; --at) {
      const char c = name[at - 1];
      if (c == '.' && before != '.' && !at_label(at, hash)) break;
      hash = mixed(hash, c);
      before = c;
    }
    return hash;
  }

  // The same for a letter in either case.
  static std::uint32_t mixed(std::uint32_t hash, char c) { return hash * 33 + (static_cast<unsigned char>(c) | 0x20U); }
  std::optional<ProviderId> look_up(std::string_view name) const {
    if (name.size() > kLongestName) return std::nullopt;
    char buffer[kLongestName];
    for (std::size_t i = 0; i < name.size(); ++i) buffer[i] = lower(name[i]);
    const auto found = names_.find(std::string_view(buffer, name.size()));
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }

  NameEndings endings_;
  std::bitset<kBits> known_;  // the names
  std::bitset<kBits> inner_;  // what a longer name ends with
  std::unordered_map<std::string, ProviderId, ViewHash, std::equal_to<>> names_;
};

}  // namespace dsnwatch::core
