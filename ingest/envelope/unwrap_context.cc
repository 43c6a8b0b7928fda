// What a record says beside its text: host, program, time, and of which stream it is.

#include "ingest/envelope/json_text.h"
#include "ingest/envelope/outer_stamp.h"
#include "ingest/envelope/record_roles.h"
#include "ingest/envelope/unwrapper.h"

namespace dsnwatch::ingest {
std::uint64_t Unwrapper::mix_stream(std::uint64_t hash, std::string_view name) {
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;  // FNV-1a
  return (hash ^ 0xFF) * 0x100000001B3ull;
}

std::string_view Unwrapper::text_of(const JsonValue& value) {
  if (!value.escaped) return value.text;
  if (!arena_.has_room(value.text.size())) return {};
  return arena_.keep(decode_json_text(value.text, arena_.next()));
}

Unwrapper::Context Unwrapper::context_of(const RecordFields& fields, const Context& outer) {
  Context context = outer;
  if (const std::string_view host = host_of(fields); usable_host(host)) context.host = host;
  if (const std::string_view tag = tag_of(fields); !tag.empty()) context.tag = tag;
  if (names_container(fields)) {
    context.container = true;
    for (Slot slot = Slot::kStream; slot != Slot::kPayload; slot = next(slot)) {
      const bool names = slot == Slot::kStream || (slot >= Slot::kContainer && slot <= Slot::kFile);
      if (names && fields.has(slot)) context.stream = mix_stream(context.stream, fields.get(slot).text);
    }
    context.stream = mix_stream(context.stream, context.host);
  }
  find_stamp(fields, context);
  return context;
}

std::string_view Unwrapper::host_of(const RecordFields& fields) {
  std::string_view host;
  any_host_slot(fields, [&](Slot slot) {
    const std::string_view text = text_of(fields.get(slot));
    if (usable_host(text)) host = text;
    return !host.empty();
  });
  return host;
}

std::string_view Unwrapper::tag_of(const RecordFields& fields) {
  std::string_view program;
  any_tag_slot(fields, [&](Slot slot) {
    const JsonValue& value = fields.get(slot);
    if (may_be_tag(slot, value.text)) program = program_of(text_of(value));
    return !program.empty();
  });
  return program;
}

std::string_view Unwrapper::stamp_of(const RecordFields& fields, Slot slot, StampKind& kind) {
  const JsonValue& value = fields.get(slot);
  if (value.kind != JsonKind::kString && value.kind != JsonKind::kNumber) return {};
  const std::string_view text = text_of(value);
  kind = outer_stamp_kind(text);
  return text;
}

/// The first usable stamp; those without a year only before those that say when the record was received.
void Unwrapper::find_stamp(const RecordFields& fields, Context& context) {
  if (fields.first_of(Slot::kConfiguredTime, Slot::kEndOfTimes) == Slot::kEndOfTimes) return;
  std::string_view vague;
  context.vague_stamp = {};
  const bool found = any_stamp_slot(fields, context.container, [&](Slot slot) {
    StampKind kind = StampKind::kNone;
    const std::string_view stamp = stamp_of(fields, slot, kind);
    if (kind == StampKind::kTraditional && vague.empty() && slot < Slot::kTimegenerated) vague = stamp;
    if (kind == StampKind::kNone || kind == StampKind::kTraditional) return false;
    context.stamp = stamp;
    context.stamp_kind = kind;
    context.event_time = slot == Slot::kConfiguredTime;
    if (slot >= Slot::kTimegenerated) context.vague_stamp = vague;
    return true;
  });
  if (!found) context.vague_stamp = vague;
}

}  // namespace dsnwatch::ingest
