#include "exporters/prometheus/text_format.h"

#include <array>
#include <cmath>

namespace dsnwatch::exporters {
namespace {

/// Length of the valid UTF-8 sequence (RFC 3629) at the start of `text`, which is not empty; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
  auto continues = [&](std::size_t at) { return (byte(at) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    // No overlong forms (E0 80..9F) and no surrogates (ED A0..BF).
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    // No overlong forms (F0 80..8F) and nothing above U+10FFFF.
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, std::string_view text, bool escape_quotes) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(text[0]);
      out.append("\\\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
      text.remove_prefix(1);
      continue;
    }
    if (text[0] == '\\') {
      out += "\\\\";
    } else if (text[0] == '\n') {
      out += "\\n";
    } else if (text[0] == '"' && escape_quotes) {
      out += "\\\"";
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
}

std::string_view type_name(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "untyped";
  }
}

std::string label_block(const prometheus::ClientMetric& metric) {
  std::string block;
  for (const prometheus::ClientMetric::Label& label : metric.label) {
    if (!block.empty()) block += ',';
    append_label(block, label.name, label.value);
  }
  return block;
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                   double value) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
  append_value(out, value);
  out += '\n';
}

void append_histogram(std::string& out, std::string_view name, const std::string& labels,
                      const prometheus::ClientMetric::Histogram& histogram) {
  for (const prometheus::ClientMetric::Bucket& bucket : histogram.bucket) {
    std::string with_bound = labels + (labels.empty() ? "le=\"" : ",le=\"");
    append_bound(with_bound, bucket.upper_bound);
    with_bound += '"';
    append_sample(out, name, "_bucket", with_bound, static_cast<double>(bucket.cumulative_count));
  }
  append_sample(out, name, "_sum", labels, histogram.sample_sum);
  append_sample(out, name, "_count", labels, static_cast<double>(histogram.sample_count));
}

}  // namespace

void append_header(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, help, /*escape_quotes=*/false);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=\"");
  append_escaped(out, value, /*escape_quotes=*/true);
  out += '"';
}

void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 400> digits;  // the largest double has 309 digits before its point
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
    out.append(digits.data(), end.ptr);
  }
}

void append_bound(std::string& out, double bound) {
  const std::size_t start = out.size();
  append_value(out, bound);
  if (std::isfinite(bound) && out.find('.', start) == std::string::npos) out += ".0";
}

void append_families(std::string& out, const std::vector<prometheus::MetricFamily>& families) {
  for (const prometheus::MetricFamily& family : families) {
    append_header(out, family.name, type_name(family.type), family.help);
    for (const prometheus::ClientMetric& metric : family.metric) {
      const std::string labels = label_block(metric);
      if (family.type == prometheus::MetricType::Histogram) {
        append_histogram(out, family.name, labels, metric.histogram);
      } else {
        const bool counter = family.type == prometheus::MetricType::Counter;
        append_sample(out, family.name, "", labels, counter ? metric.counter.value : metric.gauge.value);
      }
    }
  }
}

}  // namespace dsnwatch::exporters
