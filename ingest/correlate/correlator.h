#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/providers.h"
#include "ingest/record.h"

namespace dsnwatch::ingest {

struct CorrelatorSettings {
  std::size_t memory = 32u << 20;  ///< Bytes; at the limit the oldest queue id goes.
  bool keep_message_ids = true;    ///< `events` prints them; the daemon has no use for them.
};

/// An attempt with what other lines of its queue id said. After classification the caller says what became of it
/// (`settle`), so that an expiry line, which names nobody, finds who was waiting and why.
///
/// Key: (host, queue id) within one correlation group. Bounded memory; the oldest entry goes first and is counted.
/// One per correlation group and worker; not thread-safe.
class Correlator {
 public:
  explicit Correlator(CorrelatorSettings settings);
  ~Correlator();

  /// Takes a fact (any record that is no attempt and no expiry).
  void learn(const Record& fact);

  /// Whether message ids are kept.
  bool wants_message_ids() const;

  /// Fills sender, client_ip, account and message_id of an attempt from its queue id. The views filled in are valid
  /// until the next call of learn(), settle() or expire().
  void enrich(core::Attempt& attempt);

  /// What became of an enriched outbound attempt: a deferred recipient waits (with this cause and provider), any other
  /// result ends its waiting.
  void settle(const core::Attempt& attempt, core::Cause cause, core::ProviderId provider);

  /// One attempt with result kExpired for each recipient of the queue id that was still waiting, oldest first, or one
  /// without a recipient if none is known. Valid until the next call.
  std::span<core::Attempt> expire(const Record& expiry);

  /// Forgets everything; the next take_changes() erases what the ledger knows.
  void forget_all();

  std::uint64_t evicted_total() const;
  std::size_t memory_used() const;

  /// What changed since the last call, for the ledger: key → value, or erase. Providers are stored by name, since their
  /// numbers are those of one process. The memory is the caller's to keep.
  struct Change {
    std::string key, value;
    bool erase = false;
  };
  std::vector<Change> take_changes(const core::Providers& names);
  void restore(std::string_view key, std::string_view value, const core::Providers& names);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::ingest
