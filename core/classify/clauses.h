#pragma once

#include "core/classify/reading.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Whether words at `span` assert that `cause` happened (taxonomy: assertion beats advice). They do not
/// - in a clause that advises ("please make sure that your SPF record ..."), unless they stand in a link,
/// - where the result is a good one ("SPF pass", "not listed"),
/// - inside an e-mail address.
bool is_asserted(const Reading& reading, Cause cause, Span span);

/// Where the clause begins that holds the place `at`: behind the last "; ", ". ", "! " or "? ".
std::size_t clause_begin(std::string_view text, std::size_t at);

}  // namespace dsnwatch::core
