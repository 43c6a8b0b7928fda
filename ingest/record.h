#pragma once

#include <cstdint>
#include <span>

#include "core/attempt.h"

namespace dsnwatch::ingest {

/// What a line said: an attempt, or a fact about a queue id that a later line needs.
enum class RecordKind : std::uint8_t {
  kAttempt,  ///< `attempt` is whole but for what other lines of the queue id say (sender, client, message id).
  kClient,   ///< A message came in: client_ip, account; forgets what was known of the queue id before.
  kMessageId,
  kSender,   ///< The queue manager named the sender.
  kExpired,  ///< The recipients that still wait have expired; the line names none.
  kRemoved,  ///< The queue id is gone.
};

struct Record {
  RecordKind kind = RecordKind::kAttempt;
  core::Attempt attempt;  ///< For facts only host, queue_id and the field in question are set.
};

/// Takes records in the order of their lines, in small batches, so that a virtual call is not paid per line.
/// The views are valid during the call.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void consume(std::span<Record> records) = 0;
  /// False: records of the kind kMessageId, one a mail, need not be made.
  virtual bool wants_message_ids() const { return true; }
};

/// Why a record that is shaped like a delivery or a refusal could not be read (the `reason` label).
enum class Unparsed : std::uint8_t { kMalformed, kTooLong, kEnvelope };
inline constexpr int kUnparsedCount = 3;
std::string_view name(Unparsed reason);

}  // namespace dsnwatch::ingest
