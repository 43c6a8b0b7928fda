#pragma once

#include <string_view>

#include "core/attempt.h"

namespace dsnwatch::ingest {

/// What became of a message of the log.
enum class Reading {
  kNothing,  ///< Not a record to count (another line, an address probe, mail thrown away by discard(8)).
  kRecord,
  kMalformed,  ///< Shaped like a delivery or a refusal, but it can't be read.
};

/// Reads a delivery line behind its queue id:
///   to=<ADDR>[, orig_to=<ADDR>], relay=RELAY[, conn_use=N], delay=D[, delays=…][, tls=…][, dsn=X.Y.Z], status=S
///   (REASON)
/// (Postfix src/global/log_adhoc.c), strictly from left to right, since the reason holds words of strangers. Fills all
/// that the line says but time, host, service, queue id and line.
Reading read_postfix_delivery(std::string_view text, core::Attempt& attempt);

/// Reads "<ADDR>" or "ADDR" in external form, where quoted local parts may hold anything, up to one of the texts that
/// may follow. `rest` stands at that text then. False if there is no such end.
bool take_postfix_address(std::string_view& rest, std::string_view next, std::string_view other_next,
                          std::string_view& address);

}  // namespace dsnwatch::ingest
