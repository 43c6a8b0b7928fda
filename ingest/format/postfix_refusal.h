#pragma once

#include <string_view>

#include "core/attempt.h"
#include "ingest/format/postfix_delivery.h"

namespace dsnwatch::ingest {

/// Reads a refusal of our own server behind "QID: " or "NOQUEUE: ":
///   reject: STAGE from host[ip]: CODE X.Y.Z TEXT; from=<> to=<> proto=P helo=<H>          (smtpd)
///   reject: STAGE from [ip]:port: CODE X.Y.Z TEXT; from=<>, to=<>, proto=P, helo=<H>      (postscreen)
///   milter-reject: STAGE from host[ip]: [CODE] X.Y.Z TEXT; from=<> …                      (smtpd, cleanup)
///   reject: header|body CONTENT from host[ip]; from=<> to=<> proto=P helo=<H>: TEXT       (cleanup)
/// Other actions (warn, hold, discard, redirect …) refuse nobody. Fills all that the line says but time, host, service,
/// queue id and line.
Reading read_postfix_refusal(std::string_view text, core::Attempt& attempt);

/// The same for "proxy-reject: STAGE: TEXT; from=<> to=<> …" (smtpd with smtpd_proxy_filter; no queue id, no client).
Reading read_postfix_proxy_refusal(std::string_view text, core::Attempt& attempt);

}  // namespace dsnwatch::ingest
