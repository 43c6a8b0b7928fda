#include "ingest/correlate/stored_entry.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::uint8_t kNumberedProviders = 1;  // The version that was.
constexpr std::uint8_t kVersion = 2;
constexpr char kHasSenderBit = 1;

void put_number(std::string& out, std::size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out.append(text);
}

bool take_byte(std::string_view& in, std::uint8_t& value) {
  if (in.empty()) return false;
  value = static_cast<std::uint8_t>(in[0]);
  in.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& in, std::size_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    std::uint8_t byte = 0;
    if (!take_byte(in, byte)) return false;
    value |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool take_text(std::string_view& in, std::string_view& text) {
  std::size_t size = 0;
  if (!take_number(in, size) || size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace

std::string store_entry(QueueTable& table, QueueTable::Index index, const core::Providers& names) {
  const QueueTable::Entry& entry = table.entry(index);
  std::string out, scratch;
  out.push_back(static_cast<char>(kVersion));
  out.push_back((entry.flags & QueueTable::kHasSender) != 0 ? kHasSenderBit : 0);
  for (QueueTable::Text text : {entry.sender, entry.client_ip, entry.account, entry.message_id})
    put_text(out, table.text(entry, text, scratch));
  for (QueueTable::Index at = entry.first_waiting; at != QueueTable::kNone; at = table.waiting(at).next) {
    const QueueTable::Waiting& waiting = table.waiting(at);
    put_text(out, table.address(waiting, scratch));
    out.push_back(static_cast<char>(waiting.cause));
    put_text(out, waiting.provider == core::kNoProvider ? std::string_view() : names.id(waiting.provider));
  }
  return out;
}

bool read_stored_entry(std::string_view value, StoredEntry& out) {
  std::uint8_t version = 0, flags = 0;
  if (!take_byte(value, version) || (version != kVersion && version != kNumberedProviders) ||
      !take_byte(value, flags) || flags > kHasSenderBit)
    return false;
  out.has_sender = flags == kHasSenderBit;
  for (std::string_view* text : {&out.sender, &out.client_ip, &out.account, &out.message_id})
    if (!take_text(value, *text)) return false;
  while (!value.empty()) {
    StoredEntry::Recipient recipient;
    std::uint8_t cause = 0;
    if (!take_text(value, recipient.address) || !take_byte(value, cause) || cause >= core::kCauseCount) return false;
    std::size_t number = 0;
    if (version == kVersion ? !take_text(value, recipient.provider) : !take_number(value, number)) return false;
    recipient.cause = static_cast<core::Cause>(cause);
    out.waiting.push_back(recipient);
  }
  return true;
}

}  // namespace dsnwatch::ingest
