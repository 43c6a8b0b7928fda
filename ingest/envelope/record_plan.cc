#include "ingest/envelope/record_plan.h"

#include "ingest/envelope/outer_stamp.h"
#include "ingest/envelope/record_fields.h"
#include "ingest/envelope/record_roles.h"

namespace dsnwatch::ingest {
namespace {

using Way = RecordPlan::Way;

/// Follows Unwrapper's long way through the sample: whatever is decided there by values that vary is left open, or
/// gives no plan.
class Planner {
 public:
  Planner(const RecordLayout& layout, const RecordKeys& keys) : layout_(&layout), top_(keys), all_(keys) {}

  RecordPlan make() {
    JsonScanner scanner(layout_->sample());
    if (!top_.read_object(scanner)) return {};
    all_ = top_;
    if (!all_.look_inside()) return {};
    for (const Slot slot : {Slot::kResourceLogs, Slot::kPayload, Slot::kConfiguredText}) {
      if (all_.has(slot)) return {};
    }
    if (!find_container() || !find_text()) return {};
    find_stamp();
    if (plan_.way == Way::kMessage) find_host_and_tag();
    return plan_;
  }

 private:
  RecordLayout::Place place_of(Slot slot) const { return layout_->place_of(all_.get(slot)); }

  bool find_container() {
    plan_.container = names_container(all_);
    const bool parts = all_.has(Slot::kCriPart) || all_.has(Slot::kPartialMessage) || all_.has(Slot::kPartial);
    if (!parts && all_.has(Slot::kStream)) plan_.stream = place_of(Slot::kStream);
    if (!plan_.container) return true;
    if (all_.has(Slot::kCriPart)) {
      plan_.part = place_of(Slot::kCriPart);
      return true;
    }
    for (const Slot slot : {Slot::kPartialLast, Slot::kPartialMessage, Slot::kPartial}) {
      if (!all_.has(slot)) continue;
      return !place_of(slot).varies && is_true_part(all_.get(slot)) == (slot == Slot::kPartialLast);
    }
    plan_.ends_line = all_.has(Slot::kLog) && all_.get(Slot::kLog).kind == JsonKind::kString && all_.has(Slot::kStream);
    return true;
  }

  bool find_text() {
    const Slot simple = top_.first_of(Slot::kEventOriginal, Slot::kBody);
    const bool is_simple = simple != Slot::kBody && !plan_.container && !top_.has(Slot::kEvent) &&
                           top_.get(simple).kind == JsonKind::kString;
    const Slot slot = is_simple ? simple : all_.first_of(Slot::kEventOriginal, Slot::kSyslogtag);
    if (slot == Slot::kSyslogtag || all_.get(slot).kind != JsonKind::kString) return false;
    plan_.text = place_of(slot);
    const bool only_one = is_simple && top_.first_of(next(slot), Slot::kRawmsg) == Slot::kRawmsg;
    plan_.way = only_one && !all_.has(Slot::kEventOriginal) ? Way::kMessage : Way::kLine;
    return true;
  }

  void find_stamp() {
    any_stamp_slot(all_, plan_.container, [&](Slot slot) {
      const JsonValue& value = all_.get(slot);
      if (value.kind != JsonKind::kString && value.kind != JsonKind::kNumber) return false;
      const RecordLayout::Place place = place_of(slot);
      if (!place.varies && !place.escaped && outer_stamp_kind(value.text) == StampKind::kNone) return false;
      plan_.stamp = place;
      return true;
    });
  }

  void find_host_and_tag() {
    any_host_slot(all_, [&](Slot slot) {
      const RecordLayout::Place place = place_of(slot);
      if (!place.varies && !place.escaped && !usable_host(all_.get(slot).text)) return false;
      plan_.host = place;
      return true;
    });
    any_tag_slot(all_, [&](Slot slot) {
      const RecordLayout::Place place = place_of(slot);
      const std::string_view text = all_.get(slot).text;
      const bool open = place.varies || place.escaped;
      if (!open && (!may_be_tag(slot, text) || program_of(text).empty())) return false;
      plan_.tag = place;
      plan_.routing_tag = slot == Slot::kTag;
      return true;
    });
  }

  const RecordLayout* layout_;
  RecordFields top_;  // Without the members of objects within.
  RecordFields all_;
  RecordPlan plan_;
};

}  // namespace

RecordPlan plan_records(const RecordLayout& layout, const RecordKeys& keys) {
  return Planner(layout, keys).make();
}

}  // namespace dsnwatch::ingest
