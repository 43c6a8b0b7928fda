#include "ingest/envelope/record_layout.h"

#include <algorithm>
#include <cstring>

#include "ingest/envelope/byte_scan.h"

namespace dsnwatch::ingest {
namespace {

/// kPadding bytes can be read behind the literal.
bool same(const char* p, const char* end, const char* literal, std::size_t size) {
  const auto left = static_cast<std::size_t>(end - p);
  if (size <= core::kPadding && left >= core::kPadding) return core::same_padded(p, literal, size);
  return left >= size && std::memcmp(p, literal, size) == 0;
}

/// A string within its line, up to its closing quote.
bool take_string(const char*& p, const char* end, JsonValue& out) {
  const char* const begin = p;
  bool escaped = false;
  while (true) {
    p = find_any(p, end, '"', '\\', '\n');
    if (p == end || *p == '\n') return false;
    if (*p == '"') break;
    escaped = true;
    if (end - p < 2 || p[1] == '\n') return false;
    p += 2;
  }
  out = {JsonKind::kString, escaped, {begin, static_cast<std::size_t>(p - begin)}};
  return true;
}

/// A number, or a word where `kind` is one.
bool take_word(const char*& p, const char* end, JsonKind kind, JsonValue& out) {
  const char* const begin = p;
  while (p < end && is_json_word_byte(*p)) ++p;
  if (p == begin || json_word_kind(*begin) != kind) return false;
  out = {kind, /*escaped=*/false, {begin, static_cast<std::size_t>(p - begin)}};
  return true;
}

}  // namespace

const char* RecordLayout::match(const char* begin, const char* end, Values& values) const {
  const char* p = begin;
  values[0] = {JsonKind::kNone, /*escaped=*/false, {begin, 0}};
  JsonValue* value = values.data();
  for (const Piece& piece : pieces_) {
    if (!same(p, end, bytes_.data() + piece.begin, piece.size)) return nullptr;
    p += piece.size;
    if (piece.kind == JsonKind::kNone) return p == end || *p == '\n' ? p : nullptr;
    ++value;
    if (piece.kind == JsonKind::kString ? !take_string(p, end, *value) : !take_word(p, end, piece.kind, *value))
      return nullptr;
  }
  return nullptr;
}

bool RecordLayout::learn(std::string_view record, std::vector<Leaf> leaves) {
  if (resembles(record, leaves)) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const Leaf& last = leaves_[i];
      leaves[i].varies =
          last.varies || record.substr(leaves[i].begin, leaves[i].size) != sample().substr(last.begin, last.size);
    }
  }
  bytes_.assign(record).append(core::kPadding, '\0');
  leaves_ = std::move(leaves);
  return lay_out();
}

RecordLayout::Place RecordLayout::place_of(const JsonValue& value) const {
  Place place;
  const auto begin = static_cast<std::size_t>(value.text.data() - bytes_.data());
  std::size_t behind = 0;  // The end of the last value that varies.
  for (const Leaf& leaf : leaves_) {
    const bool inside = leaf.begin >= begin && leaf.begin + leaf.size <= begin + value.text.size();
    if (leaf.varies && inside) {
      if (leaf.begin != begin || leaf.kind != value.kind) return {};
      place.kind = leaf.kind;
      place.varies = true;
      ++place.value;
      return place;
    }
    if (leaf.begin >= begin + value.text.size()) break;
    if (!leaf.varies || leaf.begin >= begin) continue;
    ++place.value;
    behind = std::size_t{leaf.begin} + leaf.size;
  }
  place.kind = value.kind;
  place.escaped = value.escaped;
  place.offset = static_cast<std::uint16_t>(begin - behind);
  place.size = static_cast<std::uint16_t>(value.text.size());
  return place;
}

/// It must be of one line, and end with the object that it begins with.
std::vector<RecordLayout::Leaf> RecordLayout::split(std::string_view record) {
  std::vector<Leaf> leaves;
  const bool one_line = record.find('\n') == std::string_view::npos;
  if (record.size() > kLongest || !one_line || !record.starts_with('{')) return leaves;
  leaves.reserve(kMostLeaves);
  JsonScanner scanner(record);
  if (!split_object(scanner, record.data(), 0, leaves) || !scanner.rest().empty()) leaves.clear();
  return leaves;
}

bool RecordLayout::split_object(JsonScanner& scanner, const char* begin, int depth, std::vector<Leaf>& leaves) {
  if (depth > kDeepest) return false;
  return scanner.read_object([&](const JsonValue&) {
    if (scanner.peek() == '{') return split_object(scanner, begin, depth + 1, leaves);
    JsonValue value;
    if (!scanner.read_value(value)) return false;
    if (leaves.size() == kMostLeaves) return false;
    leaves.push_back({value.kind, /*varies=*/false, static_cast<std::uint16_t>(value.text.data() - begin),
                      static_cast<std::uint16_t>(value.text.size())});
    return true;
  });
}

bool RecordLayout::resembles(std::string_view record, const std::vector<Leaf>& leaves) const {
  const std::string_view other_record = sample();
  if (other_record.empty() || leaves.size() != leaves_.size()) return false;
  std::size_t here = 0, there = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Leaf& one = leaves[i];
    const Leaf& other = leaves_[i];
    if (one.kind != other.kind ||
        record.substr(here, one.begin - here) != other_record.substr(there, other.begin - there))
      return false;
    here = std::size_t{one.begin} + one.size;
    there = std::size_t{other.begin} + other.size;
  }
  return record.substr(here) == other_record.substr(there);
}

/// Makes the pieces; false if more varies, or other things, than can be matched.
bool RecordLayout::lay_out() {
  pieces_.clear();
  std::size_t at = 0;
  for (const Leaf& leaf : leaves_) {
    if (!leaf.varies) continue;
    const bool fits = leaf.kind != JsonKind::kArray && pieces_.size() < kMostValues;
    if (!fits) {
      pieces_.clear();
      return false;
    }
    pieces_.push_back({static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(leaf.begin - at), leaf.kind});
    at = std::size_t{leaf.begin} + leaf.size;
  }
  pieces_.push_back(
      {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(sample().size() - at), JsonKind::kNone});
  return true;
}

}  // namespace dsnwatch::ingest
