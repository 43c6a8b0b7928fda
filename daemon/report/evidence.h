#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "core/providers.h"
#include "daemon/report/row_table.h"
#include "daemon/time_window.h"

namespace dsnwatch::daemon {

/// What the postmaster of one provider will ask for: the sink of daemon/pipeline.h for `report --evidence`. Bounded:
/// of each kind of reply the first and the newest are kept word for word. Not thread-safe.
class Evidence {
 public:
  Evidence(core::ProviderId provider, std::shared_ptr<const core::Providers> providers, TimeWindow window);

  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict);

  /// Text that is ready to paste, at most `top` kinds of reply; true if there was any rejection.
  bool write(std::size_t top, std::ostream& out) const;

 private:
  struct Sample {
    std::int64_t time_us = core::kNoTime;
    std::string queue_id, host, source_ip, sender_domain, recipient_domain, server, reply;
  };
  /// Replies that are the same but for values.
  struct Kind {
    core::Cause cause = core::Cause::kUnknown;
    std::uint64_t count = 0;
    std::int64_t first_us = core::kNoTime, last_us = core::kNoTime;
    std::vector<Sample> samples;  ///< The first, then the newest, oldest first.
  };
  static constexpr std::size_t kMostKinds = 500, kSamples = 4, kMostParties = 1000;

  Kind& kind_of(const core::Attempt& attempt);
  Sample sample_of(const core::Attempt& attempt, std::string_view source_ip) const;
  void write_kind(std::size_t number, const Kind& kind, std::ostream& out) const;
  void write_parties(std::ostream& out) const;

  core::ProviderId provider_;
  std::shared_ptr<const core::Providers> providers_;
  TimeWindow window_;
  std::uint64_t delivered_ = 0, deferred_ = 0, bounced_ = 0;
  std::int64_t first_us_ = core::kNoTime, last_us_ = core::kNoTime;
  RowTable source_ips_{kMostParties}, sender_domains_{kMostParties};
  std::unordered_map<std::string, Kind> kinds_;
  std::string masked_, template_;
};

}  // namespace dsnwatch::daemon
