#include "ingest/envelope/record_members.h"

#include <cstring>

namespace dsnwatch::ingest {
namespace {

bool begins_so(const RecordMembers::Member& member, const char* head, std::size_t size) {
  return member.size == size && std::memcmp(member.head.data(), head, size) == 0;
}

}  // namespace

/// Where the member with this head is, or may be put.
std::uint8_t RecordMembers::place_of(std::string_view key, const char* head, std::size_t size) const {
  constexpr std::size_t kTries = 6;
  const std::size_t home = RecordKeys::hash(key);
  for (std::size_t i = 0; i < kTries; ++i) {
    const std::size_t at = (home + i) % members_.size();
    const Member& member = members_[at];
    if (member.size == 0 || begins_so(member, head, size)) return static_cast<std::uint8_t>(at);
  }
  return static_cast<std::uint8_t>(home % members_.size());
}

/// One that does not stand as expected, or no string.
RecordMembers::Member* RecordMembers::take_other(JsonScanner& scanner, std::uint8_t& next, JsonValue& value) {
  Member* member = &members_[next];
  const char* begin = scanner.place();
  if (member->size == 0 || member->string || !scanner.take_bytes(member->head.data(), member->size)) {
    JsonScanner here = scanner;
    member = read_key(scanner, next);
    if (member == nullptr) return nullptr;
    if (member->whole.recognise(here, value)) {
      scanner = here;
      return member;
    }
  }
  if (member->string) return scanner.read_string_rest(value) ? member : nullptr;
  if (!scanner.read_value(value)) return nullptr;
  member->whole.learn(begin, value);
  return member;
}

/// Reads a key and what follows it up to its value.
RecordMembers::Member* RecordMembers::read_key(JsonScanner& scanner, std::uint8_t& next) {
  const char* begin = scanner.place();
  JsonValue key;
  if (!scanner.read_string(key) || !scanner.take(':')) return nullptr;
  const JsonScanner value = scanner;
  const bool string = scanner.take('"');
  const auto size = static_cast<std::size_t>(scanner.place() - begin);
  const bool fits = size <= kLongestHead;
  if (!fits) scanner = value;
  next = place_of(key.text, begin, size);
  Member& member = members_[next];
  if (begins_so(member, begin, size)) return &member;
  if (fits) std::memcpy(member.head.data(), begin, size);
  member.size = static_cast<std::uint8_t>(fits ? size : 0);
  member.string = string && fits;
  member.known = keys_->find(key.text);
  member.slot = member.known == nullptr ? Slot::kNone : member.known->slot;
  member.whole = {};
  return &member;
}

}  // namespace dsnwatch::ingest
