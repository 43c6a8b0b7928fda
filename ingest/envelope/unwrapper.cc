#include "ingest/envelope/unwrapper.h"

#include <algorithm>
#include <utility>

#include "ingest/envelope/json_text.h"
#include "ingest/envelope/line_header.h"
#include "ingest/envelope/outer_stamp.h"
#include "ingest/envelope/record_roles.h"

namespace dsnwatch::ingest {
namespace {

constexpr int kDeepestText = 3;  // A text is unwrapped again at most so often; records within records count, too.

const std::shared_ptr<const RecordKeys>& usual_keys() {
  static const std::shared_ptr<const RecordKeys> keys = std::make_shared<const RecordKeys>(EnvelopeKeys{});
  return keys;
}

}  // namespace

Unwrapper::Unwrapper(const EnvelopeKeys& keys) {
  has_own_keys_ = !keys.message.empty() || !keys.host.empty() || !keys.time.empty();
  keys_ = has_own_keys_ ? std::make_shared<const RecordKeys>(keys) : usual_keys();
}

std::size_t Unwrapper::bytes_for(std::string_view record) const {
  // A text is decoded once on each level and never grows.
  return (record.size() + partial_.memory()) * (kDeepestRecord + 1);
}

std::string_view Unwrapper::find_record(std::string_view line) {
  constexpr std::string_view kBefore = " \t\x1E";  // U+001E: RFC 7464
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  line.remove_prefix(std::min(line.find_first_not_of(kBefore), line.size()));
  if (!line.empty() && begins_record(line.front())) return line;
  const std::size_t brace = line.find('{');
  if (brace == std::string_view::npos || brace == 0) return {};
  if (line[brace - 1] == '\t') return line.substr(brace);
  const std::size_t bracket = line.find(": [");
  return bracket < brace && line.substr(0, brace).ends_with(", ") ? line.substr(bracket + 2) : std::string_view();
}

bool Unwrapper::record_spans_lines(std::string_view bytes) {
  JsonScanner scanner(bytes);
  if (!begins_record(scanner.peek())) return false;
  const std::size_t newline = scanner.rest().find('\n');
  if (newline == std::string_view::npos) return false;
  const char* line_end = scanner.place() + newline;
  JsonValue first;
  return scanner.read_value(first) && scanner.place() > line_end;
}

std::span<const UnwrappedLine> Unwrapper::unwrap(std::string_view record, std::uint64_t number) {
  found_.clear();
  unreadable_ = false;
  number_ = number;
  if (begins_record(JsonScanner(record).peek())) {
    unreadable_ = !read_json(record, {}, 0);
    if (!unreadable_ && !has_own_keys_) known_.learn(record, *keys_);
  } else {
    read_container_line(record, {}, 0);
  }
  return found_;
}

std::span<const UnwrappedLine> Unwrapper::unwrap(const JournalRecord& record, std::uint64_t number) {
  found_.clear();
  unreadable_ = false;
  number_ = number;
  Context context;
  context.host = record.host;
  context.tag = record.identifier;
  context.stamp = record.stamp;
  context.stamp_kind = outer_stamp_kind(record.stamp);
  const std::string_view text = clean(record.message);
  if (!text.empty() && !use_candidate(text, context, 0)) use_parsed(text, context);
  return found_;
}

std::span<const UnwrappedLine> Unwrapper::finish() {
  found_.clear();
  while (!partial_.empty()) close(partial_.oldest(), 0);
  return found_;
}

std::string Unwrapper::save() const {
  std::string saved = partial_.save();
  if (lines_end_ || !saved.empty()) saved.insert(saved.begin(), lines_end_ ? '1' : '0');
  return saved;
}

void Unwrapper::restore(std::string_view saved) {
  if (saved.empty()) return;
  lines_end_ = saved.front() == '1';
  partial_.restore(saved.substr(1));
}

/// Records one behind the other, or in an array; false if it is no JSON.
bool Unwrapper::read_json(std::string_view text, const Context& outer, int depth) {
  JsonScanner scanner(clean(text));
  while (true) {
    const char first = scanner.peek();
    bool read = false;
    if (first == '{') {
      read = read_record(scanner, outer, depth);
    } else if (first == '[') {
      read = scanner.read_array([&] {
        JsonValue other;
        return scanner.peek() == '{' ? read_record(scanner, outer, depth) : scanner.read_value(other);
      });
    } else if (first == ',') {
      read = scanner.take(',');  // A line of an array that was printed over several.
    } else {
      return scanner.rest().empty();
    }
    if (!read) return false;
  }
}

RecordFields& Unwrapper::level(int depth) {
  if (levels_.empty()) levels_.assign(kLevels, RecordFields(*keys_));
  RecordFields& fields = levels_[static_cast<std::size_t>(depth)];
  fields.clear();
  return fields;
}

bool Unwrapper::read_record(JsonScanner& scanner, const Context& outer, int depth) {
  constexpr std::string_view kOtlp = R"({"resourceLogs":[)";
  if (scanner.rest().starts_with(kOtlp)) {
    // Large: not to be skipped first and looked into then.
    bool read = true;
    JsonValue other;
    return scanner.read_object([&](const JsonValue& key) {
      read = key.text == "resourceLogs" ? read_resource_logs(scanner, outer, depth) : scanner.read_value(other);
      return read;
    });
  }
  RecordFields& fields = level(depth);
  if (!fields.read_object(scanner)) return false;
  use_record(fields, outer, depth);
  return true;
}

/// The long way; what it asks, and in which order, is known to record_plan.cc, too.
void Unwrapper::use_record(RecordFields& fields, const Context& outer, int depth) {
  if (fields.has(Slot::kResourceLogs)) {
    JsonScanner scanner(fields.get(Slot::kResourceLogs).text);
    if (scanner.peek() == '[' && !read_resource_logs(scanner, outer, depth)) unreadable_ = true;
    return;
  }
  if (use_simple_record(fields, outer)) return;
  if (!fields.look_inside()) unreadable_ = true;
  Context context = context_of(fields, outer);
  std::string_view first;  // The message, if no text is a whole line.
  if (fields.has(Slot::kConfiguredText) && use_texts(fields, Slot::kConfiguredText, context, depth, first)) return;
  if (fields.has(Slot::kPayload)) {
    const JsonValue& payload = fields.get(Slot::kPayload);
    if (use_inner_record(payload, context, depth)) return;
    if (use_texts(fields, Slot::kPayload, context, depth, first)) return;
  }
  constexpr Slot kEnd = Slot::kSyslogtag;
  for (Slot slot = fields.first_of(Slot::kEventOriginal, kEnd); slot != kEnd;
       slot = fields.first_of(next(slot), kEnd)) {
    if (slot == Slot::kRawmsg && !first.empty()) break;
    if (use_texts(fields, slot, context, depth, first)) return;
    const bool may_be_record = slot == Slot::kEvent || slot == Slot::kBody;
    if (may_be_record && first.empty() && use_inner_record(fields.get(slot), context, depth)) return;
  }
  if (!first.empty()) use_parsed(first, context);
}

/// Most records: one text, which is a whole line that names its host, or plain words beside keys for
/// the rest. Does nothing, and returns false, if the record is not as simple as that.
bool Unwrapper::use_simple_record(RecordFields& fields, const Context& outer) {
  constexpr Slot kEnd = Slot::kBody;
  const Slot slot = fields.first_of(Slot::kEventOriginal, kEnd);
  if (slot == kEnd || has_own_keys_ || outer.container || fields.has(Slot::kPayload) || fields.has(Slot::kEvent) ||
      names_container(fields) || fields.get(slot).kind != JsonKind::kString)
    return false;
  const std::string_view text = clean(text_of(fields.get(slot)));
  SyslogLine& line = found_.emplace_back().line;
  if (has_header(text, line)) {
    if (line.host.empty()) {
      found_.pop_back();
      return false;
    }
    Context context = outer;
    find_stamp(fields, context);
    complete_line(text, context);
    return true;
  }
  found_.pop_back();
  const bool only_one = fields.first_of(next(slot), Slot::kRawmsg) == Slot::kRawmsg;
  if (!only_one || !is_plain_message(text) || !fields.look_inside() || fields.has(Slot::kEventOriginal)) return false;
  use_parsed(text, context_of(fields, outer));
  return true;
}

/// True if the value is an object or an array of them, which has been used then.
bool Unwrapper::use_inner_record(const JsonValue& value, const Context& context, int depth) {
  const bool object = value.kind == JsonKind::kObject;
  if ((!object && value.kind != JsonKind::kArray) || depth >= kDeepestRecord) return false;
  const std::size_t before = found_.size();
  if (!read_json(value.text, context, depth + 1)) unreadable_ = true;
  return found_.size() > before;
}

/// Tries the texts under one key; true if the record is done.
bool Unwrapper::use_texts(const RecordFields& fields, Slot slot, Context& context, int depth, std::string_view& first) {
  const JsonValue& value = fields.get(slot);
  const auto use = [&](std::string_view text) {
    if (context.container && join(text, is_partial(fields, text), context, depth)) return true;
    text = clean(text);
    if (text.empty()) return false;
    if (use_candidate(text, context, depth)) return true;
    if (first.empty()) first = text;
    return false;
  };
  if (value.kind == JsonKind::kString) return use(text_of(value));
  JsonScanner scanner(value.text);
  if (value.kind == JsonKind::kObject && value.text.find("\"stringValue\"") != std::string_view::npos) {
    JsonValue inner;
    RecordFields& ignored = level(kScratchLevel);
    return ignored.read_any_value(scanner, inner) && inner.kind == JsonKind::kString && use(text_of(inner));
  }
  if (value.kind != JsonKind::kArray) return false;
  std::size_t size = 0;
  if (arena_.has_room(value.text.size()) && decode_byte_array(value.text, arena_.next(), size))
    return use(arena_.keep(size));
  bool done = false;
  scanner.read_array([&] {
    JsonValue element;
    if (!scanner.read_value(element)) return false;
    done = element.kind == JsonKind::kString && use(text_of(element));
    return !done;
  });
  return done;
}

/// True if the text is a line with its header, or an envelope, which has been used then.
bool Unwrapper::use_candidate(std::string_view text, const Context& context, int depth) {
  if (use_text(text, context)) return true;
  if (depth >= kDeepestText) return false;
  if (begins_record(text.front())) {
    const std::size_t before = found_.size();
    const bool readable = read_json(text, context, depth + 1);
    if (!readable && text.front() == '{') unreadable_ = true;
    return found_.size() > before || (readable && text.front() == '{');
  }
  return read_container_line(text, context, depth + 1);
}

/// "STAMP stdout|stderr F|P TEXT" (Kubernetes' container runtime interface); false if it is none.
bool Unwrapper::read_container_line(std::string_view text, const Context& outer, int depth) {
  constexpr std::size_t kShortest = 30, kStream = 6;
  if (text.size() < kShortest || !syslog_detail::is_digit(text[0]) || text[4] != '-') return false;
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank < 20 || text.size() < blank + kStream + 3) return false;
  Context context = outer;
  context.stamp = text.substr(0, blank);
  context.stamp_kind = StampKind::kIsoLoose;
  context.container = true;
  const std::string_view stream = text.substr(blank + 1, kStream);
  if ((stream != "stdout" && stream != "stderr") || text[blank + 1 + kStream] != ' ') return false;
  context.stream = mix_stream(outer.stream, stream);
  text.remove_prefix(blank + kStream + 2);
  const bool partial = text.starts_with('P');  // Further tags stand behind a colon: "P:tag".
  if (!partial && !text.starts_with('F')) return false;
  text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  if (join(text, partial, context, depth)) return true;
  text = clean(text);
  if (text.empty() || use_candidate(text, context, depth)) return true;
  use_parsed(text, context);
  return true;
}

/// True if the text is a line with its header, which has been used then.
bool Unwrapper::use_text(std::string_view text, const Context& context) {
  if (!has_header(text, found_.emplace_back().line)) {
    found_.pop_back();
    return false;
  }
  complete_line(text, context);
  return true;
}

/// The last line found has its header: its own host, tag and stamp win, the envelope fills gaps.
void Unwrapper::complete_line(std::string_view text, const Context& context) {
  UnwrappedLine& out = found_.back();
  if (out.line.host.empty()) out.line.host = context.host;
  out.line.outer_stamp = context.stamp;
  out.line.outer_kind = context.stamp_kind;
  if (context.stamp_kind != StampKind::kNone)
    out.line.outer_time = context.container || context.event_time ? OuterTime::kInstead : OuterTime::kYear;
  out.whole = text;
  out.number = number_;
}

void Unwrapper::use_parsed(std::string_view text, const Context& context) {
  UnwrappedLine& out = found_.emplace_back();
  out.line.message = text;
  out.line.host = context.host;
  out.line.tag = context.tag;
  take_tag(out.line);
  if (context.vague_stamp.empty()) {
    out.line.stamp = context.stamp;
    out.line.stamp_kind = context.stamp_kind;
  } else {
    out.line.stamp = context.vague_stamp;
    out.line.stamp_kind = StampKind::kTraditional;
    out.line.outer_stamp = context.stamp;
    out.line.outer_kind = context.stamp_kind;
    if (context.stamp_kind != StampKind::kNone) out.line.outer_time = OuterTime::kYear;
  }
  out.number = number_;
}

}  // namespace dsnwatch::ingest
