#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/providers.h"

namespace dsnwatch::core {

/// Remembers which provider the servers asked for lately belong to: mail goes to the same few servers again and again,
/// and Providers::of() takes several look-ups. Not thread-safe; one per classifier. Its memory is fixed.
class ProviderMemo {
 public:
  /// As Providers::of().
  ProviderId of(const Attempt& attempt, const Providers& providers) {
    // Where no server is known it is the recipient's domain that counts.
    if (attempt.remote_host.empty() || attempt.local_transport || attempt.kind == Kind::kInbound ||
        attempt.remote_host.size() + attempt.remote_ip.size() > kLongest) {
      return providers.of(attempt);
    }
    const std::size_t hash = std::hash<std::string_view>()(attempt.remote_host);
    Slot& slot = slots_[hash % slots_.size()];
    if (slot.host != attempt.remote_host || slot.ip != attempt.remote_ip) {
      slot.provider = providers.of_server(attempt.remote_host, attempt.remote_ip);
      slot.host.assign(attempt.remote_host);
      slot.ip.assign(attempt.remote_ip);
    }
    return slot.provider == kOtherProvider ? providers.of(attempt) : slot.provider;
  }

 private:
  static constexpr std::size_t kLongest = 300;

  struct Slot {
    std::string host, ip;
    ProviderId provider = kOtherProvider;
  };
  std::array<Slot, 1024> slots_;
};

}  // namespace dsnwatch::core
