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

bool RecordFields::read_members(JsonScanner& scanner, std::size_t prefix) {
  return scanner.read_object([&](const JsonValue& key) { return read_member(scanner, key.text, prefix); });
}

bool RecordFields::read_member(JsonScanner& scanner, std::string_view key, std::size_t prefix) {
  std::size_t path = 0;
  const RecordKeys::Entry* known = nullptr;
  if (prefix == 0) {
    known = keys_->find(key);
  } else if ((path = make_path(key, prefix)) != 0) {
    known = keys_->find({path_.data(), path});
  }
  JsonValue value;
  if (known == nullptr) {
    other_keys_ = true;
    return scanner.read_value(value);
  }
  if (known->leads_on && scanner.peek() == '{' && depth_ < kDeepest) {
    if (prefix == 0) path = make_path(key, 0);
    path_[path++] = '.';  // A name that leads on is shorter than the longest.
    const char* begin = scanner.place();
    ++depth_;
    const bool read = read_members(scanner, path);
    --depth_;
    if (!read) return false;
    value.kind = JsonKind::kObject;
    value.text = {begin, static_cast<std::size_t>(scanner.place() - begin)};
  } else if (!scanner.read_value(value)) {
    return false;
  }
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
