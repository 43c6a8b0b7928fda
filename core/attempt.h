#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/provider.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Who refused whom. `kOutbound`: a remote server (or our own MTA) about mail that we send; `kInbound`: our own server
/// refused somebody; `kDsn`: a recipient block of a bounce mail; `kComplaint`: an ARF report.
enum class Kind : std::uint8_t { kOutbound, kInbound, kDsn, kComplaint };

/// What the MTA did with the recipient. Never derived from a code. `kExpired` is the end of a recipient, not an
/// attempt; `kRejected` is for inbound only.
enum class AttemptResult : std::uint8_t { kDelivered, kDeferred, kBounced, kExpired, kRejected };

/// The format whose record it was (the `mta` label).
enum class Mta : std::uint8_t { kPostfix };
inline constexpr int kMtaCount = 1;

/// Where in the SMTP dialogue (RFC 5321) the reply came. `kEod`: the reply to the final dot.
enum class Stage : std::uint8_t { kUnknown, kConnect, kHelo, kMail, kRcpt, kData, kEod };

std::string_view name(Kind kind);
std::string_view name(AttemptResult result);
std::string_view name(Mta mta);
std::string_view name(Stage stage);  ///< Empty for kUnknown.

/// "connect", "helo", "mail", "rcpt", "data", "eod", and the usual other names "banner" and "end_of_data".
std::optional<Stage> parse_stage(std::string_view name);

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

/// One delivery attempt for one recipient, as the MTA logged it. All text is a view into the block of bytes (or into
/// the correlator's memory) and is valid only during the call that hands the attempt on. An empty view means "not
/// known", but for the sender, where `has_sender` tells the null sender `<>` from none.
struct Attempt {
  Kind kind = Kind::kOutbound;
  AttemptResult result = AttemptResult::kDelivered;
  Mta mta = Mta::kPostfix;
  Stage stage = Stage::kUnknown;
  bool has_sender = false;
  bool suspended = false;          ///< Put off without trying (design section 2); result is then kDeferred.
  bool remote = false;             ///< `text` was said by the remote server, not by our own MTA.
  bool local_transport = false;    ///< Delivered by an agent on this host (local, virtual, pipe, LMTP socket).
  bool truncated = false;          ///< The logger cut the record.
  std::uint16_t smtp_code = 0;     ///< Reply code (RFC 5321), 0 if none.
  std::uint32_t count = 1;         ///< Recipients or repetitions that the record stands for.
  std::uint64_t line = 0;          ///< Number of the record's last line in its file, from 1; 0 where not counted.
  std::int64_t time_us = kNoTime;  ///< Microseconds since the Unix epoch, UTC.
  double delay = -1;               ///< Seconds since the message arrived; negative: not known.

  std::string_view host;     ///< The host that logged.
  std::string_view service;  ///< The daemon with its syslog name: "postfix-out1/smtp".
  std::string_view queue_id;
  std::string_view message_id;  ///< Without angle brackets.
  std::string_view sender;      ///< Envelope sender without angle brackets; see `has_sender`.
  std::string_view recipient;   ///< Without angle brackets.
  std::string_view remote_host;
  std::string_view remote_ip;
  std::string_view source_ip;  ///< The IP that our side sent from.
  std::string_view client_ip;  ///< Inbound: who was refused. Outbound: who handed the message in.
  std::string_view dsn;        ///< Enhanced status as the MTA logged it.
  std::string_view text;       ///< The reply as logged (design section 6), or the MTA's own reason.
  std::string_view pool, tenant, campaign, account;

  /// Of an expiry only: what the last deferral of this recipient was.
  Cause last_cause = Cause::kUnknown;
  ProviderId last_provider = kNoProvider;
};

}  // namespace dsnwatch::core
