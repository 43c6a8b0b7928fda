// Texts that a container's runtime cut into several records.

#include <utility>

#include "ingest/envelope/line_header.h"
#include "ingest/envelope/record_roles.h"
#include "ingest/envelope/unwrapper.h"

namespace dsnwatch::ingest {
bool Unwrapper::is_partial(const RecordFields& fields, std::string_view text) {
  if (fields.has(Slot::kCriPart)) return fields.get(Slot::kCriPart).text.starts_with('P');
  if (fields.has(Slot::kPartialLast) && is_true_part(fields.get(Slot::kPartialLast))) return false;
  for (const Slot slot : {Slot::kPartialMessage, Slot::kPartial}) {
    if (fields.has(slot)) return is_true_part(fields.get(slot));
  }
  if (!fields.has(Slot::kLog) || fields.get(Slot::kLog).kind != JsonKind::kString || text.empty()) return false;
  if (!fields.has(Slot::kStream)) return false;
  if (text.ends_with('\n')) {
    lines_end_ = true;
    return false;
  }
  // Docker ends a whole text with a line feed. Shippers may take it off; then no text has one.
  const bool dockers_own =
      !fields.has_other_keys() && fields.has(Slot::kTime) && fields.count() == (fields.has(Slot::kAttrs) ? 4 : 3);
  return dockers_own || lines_end_;
}

bool Unwrapper::join(std::string_view& text, bool partial, Context& context, int depth) {
  if (!partial && partial_.empty()) return false;
  PartialTexts::Open* open = partial_.find(context.stream);
  SyslogLine ignored;
  if (open != nullptr && has_header(clean(text), ignored)) {
    // No text goes on with a line's beginning: the open one's rest is lost.
    close(*open, depth);
    open = nullptr;
  }
  if (partial) {
    if (open == nullptr) {
      while (partial_.full(text.size())) close(partial_.oldest(), depth);
      open = &partial_.open(context.stream);
      open->stamp = context.stamp;
      open->stamp_kind = context.stamp_kind;
      open->host = context.host;
    }
    partial_.append(*open, text);
    open->number = number_;
    return true;
  }
  if (open == nullptr) return false;
  partial_.append(*open, text);
  context.stamp = arena_.has_room(open->stamp.size()) ? arena_.copy(open->stamp) : std::string_view();
  context.stamp_kind = open->stamp_kind;
  text = arena_.has_room(open->text.size()) ? arena_.copy(open->text) : std::string_view();
  partial_.close(*open);
  return false;
}

/// Uses an open text as it is.
void Unwrapper::close(PartialTexts::Open& open, int depth) {
  const std::uint64_t number = std::exchange(number_, open.number);
  const std::size_t bytes = open.text.size() + open.stamp.size() + open.host.size();
  if (arena_.has_room(bytes)) {
    Context context;
    context.container = true;
    context.host = arena_.copy(open.host);
    context.stamp = arena_.copy(open.stamp);
    context.stamp_kind = open.stamp_kind;
    const std::string_view text = clean(arena_.copy(open.text));
    if (!text.empty() && !use_candidate(text, context, depth)) use_parsed(text, context);
  }
  partial_.close(open);
  number_ = number;
}

}  // namespace dsnwatch::ingest
