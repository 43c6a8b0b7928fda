#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/attempt.h"
#include "core/series/flat_index.h"

namespace dsnwatch::daemon {

/// Attempts and rejections by hour of each account (where it is logged) or sender domain, to tell those whose volume
/// jumped together with its rejections: a stolen password, a list that was bought. Bounded. Not thread-safe.
class VolumeWatch {
 public:
  static constexpr std::size_t kMostSenders = 2000;
  static constexpr std::size_t kMostHours = 336;  ///< Of a sender, the newest; two weeks.

  /// An outbound attempt on somebody else's server; `domain` is its sender's, and `hash` seeded_hash() of it. Allocates
  /// only for a new sender or hour.
  void add(const core::Attempt& attempt, std::string_view domain, std::uint64_t hash, bool rejected);

  struct Jump {
    std::string sender;
    bool account = false;                                    ///< Else a domain.
    std::int64_t hour_us = 0;                                ///< Begin of the hour with the most rejections.
    std::uint64_t attempts = 0, rejections = 0;              ///< In that hour.
    std::uint64_t usual_attempts = 0, usual_rejections = 0;  ///< Of the middle hour of the log.
  };

  /// Who stands out in a log from `first_us` to `last_us`, most rejections first; at most `top`.
  std::vector<Jump> jumps(std::int64_t first_us, std::int64_t last_us, std::size_t top) const;

 private:
  struct Hour {
    std::int32_t number = 0;  // Since the epoch.
    std::uint32_t attempts = 0, rejections = 0;
  };
  struct Sender {
    std::string name;
    bool account = false;
    std::uint64_t attempts = 0;
    std::vector<Hour> hours;  // In order.
  };

  Sender* sender_of(std::string_view name, std::uint64_t hash, bool account);
  void drop_small_senders();
  static Hour* hour_of(Sender& sender, std::int32_t number);

  std::vector<Sender> senders_;
  core::FlatIndex index_;
};

}  // namespace dsnwatch::daemon
