// What a record says beside its text: host, program, time, and of which stream it is.

#include "ingest/envelope/json_text.h"
#include "ingest/envelope/outer_stamp.h"
#include "ingest/envelope/unwrapper.h"

namespace dsnwatch::ingest {
namespace {

/// The program of a tag, with its [pid] perhaps.
std::string_view program_of(std::string_view tag) {
  while (!tag.empty() && (tag.back() == ':' || tag.back() == ' ')) tag.remove_suffix(1);
  while (tag.starts_with(' ')) tag.remove_prefix(1);
  return tag == "-" ? std::string_view() : tag;
}

bool usable_host(std::string_view host) {
  return !host.empty() && host != "-";
}

}  // namespace

/// The record is one of a container runtime, or was made of one.
bool Unwrapper::names_container(const RecordFields& fields) {
  if (fields.has(Slot::kCriPart) || fields.has(Slot::kPartialMessage) || fields.has(Slot::kPartial)) return true;
  if (!fields.has(Slot::kStream)) return false;
  const std::string_view stream = fields.get(Slot::kStream).text;
  return stream == "stdout" || stream == "stderr";  // Other programs, too, have a key of this name.
}

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
  constexpr Slot kEnd = next(Slot::kNode);
  for (Slot slot = fields.first_of(Slot::kConfiguredHost, kEnd); slot != kEnd;
       slot = fields.first_of(next(slot), kEnd)) {
    // Fluentd's syslog parser writes "host"; "hostname" is then the agent's own.
    const bool agents = slot == Slot::kHostname && fields.has(Slot::kIdent) && fields.has(Slot::kHost) &&
                        fields.get(Slot::kHost).kind == JsonKind::kString;
    const JsonValue& value = fields.get(agents ? Slot::kHost : slot);
    if (value.kind != JsonKind::kString) continue;
    const std::string_view host = text_of(value);
    if (usable_host(host)) return host;
  }
  return {};
}

std::string_view Unwrapper::tag_of(const RecordFields& fields) {
  constexpr Slot kEnd = next(Slot::kAppNameDashed);
  for (Slot slot = fields.first_of(Slot::kSyslogtag, kEnd); slot != kEnd; slot = fields.first_of(next(slot), kEnd)) {
    const JsonValue& value = fields.get(slot);
    if (value.kind != JsonKind::kString) continue;
    if (slot == Slot::kTag && !value.text.ends_with(':') && !value.text.ends_with(']')) continue;
    const std::string_view program = program_of(text_of(value));
    if (!program.empty()) return program;
  }
  return {};
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
  constexpr Slot kEnd = Slot::kEndOfTimes;
  if (fields.first_of(Slot::kConfiguredTime, kEnd) == kEnd) return;
  std::string_view vague;
  context.vague_stamp = {};
  const auto use = [&](Slot slot) {
    StampKind kind = StampKind::kNone;
    const std::string_view stamp = stamp_of(fields, slot, kind);
    if (kind == StampKind::kTraditional && vague.empty()) vague = stamp;
    if (kind == StampKind::kNone || kind == StampKind::kTraditional) return false;
    context.stamp = stamp;
    context.stamp_kind = kind;
    context.event_time = slot == Slot::kConfiguredTime;
    return true;
  };
  if (context.container) {
    // The runtime's own; other stamps say when the shipper read the record.
    for (const Slot slot : {Slot::kConfiguredTime, Slot::kTime, Slot::kTimestamp}) {
      if (fields.has(slot) && use(slot)) return;
    }
  }
  for (Slot slot = fields.first_of(Slot::kConfiguredTime, Slot::kTimegenerated); slot != Slot::kTimegenerated;
       slot = fields.first_of(next(slot), Slot::kTimegenerated)) {
    if (use(slot)) return;
  }
  context.vague_stamp = vague;
  for (Slot slot = fields.first_of(Slot::kTimegenerated, kEnd); slot != kEnd;
       slot = fields.first_of(next(slot), kEnd)) {
    if (use(slot)) return;
  }
}

}  // namespace dsnwatch::ingest
