#include "core/series/label_scheme.h"

#include <utility>

#include "core/classify/verdict.h"
#include "core/series/label_values.h"

namespace dsnwatch::core {
namespace {

constexpr std::string_view kOtherText = "other";
// Nothing tells the kinds of complaints apart yet; feedback types (RFC 5965) would be the other values.
constexpr std::string_view kComplaintKind = "other";

constexpr std::array<std::string_view, kBoundedLabelCount> kBoundedNames = {"domain", "sender_domain", "source_ip",
                                                                            "stream", "client_ip",     "host"};

std::string status_text(std::uint32_t status) {
  switch (status) {
    case SeriesKey::kOtherStatus:
      return std::string(kOtherText);
    case SeriesKey::kOtherPermanent:
      return "5.other";
    case SeriesKey::kOtherTransient:
      return "4.other";
    default:
      return to_string(EnhancedStatus::unpacked(status));
  }
}

std::optional<std::uint32_t> parse_status(std::string_view text) {
  for (const std::uint32_t other : {SeriesKey::kOtherStatus, SeriesKey::kOtherPermanent, SeriesKey::kOtherTransient}) {
    if (text == status_text(other)) return other;
  }
  std::size_t length = 0;
  const EnhancedStatus status = parse_enhanced_status(text, &length);
  if (!status.present() || length != text.size()) return std::nullopt;
  return status.packed();
}

std::optional<std::uint8_t> parse_result(std::string_view text) {
  for (int number = 0; number <= static_cast<int>(AttemptResult::kRejected); ++number) {
    if (name(static_cast<AttemptResult>(number)) == text) return static_cast<std::uint8_t>(number);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_mta(std::string_view text) {
  for (int number = 0; number < kMtaCount; ++number) {
    if (name(static_cast<Mta>(number)) == text) return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

std::optional<BlocklistId> parse_blocklist(std::string_view text) {
  for (BlocklistId id = 0; id < blocklist_count(); ++id) {
    if (blocklist_name(id) == text) return id;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(BoundedLabel label) {
  return kBoundedNames[static_cast<std::size_t>(label)];
}

LabelScheme::LabelScheme(bool host, bool inbound_client_ip, std::shared_ptr<const Providers> providers)
    : providers_(std::move(providers)) {
  for (int number = 0; number < kFamilyCount; ++number) {
    const FamilyInfo& family = info(static_cast<Family>(number));
    Shape& shape = shapes_[static_cast<std::size_t>(number)];
    for (const std::string_view label : family.labels) add_column(shape, label);
    for (const std::string_view label : family.optional_labels) {
      if (label == name(BoundedLabel::kHost) ? host : inbound_client_ip) add_column(shape, label);
    }
  }
}

void LabelScheme::add_column(Shape& shape, std::string_view label) {
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"mta", Part::kMta},        {"provider", Part::kProvider},
      {"result", Part::kResult},  {"enhanced_code", Part::kStatus},
      {"cause", Part::kCause},    {"blocklist", Part::kBlocklist},
      {"kind", Part::kComplaint},
  };
  for (const auto& [text, part] : kParts) {
    if (text == label) {
      shape.columns.push_back({label, part});
      return;
    }
  }
  for (int number = 0; number < kBoundedLabelCount; ++number) {
    if (kBoundedNames[static_cast<std::size_t>(number)] == label) shape.bounded = static_cast<BoundedLabel>(number);
  }
  shape.columns.push_back({label, Part::kBounded});
}

bool LabelScheme::has_result(Family family) const {
  for (const Column& column : shape(family).columns) {
    if (column.part == Part::kResult) return true;
  }
  return false;
}

std::string LabelScheme::signature(Family family) const {
  std::string names;
  for (const Column& column : shape(family).columns) {
    if (!names.empty()) names.push_back(',');
    names += column.name;
  }
  return names;
}

std::string LabelScheme::text(Part part, const SeriesKey& key, std::string_view value) const {
  switch (part) {
    case Part::kMta:
      return std::string(key.mta == SeriesKey::kOther ? kOtherText : name(static_cast<Mta>(key.mta)));
    case Part::kProvider:
      return std::string(providers_->id(key.provider));
    case Part::kResult:
      return std::string(name(static_cast<AttemptResult>(key.result)));
    case Part::kStatus:
      return status_text(key.status);
    case Part::kCause:
      return std::string(key.cause == SeriesKey::kOther ? kOtherText : name(static_cast<Cause>(key.cause)));
    case Part::kBlocklist:
      return std::string(blocklist_name(key.provider));
    case Part::kComplaint:
      return std::string(kComplaintKind);
    case Part::kBounded:
      break;
  }
  return std::string(value);
}

std::string LabelScheme::block(Family family, const SeriesKey& key, std::string_view value) const {
  std::string block;
  for (const Column& column : shape(family).columns) {
    if (!block.empty()) block.push_back(',');
    block += column.name;
    block += "=\"";
    append_escaped(block, text(column.part, key, value));
    block.push_back('"');
  }
  return block;
}

std::string LabelScheme::values(Family family, const SeriesKey& key, std::string_view value) const {
  std::string joined;
  for (const Column& column : shape(family).columns) {
    joined += text(column.part, key, value);
    joined.push_back('\n');
  }
  return joined;
}

bool LabelScheme::read(Part part, std::string_view text, Parsed& out) const {
  const bool other = text == kOtherText;
  switch (part) {
    case Part::kMta: {
      const auto mta = other ? SeriesKey::kOther : parse_mta(text);
      out.key.mta = mta.value_or(0);
      return mta.has_value();
    }
    case Part::kProvider:
      out.key.provider = other ? kOtherProvider : providers_->find(text);
      return out.key.provider != kNoProvider;
    case Part::kResult: {
      const auto result = parse_result(text);
      out.key.result = result.value_or(std::uint8_t{0});
      return result.has_value();
    }
    case Part::kStatus: {
      const auto status = parse_status(text);
      out.key.status = status.value_or(0);
      return status.has_value();
    }
    case Part::kCause: {
      const auto cause = parse_cause(text);
      out.key.cause = cause ? static_cast<std::uint8_t>(*cause) : SeriesKey::kOther;
      return cause.has_value() || other;
    }
    case Part::kBlocklist: {
      const auto list = parse_blocklist(text);
      out.key.provider = list.value_or(kNoBlocklist);
      return list.has_value();
    }
    case Part::kComplaint:
      return text == kComplaintKind;
    case Part::kBounded:
      out.value = text;
      return !text.empty();
  }
  return false;
}

std::optional<LabelScheme::Parsed> LabelScheme::parse(Family family, std::string_view values) const {
  Parsed parsed;
  for (const Column& column : shape(family).columns) {
    const std::size_t end = values.find('\n');
    if (end == std::string_view::npos || !read(column.part, values.substr(0, end), parsed)) return std::nullopt;
    values.remove_prefix(end + 1);
  }
  if (!values.empty()) return std::nullopt;
  return parsed;
}

SeriesKey LabelScheme::other_value(SeriesKey key) {
  key.value = kOtherValue;
  return key;
}

SeriesKey LabelScheme::all_other(Family family, SeriesKey key) const {
  SeriesKey other;
  for (const Column& column : shape(family).columns) {
    if (column.part == Part::kMta) other.mta = SeriesKey::kOther;
    if (column.part == Part::kProvider) other.provider = kOtherProvider;
    if (column.part == Part::kBlocklist) other.provider = kOtherBlocklist;
    if (column.part == Part::kStatus) other.status = SeriesKey::kOtherStatus;
    if (column.part == Part::kCause) other.cause = SeriesKey::kOther;
    if (column.part == Part::kResult) other.result = key.result;
  }
  return other;
}

}  // namespace dsnwatch::core
