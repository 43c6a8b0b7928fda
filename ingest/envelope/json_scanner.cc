#include "ingest/envelope/json_scanner.h"

#include <array>

#include "ingest/envelope/json_skip.h"

namespace dsnwatch::ingest {
namespace {

/// What numbers, true, false and null are made of.
constexpr std::array<bool, 256> word_bytes() {
  std::array<bool, 256> table{};
  for (unsigned char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+"))
    table[c] = true;
  return table;
}
constexpr std::array<bool, 256> kWordBytes = word_bytes();

}  // namespace

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
    while (p_ < end_ && kWordBytes[static_cast<unsigned char>(*p_)]) ++p_;
    if (p_ == begin) return false;  // What stands behind is for the caller to judge.
    out.kind = first == '-' || (first >= '0' && first <= '9') ? JsonKind::kNumber : JsonKind::kWord;
  }
  out.text = {begin, static_cast<std::size_t>(p_ - begin)};
  return true;
}

}  // namespace dsnwatch::ingest
