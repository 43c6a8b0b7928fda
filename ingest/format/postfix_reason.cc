#include "ingest/format/postfix_reason.h"

#include "ingest/format/text_cursor.h"

namespace dsnwatch::ingest {
namespace {

using core::Stage;

constexpr std::string_view kSuspended = "delivery temporarily suspended: ";
constexpr std::string_view kInReply = " (in reply to ";

struct Phrase {
  std::string_view text;
  Stage stage;
};

/// Behind "(in reply to".
constexpr Phrase kCommands[] = {
    {"RCPT TO command)", Stage::kRcpt}, {"end of DATA command)", Stage::kEod}, {"MAIL FROM command)", Stage::kMail},
    {"DATA command)", Stage::kData},    {"EHLO command)", Stage::kHelo},       {"HELO command)", Stage::kHelo},
    {"LHLO command)", Stage::kHelo},    {"BDAT command)", Stage::kData},
};

/// Behind "lost connection with H[IP] while" and "conversation with H[IP] timed out while".
constexpr Phrase kMoments[] = {
    {"receiving the initial server greeting", Stage::kConnect},
    {"performing the EHLO handshake", Stage::kHelo},
    {"performing the HELO handshake", Stage::kHelo},
    {"performing the LHLO handshake", Stage::kHelo},
    {"performing the initial protocol handshake", Stage::kHelo},
    {"sending MAIL FROM", Stage::kMail},
    {"sending RCPT TO", Stage::kRcpt},
    {"sending DATA command", Stage::kData},
    {"sending message body", Stage::kData},
    {"sending end of data", Stage::kEod},
};

template <std::size_t kSize>
Stage stage_of(const Phrase (&phrases)[kSize], std::string_view text) {
  for (const Phrase& phrase : phrases)
    if (text.starts_with(phrase.text)) return phrase.stage;
  return Stage::kUnknown;
}

void name_remote(const Peer& peer, core::Attempt& attempt) {
  if (!attempt.remote_host.empty() || !attempt.remote_ip.empty() || attempt.local_transport) return;
  attempt.remote_host = peer.host;
  attempt.remote_ip = peer.ip;
}

void set_reply(std::string_view reply, core::Attempt& attempt) {
  attempt.remote = true;
  attempt.smtp_code = reply_code(reply);
  attempt.text = reply;
}

/// "host H[IP] said: REPLY (in reply to …)" or "host H[IP] refused to talk to me: REPLY".
bool read_quoted_reply(std::string_view reason, core::Attempt& attempt) {
  TextCursor cursor(reason);
  cursor.take("Protocol error: ");
  Peer peer;
  if (!cursor.take("host ") || !take_peer(cursor, peer)) return false;
  if (cursor.take(" refused to talk to me: ")) {
    attempt.stage = Stage::kConnect;
    set_reply(cursor.rest(), attempt);
  } else if (cursor.take(" said: ")) {
    std::string_view reply = cursor.rest();
    // The reply may end with such a clause itself: only the last one is ours, and only where it was not cut off.
    const std::size_t clause = attempt.truncated ? std::string_view::npos : reply.rfind(kInReply);
    if (clause != std::string_view::npos && reply.ends_with(" command)")) {
      attempt.stage = stage_of(kCommands, reply.substr(clause + kInReply.size()));
      reply = reply.substr(0, clause);
    }
    set_reply(reply, attempt);
  } else {
    return false;
  }
  name_remote(peer, attempt);
  return true;
}

/// "lost connection with H[IP] while …", "conversation with H[IP] timed out while …", "connect to H[IP]:25: …".
bool read_broken_session(std::string_view reason, core::Attempt& attempt) {
  TextCursor cursor(reason);
  Peer peer;
  if (cursor.take("connect to ")) {
    if (!take_peer(cursor, peer)) return false;
    attempt.stage = Stage::kConnect;
  } else if (cursor.take("lost connection with ") || cursor.take("conversation with ")) {
    if (!take_peer(cursor, peer)) return false;
    cursor.take(" timed out");
    if (cursor.take(" while ")) attempt.stage = stage_of(kMoments, cursor.rest());
  } else {
    return false;
  }
  name_remote(peer, attempt);
  return true;
}

/// "TLS is required, but was not offered by host H[IP]", "message size … of server H[IP]", "SASL authentication failed;
/// server H[IP] said: 535 …": our own words, with the other side somewhere in them.
void find_remote(std::string_view reason, core::Attempt& attempt) {
  for (std::string_view introduction : {" host ", " server "}) {
    const std::size_t at = reason.find(introduction);
    if (at == std::string_view::npos) continue;
    TextCursor cursor(reason.substr(at + introduction.size()));
    Peer peer;
    if (!take_peer(cursor, peer)) continue;
    name_remote(peer, attempt);
    if (cursor.take(" said: ")) attempt.smtp_code = reply_code(cursor.rest());
    return;
  }
}

}  // namespace

void read_postfix_reason(std::string_view reason, core::Attempt& attempt) {
  attempt.text = reason;
  if (attempt.result == core::AttemptResult::kDelivered) {
    attempt.smtp_code = reply_code(reason);
    attempt.remote = attempt.smtp_code != 0 && !attempt.remote_host.empty();
    if (attempt.remote)
      attempt.stage = Stage::kEod;
    else
      attempt.smtp_code = 0;
    return;
  }
  if (attempt.result == core::AttemptResult::kDeferred && reason.starts_with(kSuspended)) {
    attempt.suspended = true;
    reason.remove_prefix(kSuspended.size());
  }
  if (read_quoted_reply(reason, attempt) || read_broken_session(reason, attempt)) return;
  find_remote(reason, attempt);
}

}  // namespace dsnwatch::ingest
