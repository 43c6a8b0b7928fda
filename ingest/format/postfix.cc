#include "ingest/format/postfix.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>
#include <utility>

#include "ingest/format/postfix_glance.h"
#include "ingest/format/postfix_queue_id.h"
#include "ingest/format/postfix_refusal.h"
#include "ingest/format/text_cursor.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kShortestMessage = 8;
constexpr std::size_t kLongestKeptLine = 16384;
constexpr std::uint32_t kMostRepeats = 1'000'000;

/// The decimal number at the head of `text`, which is taken off; 0 if there is none.
std::uint32_t take_count(std::string_view& text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count > kMostRepeats) return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return count;
}

/// As good as new. Most records are facts with few fields: a whole Record is five cache lines.
void reset(Record& record) {
  core::Attempt& attempt = record.attempt;
  if (record.kind == RecordKind::kAttempt || record.kind == RecordKind::kExpired) {
    // In its place and member by member: an assignment makes a temporary and copies it with instructions that are slow
    // to start.
    ::new (&attempt) core::Attempt;
    return;
  }
  attempt.client_ip = {};
  attempt.account = {};
  attempt.message_id = {};
  attempt.sender = {};
  attempt.has_sender = false;
}

/// "postfix/smtp" of "postfix/smtp[813]".
std::string_view service_of(std::string_view tag) {
  return TextCursor(tag).take_until('[');
}

std::string_view without_brackets(std::string_view text) {
  if (text.starts_with('<')) text.remove_prefix(1);
  if (text.ends_with('>')) text.remove_suffix(1);
  return text;
}

}  // namespace

PostfixFormat::PostfixFormat(FormatSettings settings, TimeZone zone)
    : default_host_(std::move(settings.default_host)),
      host_(default_host_),
      stamps_(settings.time, std::move(zone)),
      unwrapper_(settings.keys) {}

void PostfixFormat::parse(std::string_view lines, RecordSink& sink) {
  hand_on_to(sink);
  read_lines(lines);
  flush();
  keep_last_line();
  sink_ = nullptr;
}

void PostfixFormat::hand_on_to(RecordSink& sink) {
  sink_ = &sink;
  wants_message_ids_ = sink.wants_message_ids();
}

/// Of the way of every line: for one that matters to nobody no call is paid.
void PostfixFormat::read_line(std::string_view text, std::uint32_t repeats) {
  const bool after_attempt = std::exchange(last_was_attempt_, false);
  PlainLine plain;
  if (!find_plain_parts(text, plain)) return read_other_line(text, repeats, after_attempt);
  const PostfixGlance glance = glance_at(text.substr(plain.message), wants_message_ids_);
  if (glance.may_matter) use_plain_line(text, plain, glance.id_size, repeats, after_attempt);
}

void PostfixFormat::use_plain_line(std::string_view text, PlainLine plain, std::size_t id_size, std::uint32_t repeats,
                                   bool after_attempt) {
  use_message(split_plain_line(text, plain), id_size, text, repeats, after_attempt);
}

void PostfixFormat::read_lines(std::string_view lines) {
  if (in_journal_) lines.remove_prefix(read_journal(lines));
  const char* p = lines.data();
  const char* const end = p + lines.size();
  while (p < end) {
    const char* const begin = p;
    const bool is_record = Unwrapper::begins_record(*p);
    if (is_record && unwrapper_.knows_records()) {
      p += read_known_record({p, static_cast<std::size_t>(end - p)});
      if (p != begin) continue;
    }
    const void* newline = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
    const char* stop = newline == nullptr ? end : static_cast<const char*>(newline);
    const char* next = newline == nullptr ? end : stop + 1;
    if (stop > p && stop[-1] == '\r') --stop;
    number_ = ++counts_.lines;
    const std::string_view line(p, static_cast<std::size_t>(stop - p));
    if (is_record)
      read_record(line);
    else
      read_line(line, 1);
    p = next;
    if (in_journal_) {
      --counts_.lines;
      p = begin + read_journal({begin, static_cast<std::size_t>(end - begin)});
    }
  }
}

/// The bytes of the block go away.
void PostfixFormat::keep_last_line() {
  if (!last_was_attempt_) return;
  last_was_attempt_ = previous_line_.size() <= kLongestKeptLine;
  if (last_was_attempt_ && previous_line_.data() != kept_line_.data()) kept_line_.assign(previous_line_);
  previous_line_ = kept_line_;
}

void PostfixFormat::skip_line(Unparsed reason) {
  ++counts_.lines;
  ++counts_.unparsed[static_cast<std::size_t>(reason)];
  last_was_attempt_ = false;
}

void PostfixFormat::read_other_line(std::string_view text, std::uint32_t repeats, bool after_attempt) {
  SyslogLine line;
  if (!split_syslog_line(text, line) || Unwrapper::is_glued(line)) return read_odd_line(text);
  if (Unwrapper::is_container_line(line)) return read_record(text);
  read_split_line(line, text, repeats, after_attempt);
}

void PostfixFormat::read_split_line(const SyslogLine& line, std::string_view text, std::uint32_t repeats,
                                    bool after_attempt) {
  const PostfixGlance glance = glance_at(line.message, wants_message_ids_);
  if (glance.may_matter) use_message(line, glance.id_size, text, repeats, after_attempt);
}

/// `text` is the whole line.
void PostfixFormat::use_message(const SyslogLine& line, std::size_t id_size, std::string_view text,
                                std::uint32_t repeats, bool after_attempt) {
  if (id_size != 0) {
    read_queue_line(line, line.message.substr(0, id_size), line.message.substr(id_size + 2), repeats);
  } else if (line.message.size() < kShortestMessage) {
    return;
  } else if (line.message[0] == 'l') {
    if (after_attempt && line.tag.empty()) last_was_attempt_ = read_repeated(line);
    return;
  } else {
    read_message(line, line.message, repeats);
  }
  if (last_was_attempt_) previous_line_ = text;
}

std::int64_t PostfixFormat::time_of(const SyslogLine& line) {
  if (message_time_us_ == core::kNoTime) return stamps_.time_of(line);
  if (line.stamp_kind == StampKind::kTraditional && line.outer_time == OuterTime::kNone)
    return stamps_.read_near(line.stamp, message_time_us_);
  const std::int64_t time_us = stamps_.time_of(line);
  return time_us == core::kNoTime ? message_time_us_ : time_us;
}

void PostfixFormat::read_message(const SyslogLine& line, std::string_view message, std::uint32_t repeats) {
  TextCursor cursor(message);
  if (cursor.take("NOQUEUE: ")) {
    read_attempt(line, {}, cursor.rest(), repeats, read_postfix_refusal);
    return;
  }
  if (message.starts_with("proxy-reject: ")) {
    read_attempt(line, {}, message, repeats, read_postfix_proxy_refusal);
    return;
  }
  // rsyslog's $RepeatedMsgReduction: "message repeated 3 times: [ QID: to=…]"; the first one stood on its own line.
  if (repeats != 1 || !cursor.take("message repeated ")) return;
  std::string_view rest = cursor.rest();
  const std::uint32_t count = take_count(rest);
  cursor = TextCursor(rest);
  if (count == 0 || !cursor.take(" times: [")) return;
  cursor.take(" ");
  rest = cursor.rest();
  if (rest.ends_with(']')) rest.remove_suffix(1);
  const std::size_t id = postfix_queue_id_length(rest);
  if (id != 0)
    read_queue_line(line, rest.substr(0, id), rest.substr(id + 2), count);
  else if (count != 1)
    read_message(line, rest, count);
}

bool PostfixFormat::read_repeated(const SyslogLine& line) {
  // Old syslogd: "HOST last message repeated 3 times" about the line before.
  TextCursor cursor(line.message);
  if (!cursor.take("last message repeated ")) return false;
  std::string_view rest = cursor.rest();
  const std::uint32_t count = take_count(rest);
  if (count == 0 || !rest.starts_with(" times")) return false;
  const std::string_view repeated = previous_line_;
  read_line(repeated, count);
  return last_was_attempt_;
}

void PostfixFormat::read_queue_line(const SyslogLine& line, std::string_view queue_id, std::string_view text,
                                    std::uint32_t repeats) {
  constexpr std::string_view kMessageId = "message-id=";
  if (text.empty()) return;
  switch (text[0]) {
    case 't':
      if (text.starts_with("to=")) read_attempt(line, queue_id, text, repeats, read_postfix_delivery);
      break;
    case 'f':
      if (text.starts_with("from=")) read_sender(line, queue_id, text);
      break;
    case 'c':
      if (text.starts_with("client=")) read_client(line, queue_id, text);
      break;
    case 'u':
      if (text.starts_with("uid=")) add(RecordKind::kClient, line, queue_id);
      break;
    case 'm':
      if (text.starts_with(kMessageId)) {
        if (!wants_message_ids_) break;
        text.remove_prefix(kMessageId.size());
        add(RecordKind::kMessageId, line, queue_id).attempt.message_id = without_brackets(text);
        break;
      }
      [[fallthrough]];
    case 'r':
      // "removed", or "removed (canceled)" of a client that gave up (Postfix 3.10)
      if (text == "removed" || text.starts_with("removed ("))
        add(RecordKind::kRemoved, line, queue_id);
      else
        read_attempt(line, queue_id, text, repeats, read_postfix_refusal);
      break;
    default:
      break;
  }
}

void PostfixFormat::read_client(const SyslogLine& line, std::string_view queue_id, std::string_view text) {
  // client=host[ip][:port], sasl_method=M, sasl_username=U, sasl_sender=S, orig_queue_id=Q, orig_client=H[IP]
  constexpr std::string_view kUser = ", sasl_username=";
  TextCursor cursor(text.substr(std::strlen("client=")));
  core::Attempt& fact = add(RecordKind::kClient, line, queue_id).attempt;
  Peer client;
  if (!take_peer(cursor, client)) return;
  fact.client_ip = client.ip;
  const std::size_t at = cursor.rest().find(kUser);
  if (at == std::string_view::npos) return;
  std::string_view user = cursor.rest().substr(at + kUser.size());
  for (std::string_view next : {", sasl_sender=", ", orig_queue_id=", ", orig_client="})
    user = user.substr(0, user.find(next));
  fact.account = user;
}

void PostfixFormat::read_sender(const SyslogLine& line, std::string_view queue_id, std::string_view text) {
  // from=<S>, size=N, nrcpt=N (queue active)   |   from=<S>, status=expired, returned to sender
  std::string_view rest = text.substr(std::strlen("from="));
  std::string_view sender;
  if (!take_postfix_address(rest, ", size=", ", status=", sender)) return;
  const bool expired = rest.starts_with(", status=expired,") || rest.starts_with(", status=force-expired,");
  if (!expired && !rest.starts_with(", size=")) return;
  core::Attempt& fact = add(expired ? RecordKind::kExpired : RecordKind::kSender, line, queue_id).attempt;
  fact.sender = sender;
  fact.has_sender = true;
  if (!expired) return;
  fact.result = core::AttemptResult::kExpired;
  fact.time_us = time_of(line);
  fact.line = number_;
  fact.service = service_of(line.tag);
}

void PostfixFormat::read_attempt(const SyslogLine& line, std::string_view queue_id, std::string_view text,
                                 std::uint32_t repeats, Reader reader) {
  if (batched_ == kBatch) flush();
  core::Attempt& attempt = batch_[batched_].attempt;
  const Reading reading = reader(text, attempt);
  if (reading != Reading::kRecord) {
    ::new (&attempt) core::Attempt;
    if (reading == Reading::kMalformed) ++counts_.unparsed[static_cast<std::size_t>(Unparsed::kMalformed)];
    return;
  }
  attempt.time_us = time_of(line);
  attempt.line = number_;
  attempt.count = repeats;
  attempt.service = service_of(line.tag);
  last_was_attempt_ = true;
  add(RecordKind::kAttempt, line, queue_id);
}

Record& PostfixFormat::add(RecordKind kind, const SyslogLine& line, std::string_view queue_id) {
  if (batched_ == kBatch) flush();
  Record& record = batch_[batched_++];
  record.kind = kind;
  record.attempt.host = line.host.empty() ? host_ : line.host;
  record.attempt.queue_id = queue_id;
  return record;
}

void PostfixFormat::flush() {
  if (batched_ == 0) return;
  sink_->consume(std::span(batch_.data(), batched_));
  for (std::size_t i = 0; i < batched_; ++i) reset(batch_[i]);
  batched_ = 0;
}

std::string PostfixFormat::save() const {
  std::string saved = "1 " + std::to_string(counts_.lines) + " " + stamps_.save();
  const std::string parts = unwrapper_.save();
  if (!parts.empty() || in_journal_)
    saved += " " + std::to_string(in_journal_) + std::to_string(parts.size()) + ":" + parts + journal_rest_;
  return saved;
}

void PostfixFormat::restore(std::string_view saved) {
  if (!saved.starts_with("1 ")) return;
  saved.remove_prefix(2);
  std::uint64_t lines = 0;
  const auto [end, error] = std::from_chars(saved.data(), saved.data() + saved.size(), lines);
  if (error != std::errc() || end == saved.data() + saved.size() || *end != ' ') return;
  counts_.lines = lines;
  saved.remove_prefix(static_cast<std::size_t>(end + 1 - saved.data()));
  const std::size_t stamps = std::min(saved.find(' '), saved.size());
  stamps_.restore(saved.substr(0, stamps));
  saved.remove_prefix(stamps);
  if (saved.size() < 3) return;
  in_journal_ = saved[1] == '1';
  saved.remove_prefix(2);
  std::size_t parts = 0;
  const auto [stop, bad] = std::from_chars(saved.data(), saved.data() + saved.size(), parts);
  if (bad != std::errc() || stop == saved.data() + saved.size() || *stop != ':') return;
  saved.remove_prefix(static_cast<std::size_t>(stop + 1 - saved.data()));
  unwrapper_.restore(saved.substr(0, parts));
  if (in_journal_ && parts <= saved.size()) journal_rest_ = saved.substr(parts);
}

}  // namespace dsnwatch::ingest
