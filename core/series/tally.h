#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::core {

/// Which optional labels are filled, and how a source IP is found (configuration `labels`, `source_ips`).
struct TallySettings {
  enum class Stream : std::uint8_t { kNone, kPool, kTenant, kCampaign, kAccount };
  Stream stream = Stream::kNone;
  bool host = false;
  bool inbound_client_ip = false;
  std::vector<IpNetwork> source_networks;                        ///< Ours: only these are believed in reply texts.
  std::vector<std::pair<std::string, std::string>> service_ips;  ///< Postfix service → IP.
  std::vector<std::pair<std::string, std::string>> nat;          ///< Inner → outer address.
};

/// One worker's counters since the last checkpoint. Not thread-safe: the worker fills it, then hands it over whole.
/// Bounded: `full()` asks for a checkpoint; adding goes on to work for at least one more block of input.
class Tally {
 public:
  explicit Tally(std::shared_ptr<const TallySettings> settings);
  ~Tally();
  Tally(Tally&&) noexcept;
  Tally& operator=(Tally&&) noexcept;

  /// Counts one attempt (times `attempt.count`) in every family that it belongs to. No allocation once warm.
  void add(const Attempt& attempt, const Verdict& verdict);

  bool empty() const;
  bool full() const;
  void clear();  ///< Keeps the memory.

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::core
