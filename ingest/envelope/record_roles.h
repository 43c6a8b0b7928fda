#pragma once

#include <string_view>

#include "ingest/envelope/record_fields.h"

namespace dsnwatch::ingest {

// Which of a record's keys say what, in the order in which they are asked. `use` (bool(Slot)) is called for one after
// the other until it is true of one; the result says whether it was.

/// The record is one of a container runtime, or was made of one, going by this value of its stream.
inline bool is_container_stream(std::string_view stream) {
  return stream == "stdout" || stream == "stderr";  // Other programs, too, have a key of this name.
}

/// The record is one of a container runtime, or was made of one.
inline bool names_container(const RecordFields& fields) {
  if (fields.has(Slot::kCriPart) || fields.has(Slot::kPartialMessage) || fields.has(Slot::kPartial)) return true;
  return fields.has(Slot::kStream) && is_container_stream(fields.get(Slot::kStream).text);
}

/// Of the keys that say whether a text goes on in another record.
inline bool is_true_part(const JsonValue& value) {
  return value.text == "true" || value.text == "1";
}

inline bool usable_host(std::string_view host) {
  return !host.empty() && host != "-";
}

/// Strings that may be the host.
template <class Use>
bool any_host_slot(const RecordFields& fields, Use use) {
  constexpr Slot kEnd = next(Slot::kNode);
  for (Slot slot = fields.first_of(Slot::kConfiguredHost, kEnd); slot != kEnd;
       slot = fields.first_of(next(slot), kEnd)) {
    // Fluentd's syslog parser writes "host"; "hostname" is then the agent's own.
    const bool agents = slot == Slot::kHostname && fields.has(Slot::kIdent) && fields.has(Slot::kHost) &&
                        fields.get(Slot::kHost).kind == JsonKind::kString;
    const Slot asked = agents ? Slot::kHost : slot;
    if (fields.get(asked).kind == JsonKind::kString && use(asked)) return true;
  }
  return false;
}

/// The program of a tag, with its [pid] perhaps.
inline std::string_view program_of(std::string_view tag) {
  while (!tag.empty() && (tag.back() == ':' || tag.back() == ' ')) tag.remove_suffix(1);
  while (tag.starts_with(' ')) tag.remove_prefix(1);
  return tag == "-" ? std::string_view() : tag;
}

/// False of a routing tag.
inline bool may_be_tag(Slot slot, std::string_view text) {
  return slot != Slot::kTag || text.ends_with(':') || text.ends_with(']');
}

/// Strings that may be the tag, as far as may_be_tag() holds.
template <class Use>
bool any_tag_slot(const RecordFields& fields, Use use) {
  constexpr Slot kEnd = next(Slot::kAppNameDashed);
  for (Slot slot = fields.first_of(Slot::kSyslogtag, kEnd); slot != kEnd; slot = fields.first_of(next(slot), kEnd)) {
    if (fields.get(slot).kind == JsonKind::kString && use(slot)) return true;
  }
  return false;
}

/// Values that may be the stamp.
template <class Use>
bool any_stamp_slot(const RecordFields& fields, bool container, Use use) {
  if (container) {
    // The runtime's own; other stamps say when the shipper read the record.
    for (const Slot slot : {Slot::kConfiguredTime, Slot::kTime, Slot::kTimestamp}) {
      if (fields.has(slot) && use(slot)) return true;
    }
  }
  constexpr Slot kEnd = Slot::kEndOfTimes;
  for (Slot slot = fields.first_of(Slot::kConfiguredTime, kEnd); slot != kEnd;
       slot = fields.first_of(next(slot), kEnd)) {
    if (use(slot)) return true;
  }
  return false;
}

}  // namespace dsnwatch::ingest
