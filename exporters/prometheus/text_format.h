#pragma once

#include <prometheus/metric_family.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::exporters {

/// Writers of the Prometheus text exposition format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). All append to a buffer.
inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

/// The HELP and TYPE lines of a family; the help's backslashes and line feeds are escaped.
void append_header(std::string& out, std::string_view name, std::string_view type, std::string_view help);

/// `name="value"` with backslash, quote and line feed escaped. A byte that is not part of valid UTF-8, which would make
/// Prometheus refuse the whole scrape, is written as `\\xNN`, so that different values stay different.
void append_label(std::string& out, std::string_view name, std::string_view value);

/// A whole number without a point, anything else in the shortest form that reads back the same; NaN, +Inf and -Inf as
/// the format spells them.
void append_value(std::string& out, double value);

/// As append_value, but always with a point: 1 is "1.0". Prometheus 3 spells `le` so, whoever wrote it.
void append_bound(std::string& out, double bound);

inline void append_value(std::string& out, std::uint64_t value) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

/// Whole families of counters, gauges and histograms as prometheus-cpp collects them. prometheus-cpp's own serializer
/// is not used since it escapes no HELP, writes `le="1"` and lets invalid UTF-8 through.
void append_families(std::string& out, const std::vector<prometheus::MetricFamily>& families);

}  // namespace dsnwatch::exporters
