#pragma once

#include "ingest/envelope/record_keys.h"
#include "ingest/envelope/record_layout.h"

namespace dsnwatch::ingest {

/// What to make of the records of one layout, going by their keys and by what never changes in them, so that only
/// values that vary are left to ask. A record whose values are not as the plan needs them goes the long way.
struct RecordPlan {
  enum class Way : std::uint8_t {
    kNone,     ///< The long one.
    kLine,     ///< The text is a whole line that names its host.
    kMessage,  ///< Or a message whose header was parsed away.
  };
  Way way = Way::kNone;
  bool container = false;    ///< The record is one of a container's runtime.
  bool ends_line = false;    ///< The text is whole if a line feed ends it.
  bool routing_tag = false;  ///< `tag` may be none: see may_be_tag().
  RecordLayout::Place text;
  RecordLayout::Place stamp;
  RecordLayout::Place host, tag;  ///< Of a message.
  RecordLayout::Place stream;     ///< Whether it names a container must not change.
  RecordLayout::Place part;       ///< Must not say that the text goes on in another record.
};

/// The plan for records like the layout's sample.
RecordPlan plan_records(const RecordLayout& layout, const RecordKeys& keys);

}  // namespace dsnwatch::ingest
