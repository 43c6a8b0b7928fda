#include "ingest/envelope/json_scanner.h"

#include "ingest/envelope/json_skip.h"

namespace dsnwatch::ingest {

bool JsonScanner::read_other_value(JsonValue& out) {
  const char first = peek();
  const char* begin = p_;
  out.escaped = false;
  if (first == '{' || first == '[') {
    const char* behind = skip_json_container(p_, end_);
    if (behind == nullptr) return false;
    p_ = behind;
    out.kind = first == '{' ? JsonKind::kObject : JsonKind::kArray;
  } else {
    while (p_ < end_ && is_json_word_byte(*p_)) ++p_;
    if (p_ == begin) return false;  // What stands behind is for the caller to judge.
    out.kind = json_word_kind(first);
  }
  out.text = {begin, static_cast<std::size_t>(p_ - begin)};
  return true;
}

}  // namespace dsnwatch::ingest
