#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "core/series/flat_index.h"

namespace dsnwatch::daemon {

/// Recipients that were tried again after a permanent rejection and rejected again: a client should not repeat what was
/// answered with 5yz (RFC 5321 section 4.2.1). Bounded; a recipient is known by a hash of its address, so that one in
/// 2^64 is taken for another. Not thread-safe.
class RetriedRecipients {
 public:
  static constexpr std::size_t kMost = 100'000;

  explicit RetriedRecipients(std::size_t most = kMost) : most_(most) {}

  /// A permanent rejection by somebody else's server.
  void add(const core::Attempt& attempt, const core::Verdict& verdict);

  std::uint64_t recipients() const { return recipients_; }  ///< Rejected more than once.
  std::uint64_t again() const { return again_; }            ///< Rejections after their first.
  std::int64_t first_us() const { return first_us_; }       ///< Of those; kNoTime if there is none.
  /// The cause that most of them had, of equals the first of the taxonomy.
  core::Cause main_cause() const;
  bool complete() const { return complete_; }  ///< False if there was no room for some recipients.

 private:
  struct Known {
    std::uint64_t recipient = 0;  ///< Hash of the address.
    std::uint64_t message = 0;    ///< Hash of host and queue id.
    bool counted = false;         ///< Among recipients().
  };
  std::size_t most_;
  std::vector<Known> known_;
  core::FlatIndex index_;
  std::uint64_t recipients_ = 0, again_ = 0;
  std::int64_t first_us_ = core::kNoTime;
  std::array<std::uint64_t, core::kCauseCount> causes_{};
  bool complete_ = true;
};

}  // namespace dsnwatch::daemon
