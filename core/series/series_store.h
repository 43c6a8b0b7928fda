#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/providers.h"
#include "core/result.h"
#include "core/series/snapshot.h"
#include "core/series/tally.h"

namespace dsnwatch::core {

struct SeriesSettings {
  std::size_t domains = 1000;
  std::size_t sender_domains = 500;
  std::size_t source_ips = 256;
  std::size_t streams = 500;
  std::size_t client_ips = 1000;
  std::size_t hosts = 256;
  std::size_t series_per_family = 10'000;
  MonotonicMs birth_hold_ms = 90'000;  ///< At most 5 minutes; more is taken as that.
  // Optional labels, as in TallySettings: which labels a family has is part of what the ledger keeps.
  bool host = false;
  bool inbound_client_ip = false;
};

/// What the ledger keeps of the series: small keyed records, opaque to the ledger. An absent value means "delete".
/// Keys sort so that a whole kind can be read by prefix.
struct StoredRecord {
  std::string key;
  std::string value;
  bool erase = false;
};

/// The durable totals in memory: merges tallies, decides birth, bounds and retirement (design section 5), and says what
/// changed so that the ledger can write it in one transaction.
///
/// Thread: the checkpoint thread only, but for `on_prometheus_request`, which any thread may call.
///
/// One checkpoint is: merge() each tally, advance(), changes() → ledger → committed() → snapshot(). When the
/// transaction fails nothing is lost: the next changes() holds everything since the last committed().
class SeriesStore {
 public:
  SeriesStore(SeriesSettings settings, std::shared_ptr<const Providers> providers, const Clock& clock);
  ~SeriesStore();

  /// Takes back what changes() once gave, in any order. Before the first merge(). A lowered limit retires the surplus;
  /// a family whose labels changed ends its series.
  Result<void> restore(const std::vector<StoredRecord>& records);

  /// Providers that replace the earlier ones, with the same numbers (Providers::build); before a tally that names one
  /// of the new.
  void set_providers(std::shared_ptr<const Providers> providers);

  void merge(const Tally& tally);

  /// Ends holds that are over, displaces and retires; call once a checkpoint, also without new counts.
  void advance();

  /// True if changes() would not be empty.
  bool dirty() const;
  std::vector<StoredRecord> changes() const;
  void committed();

  /// The totals as of the last merge(); call after committed() (or in degraded mode without it).
  std::shared_ptr<const Snapshot> snapshot();

  /// A request with Prometheus' header X-Prometheus-Scrape-Timeout-Seconds was answered. Thread: any.
  void on_prometheus_request();

  /// Draining: all holds end at the next advance() after one more Prometheus request, or at once with `now` true.
  void end_holds(bool now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::core
