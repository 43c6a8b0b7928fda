#pragma once

#include <cstdint>
#include <string>

#include "core/series/snapshot.h"

namespace dsnwatch::exporters {

/// Who asks, since a new series is shown to Prometheus as 0 while its hold lasts (design section 5).
enum class Audience : std::uint8_t {
  kPrometheus,  ///< The request carried X-Prometheus-Scrape-Timeout-Seconds: held series are 0.
  kPerson,      ///< Everybody else sees the value at once.
};

/// Appends the mail families of a snapshot in the text exposition format 0.0.4: every family with HELP and TYPE, also
/// one without series, so that what may come is known. Counters are whole numbers, the histogram's sum is in seconds.
/// Only the buffer grows: nothing is allocated per series. Thread: any.
void render_mail_families(const core::Snapshot& snapshot, Audience audience, std::string& out);

}  // namespace dsnwatch::exporters
