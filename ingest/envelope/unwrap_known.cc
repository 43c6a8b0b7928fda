// The short way of a record that is laid out as those before it.

#include "ingest/envelope/line_header.h"
#include "ingest/envelope/outer_stamp.h"
#include "ingest/envelope/record_roles.h"
#include "ingest/envelope/unwrapper.h"

namespace dsnwatch::ingest {
namespace {

bool is_there(const RecordLayout::Place& place) {
  return place.kind != JsonKind::kNone;
}

}  // namespace

std::span<const UnwrappedLine> Unwrapper::unwrap_known(std::string_view bytes, std::uint64_t number,
                                                       std::size_t& size) {
  const char* behind = nullptr;
  const RecordPlan* plan = known_.find(bytes, values_, behind);
  if (plan == nullptr) return {};
  size = static_cast<std::size_t>(behind - bytes.data());
  if (!arena_.has_room(size)) return {};  // The long way makes room.
  found_.clear();
  unreadable_ = false;
  number_ = number;
  const bool used = use_plan(*plan);
  known_.judge(used);
  return used ? std::span<const UnwrappedLine>(found_) : std::span<const UnwrappedLine>();
}

/// False if it must be the long way; nothing is found then.
bool Unwrapper::use_plan(const RecordPlan& plan) {
  if (plan.container && !partial_.empty()) return false;
  if (is_there(plan.stream) && is_container_stream(plan.stream.in(values_).text) != plan.container) return false;
  if (is_there(plan.part) && plan.part.in(values_).text.starts_with('P')) return false;
  Context context;
  context.container = plan.container;
  if (is_there(plan.stamp)) {
    context.stamp = text_of(plan.stamp.in(values_));
    context.stamp_kind = outer_stamp_kind(context.stamp);
    if (context.stamp_kind == StampKind::kNone || context.stamp_kind == StampKind::kTraditional) return false;
  }
  std::string_view text = text_of(plan.text.in(values_));
  if (plan.ends_line) {
    if (!text.ends_with('\n')) return false;
    lines_end_ = true;
  }
  text = clean(text);
  if (use_text(text, context)) {
    if (!found_.back().line.host.empty()) return true;
    found_.clear();
    return false;
  }
  if (plan.way != RecordPlan::Way::kMessage || !is_plain_message(text)) return false;
  if (is_there(plan.host)) {
    context.host = text_of(plan.host.in(values_));
    if (!usable_host(context.host)) return false;
  }
  if (is_there(plan.tag)) {
    const JsonValue tag = plan.tag.in(values_);
    if (plan.routing_tag && !may_be_tag(Slot::kTag, tag.text)) return false;
    context.tag = program_of(text_of(tag));
    if (context.tag.empty()) return false;
  }
  use_parsed(text, context);
  return true;
}

}  // namespace dsnwatch::ingest
