#pragma once

#include <string_view>

#include "core/attempt.h"

namespace dsnwatch::ingest {

/// Reads the text in parentheses behind `status=…` (Postfix src/smtp/smtp_proto.c, smtp_trouble.c, smtp_connect.c):
/// fills text, stage, smtp_code, remote and suspended of an attempt whose result, relay and `truncated` are set; and
/// the remote host and IP where the relay named none.
void read_postfix_reason(std::string_view reason, core::Attempt& attempt);

}  // namespace dsnwatch::ingest
