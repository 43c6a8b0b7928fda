#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "core/series/seeded_hash.h"
#include "core/series/tally.h"
#include "core/series/value_interner.h"

namespace dsnwatch::core {

/// Finds the IP that our side sent from (design section 5): logged, else configured for the service, else, for
/// rejections only, the one that the reply names; inner addresses become outer ones.
class SourceAddress {
 public:
  explicit SourceAddress(const TallySettings& settings);

  /// Id of the address in `values`; kUnknownValue if nothing tells it.
  std::uint32_t find(const Attempt& attempt, const Verdict& verdict, bool rejection, ValueInterner& values) const;

 private:
  /// Whether an address of a reply text may be ours: a receiver must not invent addresses of ours.
  bool believable(std::string_view ip, std::string_view remote_ip) const;
  bool outer(std::string_view text, std::string& out) const;

  using TextMap = std::unordered_map<std::string, std::string, SeededStringHash, std::equal_to<>>;
  std::vector<IpNetwork> networks_;
  TextMap services_;
  TextMap nat_;  // Normalised inner → normalised outer.
};

}  // namespace dsnwatch::core
