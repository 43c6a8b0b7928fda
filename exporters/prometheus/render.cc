#include "exporters/prometheus/render.h"

#include <array>
#include <span>
#include <string_view>

#include "core/series/families.h"
#include "exporters/prometheus/text_format.h"

namespace dsnwatch::exporters {
namespace {

constexpr std::size_t kBuckets = core::kDelayBuckets.size() + 1;  // +Inf is the last

void append_decimal_seconds(std::string& out, std::uint64_t milliseconds) {
  append_value(out, milliseconds / 1000);
  const auto rest = static_cast<unsigned>(milliseconds % 1000);
  if (rest == 0) return;
  const char digits[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                         static_cast<char>('0' + rest % 10)};
  out.append(digits, sizeof digits);
}

/// `le="1.0"} ` and so on: what follows a series' labels in its bucket lines.
std::array<std::string, kBuckets> bucket_endings() {
  std::array<std::string, kBuckets> endings;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    endings[i] = "le=\"";
    if (i < core::kDelayBuckets.size()) {
      append_bound(endings[i], core::kDelayBuckets[i]);
    } else {
      endings[i] += "+Inf";
    }
    endings[i] += "\"} ";
  }
  return endings;
}

/// `NAME_sum{LABELS} ` without the value.
void append_series(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
}

void render_counters(std::string_view name, const core::Snapshot& snapshot, const core::Snapshot::Layout& layout,
                     Audience audience, std::string& out) {
  const std::string opening = std::string(name) + "{";
  for (std::size_t i = 0; i < layout.labels.size(); ++i) {
    const std::uint32_t slot = layout.slots[i];
    const bool held = audience == Audience::kPrometheus && snapshot.held[slot] != 0;
    const std::string& labels = *layout.labels[i];
    if (labels.empty()) {
      out.append(name).append(" ");
    } else {
      out.append(opening).append(labels).append("} ", 2);
    }
    append_value(out, held ? 0 : snapshot.values[slot]);
    out += '\n';
  }
}

void render_histogram(std::string_view name, const core::Snapshot& snapshot, const core::Snapshot::Layout& layout,
                      Audience audience, std::string& out) {
  const std::array<std::string, kBuckets> endings = bucket_endings();
  const std::string opening = std::string(name) + "_bucket{";
  for (std::size_t i = 0; i < layout.labels.size(); ++i) {
    const std::uint32_t slot = layout.slots[i];
    const bool held = audience == Audience::kPrometheus && snapshot.held[slot] != 0;
    const std::span<const std::uint64_t> values = std::span(snapshot.values).subspan(slot, kBuckets + 1);
    const std::string& labels = *layout.labels[i];
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      if (!held) count += values[bucket];
      out.append(opening).append(labels);
      if (!labels.empty()) out += ',';
      out.append(endings[bucket]);
      append_value(out, count);
      out += '\n';
    }
    append_series(out, name, "_sum", labels);
    append_decimal_seconds(out, held ? 0 : values[kBuckets]);
    out += '\n';
    append_series(out, name, "_count", labels);
    append_value(out, count);
    out += '\n';
  }
}

/// So that the buffer is allocated once: all lines of a family are about as long as its first.
std::size_t size_estimate(const core::Snapshot& snapshot) {
  std::size_t bytes = 0;
  for (const auto& layout : snapshot.families) {
    if (layout && !layout->labels.empty()) bytes += layout->labels.size() * (layout->labels[0]->size() + 64);
  }
  return bytes + bytes / 8;
}

}  // namespace

void render_mail_families(const core::Snapshot& snapshot, Audience audience, std::string& out) {
  out.reserve(out.size() + size_estimate(snapshot));
  for (std::size_t i = 0; i < snapshot.families.size(); ++i) {
    const core::FamilyInfo& family = core::info(static_cast<core::Family>(i));
    append_header(out, family.name, family.type, family.help);
    if (!snapshot.families[i]) continue;
    if (family.type == "histogram") {
      render_histogram(family.name, snapshot, *snapshot.families[i], audience, out);
    } else {
      render_counters(family.name, snapshot, *snapshot.families[i], audience, out);
    }
  }
}

}  // namespace dsnwatch::exporters
