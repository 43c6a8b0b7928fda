#include "ingest/format/postfix_refusal.h"

#include <cstring>

#include "core/enhanced_status.h"
#include "core/same_bytes.h"
#include "ingest/format/text_cursor.h"

namespace dsnwatch::ingest {
namespace {

using core::Stage;
constexpr std::size_t kNotFound = std::string_view::npos;

Stage stage_of(std::string_view word) {
  if (word == "RCPT") return Stage::kRcpt;
  if (word == "MAIL") return Stage::kMail;
  if (word == "CONNECT") return Stage::kConnect;
  if (word == "EHLO" || word == "HELO") return Stage::kHelo;
  if (word == "DATA" || word == "BDAT") return Stage::kData;
  if (word == "END-OF-MESSAGE") return Stage::kEod;
  return Stage::kUnknown;
}

/// "from=<…> to=<…> proto=… helo=<…>" behind a text, and where it begins.
struct Attributes {
  std::size_t begin = kNotFound;  ///< Of "; from=<" or what stands in its place.
  std::string_view sender, recipient;
  bool has_sender = false;
};

/// Where `name` stands last, as rfind() but many times as fast; what a name ends with is rare.
std::size_t find_last(std::string_view text, std::string_view name) {
  while (text.size() >= name.size()) {
    const void* const last = memrchr(text.data(), name.back(), text.size());
    if (last == nullptr) break;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(last) - text.data()) + 1;
    if (end < name.size()) break;
    if (core::same_bytes(text.data() + end - name.size(), name.data(), name.size())) return end - name.size();
    text = text.substr(0, end - 1);
  }
  return kNotFound;
}

/// Takes "NAME<…>" off the end of `text`, together with the comma of postscreen. The value may hold anything, so the
/// last place is taken that leaves a text which can stand before it.
bool take_last_attribute(std::string_view& text, std::string_view name, std::string_view& value) {
  if (!text.ends_with('>')) return false;
  for (std::size_t at = find_last(text, name); at != kNotFound && at > 0;
       at = find_last(text.substr(0, at - 1 + name.size()), name)) {
    std::string_view before = text.substr(0, at);
    if (before.ends_with(',')) before.remove_suffix(1);
    if (!before.ends_with(';') && !before.ends_with('>')) continue;
    value = text.substr(at + name.size(), text.size() - at - name.size() - 1);
    text = before;
    return true;
  }
  return false;
}

/// Takes "NAME<…>", or "NAME" and a word, off the end of `text`, together with the comma of postscreen.
void drop_last_attribute(std::string_view& text, std::string_view name) {
  const std::size_t at = find_last(text, name);
  if (at == kNotFound) return;
  const std::string_view value = text.substr(at + name.size());
  const bool bracketed = value.starts_with('<') && value.ends_with('>');
  if (!bracketed && value.find_first_of(" <>;") != kNotFound) return;
  text = text.substr(0, at);
  if (text.ends_with(',')) text.remove_suffix(1);
}

/// Matches the attributes from the right, since the text before them may hold anything, a semicolon included.
Attributes read_attributes(std::string_view text) {
  Attributes attributes;
  std::string_view rest = text;
  drop_last_attribute(rest, " sasl_username=");
  drop_last_attribute(rest, " helo=");
  drop_last_attribute(rest, " proto=");
  take_last_attribute(rest, " to=<", attributes.recipient);
  attributes.has_sender = take_last_attribute(rest, " from=<", attributes.sender);
  if (rest.ends_with(';')) {
    attributes.begin = rest.size() - 1;
    return attributes;
  }
  // Odd: cut by the logger, or a HELO made to look like attributes. Nothing of them is believed.
  attributes = {};
  for (std::string_view first : {"; from=<", "; to=<", "; proto=", "; helo=<"}) {
    attributes.begin = text.find(first);
    if (attributes.begin != kNotFound) break;
  }
  return attributes;
}

void fill_attributes(const Attributes& attributes, core::Attempt& attempt) {
  attempt.sender = attributes.sender;
  attempt.has_sender = attributes.has_sender;
  attempt.recipient = attributes.recipient;
}

/// Code, enhanced status and result from the head of the text: "550 5.1.1 …", "5.7.1 …", or neither.
void fill_reply(std::string_view text, core::Attempt& attempt) {
  attempt.kind = core::Kind::kInbound;
  attempt.text = text;
  attempt.smtp_code = reply_code(text);
  std::string_view status = text;
  if (attempt.smtp_code != 0) status.remove_prefix(status.size() > 4 ? 4 : status.size());
  std::size_t length = 0;
  if (core::parse_enhanced_status(status, &length).present()) attempt.dsn = status.substr(0, length);
  const bool transient =
      attempt.smtp_code != 0 ? attempt.smtp_code / 100 == 4 : !attempt.dsn.empty() && attempt.dsn[0] == '4';
  attempt.result = transient ? core::AttemptResult::kDeferred : core::AttemptResult::kRejected;
}

/// Behind the action: "header CONTENT from host[ip]; from=<> …: TEXT". CONTENT and HELO are a stranger's words: where
/// both ends of the content are possible, the client is not believed.
Reading read_content_refusal(std::string_view text, core::Attempt& attempt) {
  constexpr std::string_view kFrom = " from ";
  std::size_t matches = 0;
  std::size_t behind = kNotFound;
  Peer client;
  for (std::size_t at = text.find(kFrom); at != kNotFound; at = text.find(kFrom, at + 1)) {
    TextCursor cursor(text.substr(at + kFrom.size()));
    Peer peer;
    if (!take_peer(cursor, peer) && !cursor.take("local")) continue;
    if (!cursor.rest().starts_with("; from=<") && !cursor.rest().starts_with("; to=<") &&
        !cursor.rest().starts_with("; proto="))
      continue;
    ++matches;
    client = peer;
    behind = text.size() - cursor.rest().size();
  }
  if (behind == kNotFound) return Reading::kMalformed;
  attempt.client_ip = matches == 1 ? client.ip : std::string_view();
  attempt.stage = Stage::kEod;
  // The attributes end at the last ">: "; without a text they end the line.
  std::string_view attributes = text.substr(behind);
  std::string_view reply;
  const std::size_t end = attributes.rfind(">: ");
  if (end != kNotFound) {
    reply = attributes.substr(end + 3);
    attributes = attributes.substr(0, end + 1);
  }
  fill_attributes(read_attributes(attributes), attempt);
  fill_reply(reply, attempt);
  return Reading::kRecord;
}

}  // namespace

Reading read_postfix_refusal(std::string_view text, core::Attempt& attempt) {
  TextCursor cursor(text);
  if (!cursor.take("reject: ") && !cursor.take("milter-reject: ")) return Reading::kNothing;
  const std::string_view stage = cursor.take_until(' ');
  for (std::string_view context : {"header", "body", "content", "mime-header", "nested-header"})
    if (stage == context) return read_content_refusal(cursor.rest(), attempt);
  attempt.stage = stage_of(stage);
  Peer client;
  if (!cursor.take(" from ") || !take_peer(cursor, client)) return Reading::kMalformed;
  attempt.client_ip = client.ip;
  if (cursor.take(":") && !cursor.take(" ")) {  // the client's port
    cursor.take_until(':');
    cursor.take(": ");
  }
  const Attributes attributes = read_attributes(cursor.rest());
  fill_attributes(attributes, attempt);
  fill_reply(cursor.rest().substr(0, attributes.begin), attempt);
  return Reading::kRecord;
}

Reading read_postfix_proxy_refusal(std::string_view text, core::Attempt& attempt) {
  TextCursor cursor(text);
  if (!cursor.take("proxy-reject: ")) return Reading::kNothing;
  attempt.stage = stage_of(cursor.take_until(':'));
  if (!cursor.take(":")) return Reading::kMalformed;
  cursor.take(" ");
  const Attributes attributes = read_attributes(cursor.rest());
  fill_attributes(attributes, attempt);
  fill_reply(cursor.rest().substr(0, attributes.begin), attempt);
  return Reading::kRecord;
}

}  // namespace dsnwatch::ingest
