#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/classify/verdict.h"

namespace dsnwatch::core {

/// What a public list lists. A domain list says nothing about the sending IP, a policy list (PBL) lists addresses that
/// should not send mail directly.
enum class BlocklistScope : std::uint8_t { kIp, kPolicy, kDomain, kUrl };

/// A public block list as replies name it.
struct Blocklist {
  std::string_view id;     ///< Stable identifier: the `blocklist` label ("spamhaus_zen").
  std::string_view title;  ///< "Spamhaus ZEN"
  BlocklistScope scope = BlocklistScope::kIp;
  std::string_view zone;  ///< DNS zone to ask; empty if it is no DNS list.
  std::string_view form;  ///< Page to look an address up and to ask for removal.
  /// Lower-case texts that name the list in a reply (its zone, its look-up host, its name); unused ones are empty. A
  /// name that begins and ends with a letter or digit counts as whole words only.
  std::array<std::string_view, 6> marks{};
};

/// In the order of the ids (`BlocklistId`); the first two stand for none and for a list that is not known. The order
/// may change between versions: what is stored names the list by its id text.
std::span<const Blocklist> blocklists();

const Blocklist& blocklist(BlocklistId id);  ///< The unknown list for a number out of range.

/// kNoBlocklist if no list has this id text.
BlocklistId find_blocklist(std::string_view id);

}  // namespace dsnwatch::core
