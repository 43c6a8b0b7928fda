#include "ingest/format/postfix_delivery.h"

#include "core/same_bytes.h"
#include "ingest/format/postfix_reason.h"
#include "ingest/format/text_cursor.h"

namespace dsnwatch::ingest {
namespace {

/// Where the quoted string that `text` begins with ends (behind the closing quote), or 0.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return 0;
}

bool read_relay(std::string_view relay, core::Attempt& attempt) {
  if (relay == "none") return true;
  TextCursor cursor(relay);
  Peer peer;
  if (!take_peer(cursor, peer)) {
    attempt.local_transport = true;  // local, virtual, or the name of a pipe(8) transport
    return !relay.empty();
  }
  attempt.local_transport = peer.socket;
  attempt.remote_host = peer.host;
  attempt.remote_ip = peer.ip;
  return true;
}

/// "0.07", "2017"; negative if it is no number.
double read_seconds(std::string_view text) {
  double value = 0, unit = 1;
  bool point = false;
  if (text.empty() || text.size() > 15) return -1;
  for (char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
    if (point) unit *= 10;
  }
  return value / unit;
}

enum class Status { kUnknown, kNotCounted, kSent, kDeferred, kBounced };

Status read_status(std::string_view word) {
  if (word == "sent") return Status::kSent;
  if (word == "deferred" || word == "SOFTBOUNCE") return Status::kDeferred;
  if (word == "bounced") return Status::kBounced;
  // Probes of verify(8) and `sendmail -bv`, and what trace(8) reports.
  for (std::string_view other :
       {"undeliverable", "undeliverable-but-not-cached", "deliverable", "expanded", "delayed", "relayed", "delivered"})
    if (word == other) return Status::kNotCounted;
  return Status::kUnknown;
}

/// The fields between the relay and the status; false unless `status=` follows in its place. Neither keys nor values
/// hold a blank.
bool read_fields(TextCursor& cursor, core::Attempt& attempt) {
  while (cursor.take(", ")) {
    if (cursor.take("status=")) return true;
    const std::string_view before = cursor.rest();
    const char* const end = before.data() + before.size();
    const char* const equals = find_any(before.data(), end, '=', ' ');
    const char* const comma = find_any(equals, end, ',', ' ');
    if (comma == end || *equals == ' ' || *comma == ' ') return false;
    const std::string_view key(before.data(), static_cast<std::size_t>(equals - before.data()));
    const std::string_view value(equals + 1, static_cast<std::size_t>(comma - equals - 1));
    if (core::same_text(key, "delay"))
      attempt.delay = read_seconds(value);
    else if (core::same_text(key, "dsn"))
      attempt.dsn = value;
    cursor.skip(static_cast<std::size_t>(comma - before.data()));
  }
  return false;
}

}  // namespace

bool take_postfix_address(std::string_view& rest, std::string_view next, std::string_view other_next,
                          std::string_view& address) {
  const auto follows = [&](std::size_t at) {
    const std::string_view behind = rest.substr(at);
    return core::begins_with(behind, next) || (!other_next.empty() && core::begins_with(behind, other_next));
  };
  if (!rest.starts_with('<')) {  // Postfix before 2.0: no angle brackets, no quoting
    const std::size_t comma = rest.find(',');
    if (comma == std::string_view::npos || !follows(comma)) return false;
    address = rest.substr(0, comma);
    rest.remove_prefix(comma);
    return true;
  }
  std::size_t from = 1;
  if (rest.substr(1).starts_with('"')) from += quoted_length(rest.substr(1));
  // With info_log_address_format=internal a local part is not quoted, so that a `>` may be part of it.
  const char* const end = rest.data() + rest.size();
  for (const char* p = rest.data() + from; (p = find_near(p, end, '>')) != nullptr; ++p) {
    const auto close = static_cast<std::size_t>(p - rest.data());
    if (!follows(close + 1)) continue;
    address = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    return true;
  }
  return false;
}

Reading read_postfix_delivery(std::string_view text, core::Attempt& attempt) {
  constexpr std::string_view kTo = "to=", kRelay = ", relay=", kOrigTo = ", orig_to=";
  if (!text.starts_with(kTo)) return Reading::kNothing;
  std::string_view rest = text.substr(kTo.size());
  if (!take_postfix_address(rest, kRelay, kOrigTo, attempt.recipient)) return Reading::kMalformed;
  TextCursor cursor(rest);
  if (cursor.take(kOrigTo)) {
    std::string_view original;
    rest = cursor.rest();
    if (!take_postfix_address(rest, kRelay, {}, original)) return Reading::kMalformed;
    cursor = TextCursor(rest);
  }
  if (!cursor.take(kRelay)) return Reading::kMalformed;
  const std::string_view relay = cursor.take_until(',');
  if (!read_relay(relay, attempt) || !read_fields(cursor, attempt)) return Reading::kMalformed;

  const Status status = read_status(cursor.take_until(' '));
  if (status == Status::kUnknown) return Reading::kMalformed;
  if (status == Status::kNotCounted) return Reading::kNothing;
  // Only discard(8) sends without a relay: thrown away, not delivered.
  if (status == Status::kSent && relay == "none") return Reading::kNothing;
  attempt.kind = core::Kind::kOutbound;
  attempt.result = status == Status::kSent       ? core::AttemptResult::kDelivered
                   : status == Status::kDeferred ? core::AttemptResult::kDeferred
                                                 : core::AttemptResult::kBounced;
  std::string_view reason = cursor.take(" (") ? cursor.rest() : std::string_view();
  attempt.truncated = !reason.ends_with(')');
  if (!attempt.truncated) reason.remove_suffix(1);
  read_postfix_reason(reason, attempt);
  return Reading::kRecord;
}

}  // namespace dsnwatch::ingest
