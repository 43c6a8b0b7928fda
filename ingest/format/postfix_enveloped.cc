// Lines that do not lie in a file as Postfix wrote them: a broker's messages, records of containers, shippers and the
// journal.

#include <algorithm>
#include <utility>

#include "ingest/format/postfix.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kLongestJournalRecord = 1u << 20;

}  // namespace

void PostfixFormat::parse_messages(std::span<const Message> messages, RecordSink& sink) {
  hand_on_to(sink);
  for (const Message& message : messages) {
    host_ = message.host.empty() ? std::string_view(default_host_) : message.host;
    message_time_us_ = message.time_us;
    if (Unwrapper::record_spans_lines(message.bytes)) {
      counts_.lines += 1 + static_cast<std::uint64_t>(std::count(message.bytes.begin(), message.bytes.end(), '\n'));
      number_ = counts_.lines;
      read_record(message.bytes);
    } else {
      read_lines(message.bytes);
    }
  }
  flush();
  keep_last_line();
  host_ = default_host_;
  message_time_us_ = core::kNoTime;
  sink_ = nullptr;
}

void PostfixFormat::finish(RecordSink& sink) {
  hand_on_to(sink);
  make_room_for({});
  read_unwrapped(unwrapper_.finish());
  if (!journal_rest_.empty()) {
    journal_rest_ += "\n\n";  // Ends the record that was cut off, if it is whole but for this.
    std::string_view left = journal_rest_;
    read_journal_records(left);
  }
  flush();
  journal_rest_.clear();
  last_was_attempt_ = false;
  sink_ = nullptr;
}

/// From the first byte of a record of the journal; how many bytes were taken up, all unless other lines follow.
std::size_t PostfixFormat::read_journal(std::string_view bytes) {
  std::string_view left = bytes;
  number_ = counts_.lines;
  if (!journal_rest_.empty()) {
    number_ -= static_cast<std::uint64_t>(std::count(journal_rest_.begin(), journal_rest_.end(), '\n'));
    journal_rest_ += bytes;
    left = journal_rest_;
  }
  read_journal_records(left);
  flush();
  if (left.size() > kLongestJournalRecord) {
    ++counts_.unparsed[static_cast<std::size_t>(Unparsed::kTooLong)];
    left = {};
  }
  // Of a record that turns out to be damaged, what came earlier is gone; what is here may be lines of another kind.
  const std::size_t taken = in_journal_ ? bytes.size() : bytes.size() - std::min(bytes.size(), left.size());
  journal_rest_ = in_journal_ ? std::string(left) : std::string();
  const std::string_view lines = bytes.substr(0, taken);
  counts_.lines += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  if (!lines.empty() && lines.back() != '\n') ++counts_.lines;
  return taken;
}

void PostfixFormat::read_journal_records(std::string_view& bytes) {
  JournalRecord record;
  while (!bytes.empty()) {
    const std::string_view before = bytes;
    const JournalStep step = read_journal_record(bytes, record);
    if (step == JournalStep::kBroken) {
      // Of a damaged record the first line is skipped, so that it is not begun again.
      if (begins_journal_record(bytes)) bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size() - 1) + 1);
      in_journal_ = false;
    }
    if (step != JournalStep::kRecord) return;
    const std::string_view taken = before.substr(0, before.size() - bytes.size());
    number_ += static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
    make_room_for(record.message);
    read_unwrapped(unwrapper_.unwrap(record, number_));
  }
}

void PostfixFormat::make_room_for(std::string_view record) {
  if (unwrapper_.has_room_for(record)) return;
  flush();
  unwrapper_.clear_for(record);
}

/// No line of syslog: a record of the journal, or one of JSON behind other bytes.
void PostfixFormat::read_odd_line(std::string_view text) {
  if (begins_journal_record(text)) {
    in_journal_ = true;
  } else if (const std::string_view record = Unwrapper::find_record(text); !record.empty()) {
    read_record(record);
  }
}

/// The record at the head of `bytes`, which is a line, if it is laid out as those before it: how many bytes were taken,
/// 0 if it is to be read as any line.
std::size_t PostfixFormat::read_known_record(std::string_view bytes) {
  std::size_t size = 0;
  const std::span<const UnwrappedLine> found = unwrapper_.unwrap_known(bytes, counts_.lines + 1, size);
  if (found.empty()) return 0;
  number_ = ++counts_.lines;
  read_unwrapped(found);
  return std::min(size + 1, bytes.size());
}

void PostfixFormat::read_record(std::string_view record) {
  constexpr std::string_view kLooksLikeADelivery = " status=";
  make_room_for(record);
  read_unwrapped(unwrapper_.unwrap(record, number_));
  if (unwrapper_.unreadable() && record.find(kLooksLikeADelivery) != std::string_view::npos)
    ++counts_.unparsed[static_cast<std::size_t>(Unparsed::kEnvelope)];
}

void PostfixFormat::read_unwrapped(std::span<const UnwrappedLine> lines) {
  const std::uint64_t number = number_;
  for (const UnwrappedLine& unwrapped : lines) {
    number_ = unwrapped.number;
    const bool after_attempt = std::exchange(last_was_attempt_, false);
    read_split_line(unwrapped.line, unwrapped.whole, 1, after_attempt);
    if (!last_was_attempt_) continue;
    // A repetition is told only of whole lines, whose bytes may go away before.
    last_was_attempt_ = !unwrapped.whole.empty();
    if (previous_line_.data() != kept_line_.data()) kept_line_.assign(unwrapped.whole);
    previous_line_ = kept_line_;
  }
  number_ = number;
}

}  // namespace dsnwatch::ingest
