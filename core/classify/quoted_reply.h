#pragma once

#include <optional>
#include <string_view>

#include "core/attempt.h"

namespace dsnwatch::core {

/// A reply that another reply (or our own MTA's reason) quotes: the one that tells why.
struct QuotedReply {
  std::string_view text;          ///< From its code on, where it has one.
  std::string_view host;          ///< Who said it; empty: not told.
  Stage stage = Stage::kUnknown;  ///< Empty: as around it.
};

/// The outermost quotation in a reply as logged: Postfix' "host H[IP] said: ...", address verification and "delivery
/// temporarily suspended", Exim's "SMTP error from remote mail server after ..." and call-outs, Sendmail's "<<<",
/// Exchange's "Remote Server returned", Barracuda's "(address:reply)", "The response was:". Call again on the answer
/// for what that quotes; each answer is shorter than the text. Linear time.
std::optional<QuotedReply> find_quoted_reply(std::string_view text);

}  // namespace dsnwatch::core
