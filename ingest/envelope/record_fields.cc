#include "ingest/envelope/record_fields.h"

#include <cstring>

namespace dsnwatch::ingest {

void RecordFields::set(Slot slot, const JsonValue& value) {
  if (has(slot)) return;
  present_[word(slot)] |= std::uint64_t{1} << bit(slot);
  values_[static_cast<std::size_t>(slot)] = value;
}

void RecordFields::inherit(const RecordFields& other) {
  for (std::size_t i = 0; i < present_.size(); ++i) {
    for (std::uint64_t left = other.present_[i] & ~present_[i]; left != 0; left &= left - 1) {
      const std::size_t slot = i * 64 + static_cast<std::size_t>(std::countr_zero(left));
      values_[slot] = other.values_[slot];
    }
    present_[i] |= other.present_[i];
  }
}

/// Puts `key` behind the first `prefix` bytes of the path; the length then, 0 where it is longer than any known name.
std::size_t RecordFields::make_path(std::string_view key, std::size_t prefix) {
  if (prefix + key.size() >= path_.size()) return 0;
  std::memcpy(path_.data() + prefix, key.data(), key.size());
  return prefix + key.size();
}

bool RecordFields::read_object(JsonScanner& from) {
  JsonScanner scanner = from;  // In registers while the members are read, as what follows.
  if (!scanner.take('{')) return false;
  std::uint64_t low = present_[0], high = present_[1];
  bool more = !scanner.take('}'), others = false;
  for (RecordMembers::Member* member = nullptr; more;) {
    JsonValue value;
    member = members_.take(scanner, member, value);
    if (member == nullptr || !scanner.take_separator('}', more)) return false;
    if (member->known == nullptr) {
      others = true;
      continue;
    }
    if (value.kind == JsonKind::kObject && member->known->leads_on && objects_ < inside_.size())
      inside_[objects_++] = {member->known, value.text};
    const Slot slot = member->slot;
    if (slot == Slot::kNone) continue;
    const std::uint64_t mask = std::uint64_t{1} << bit(slot);
    if (((word(slot) == 0 ? low : high) & mask) != 0) continue;
    if (word(slot) == 0)
      low |= mask;
    else
      high |= mask;
    values_[static_cast<std::size_t>(slot)] = value;
  }
  present_ = {low, high};
  other_keys_ |= others;
  from = scanner;
  return true;
}

bool RecordFields::look_inside() {
  for (std::size_t i = 0; i < objects_; ++i) {
    JsonScanner scanner(inside_[i].text);
    const RecordKeys::Entry& known = *inside_[i].known;
    if (!read_inner_object(scanner, known, make_path(known.name, 0))) return false;
  }
  objects_ = 0;
  return true;
}

/// `path` is the length of its name, which is in `path_`.
bool RecordFields::read_inner_object(JsonScanner& scanner, const RecordKeys::Entry& known, std::size_t path) {
  JsonValue value;
  if (!known.leads_on || depth_ >= kDeepest) return scanner.read_value(value);
  path_[path++] = '.';  // A name that leads on is shorter than the longest.
  ++depth_;
  const bool read = scanner.read_object([&](const JsonValue& key) { return read_member(scanner, key.text, path); });
  --depth_;
  return read;
}

/// A member of an object within the record, whose name with its dot is the first `prefix` bytes of `path_`.
bool RecordFields::read_member(JsonScanner& scanner, std::string_view key, std::size_t prefix) {
  const std::size_t path = make_path(key, prefix);
  const RecordKeys::Entry* known = path == 0 ? nullptr : keys_->find({path_.data(), path});
  JsonValue value;
  if (known == nullptr) return scanner.read_value(value);
  if (scanner.peek() == '{') return read_inner_object(scanner, *known, path);
  if (!scanner.read_value(value)) return false;
  if (known->slot != Slot::kNone) set(known->slot, value);
  return true;
}

bool RecordFields::read_key_values(JsonScanner& scanner) {
  return scanner.read_array([&] {
    JsonValue key, value;
    const bool read = scanner.read_object([&](const JsonValue& name) {
      if (name.text == "key") return scanner.read_value(key);
      if (name.text == "value" && scanner.peek() == '{') return read_any_value(scanner, value);
      JsonValue ignored;
      return scanner.read_value(ignored);
    });
    if (!read) return false;
    const RecordKeys::Entry* known = key.kind == JsonKind::kString ? keys_->find(key.text) : nullptr;
    if (known != nullptr && known->slot != Slot::kNone && value.kind != JsonKind::kNone) set(known->slot, value);
    return true;
  });
}

bool RecordFields::read_any_value(JsonScanner& scanner, JsonValue& value) {
  if (++depth_ > kDeepest) {
    --depth_;
    return scanner.read_value(value);
  }
  const bool read = scanner.read_object([&](const JsonValue& type) {
    JsonValue ignored;
    if (type.text == "kvlistValue" && scanner.peek() == '{') {
      return scanner.read_object([&](const JsonValue& name) {
        return name.text == "values" && scanner.peek() == '[' ? read_key_values(scanner) : scanner.read_value(ignored);
      });
    }
    if (type.text == "arrayValue") return scanner.read_value(ignored);
    return scanner.read_value(value);
  });
  --depth_;
  return read;
}

}  // namespace dsnwatch::ingest
