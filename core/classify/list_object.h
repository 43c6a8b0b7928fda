#pragma once

#include "core/classify/reading.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// What a listing that the text asserts at `span` is about (taxonomy, object rule): the words in front and the kind of
/// the list tell whether our IP is listed (`ip_blocklisted`), a domain that names us (`domain_blocklisted`) or a link
/// in the body (`url_blocked`). An address of a policy list is `dynamic_ip`, a list's error code (127.255.255.x: the
/// receiver asks the list wrongly) `policy`.
Cause listed_object(const Reading& reading, Span span);

}  // namespace dsnwatch::core
