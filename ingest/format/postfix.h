#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ingest/envelope/plain_line.h"
#include "ingest/envelope/stamp_reader.h"
#include "ingest/envelope/syslog_line.h"
#include "ingest/envelope/time_zone.h"
#include "ingest/envelope/unwrapper.h"
#include "ingest/format/format.h"
#include "ingest/format/postfix_delivery.h"

namespace dsnwatch::ingest {

/// Postfix's lines in any syslog or journalctl layout. Lines are recognised by the shape of their message, not by the
/// daemon's name, which RFC 5424 writers lose ("postfix/smtp" becomes "postfix").
class PostfixFormat final : public Format {
 public:
  PostfixFormat(FormatSettings settings, TimeZone zone);

  void parse(std::string_view lines, RecordSink& sink) override;
  void parse_messages(std::span<const Message> messages, RecordSink& sink) override;
  void finish(RecordSink& sink) override;
  void skip_line(Unparsed reason) override;
  const FormatCounts& counts() const override { return counts_; }
  std::string save() const override;
  void restore(std::string_view saved) override;

 private:
  void read_lines(std::string_view lines);
  void keep_last_line();
  [[gnu::always_inline]] inline void read_line(std::string_view line, std::uint32_t repeats);
  void read_split_line(const SyslogLine& line, std::string_view text, std::uint32_t repeats, bool after_attempt);
  void use_plain_line(std::string_view text, PlainLine plain, std::size_t id_size, std::uint32_t repeats,
                      bool after_attempt);
  void read_other_line(std::string_view text, std::uint32_t repeats, bool after_attempt);
  void use_message(const SyslogLine& line, std::size_t id_size, std::string_view text, std::uint32_t repeats,
                   bool after_attempt);
  void read_odd_line(std::string_view text);
  std::size_t read_known_record(std::string_view bytes);
  void read_record(std::string_view record);
  std::size_t read_journal(std::string_view bytes);
  void read_journal_records(std::string_view& bytes);
  void make_room_for(std::string_view record);
  void read_unwrapped(std::span<const UnwrappedLine> lines);
  std::int64_t time_of(const SyslogLine& line);
  void read_message(const SyslogLine& line, std::string_view message, std::uint32_t repeats);
  void read_queue_line(const SyslogLine& line, std::string_view queue_id, std::string_view text, std::uint32_t repeats);
  void read_client(const SyslogLine& line, std::string_view queue_id, std::string_view text);
  void read_sender(const SyslogLine& line, std::string_view queue_id, std::string_view text);
  bool read_repeated(const SyslogLine& line);

  using Reader = Reading (*)(std::string_view text, core::Attempt& attempt);
  void read_attempt(const SyslogLine& line, std::string_view queue_id, std::string_view text, std::uint32_t repeats,
                    Reader reader);

  Record& add(RecordKind kind, const SyslogLine& line, std::string_view queue_id);
  void hand_on_to(RecordSink& sink);
  void flush();

  static constexpr std::size_t kBatch = 64;

  FormatCounts counts_;
  std::string default_host_;
  std::string_view host_;                         ///< Where the lines name none: the message's, else `default_host_`.
  std::int64_t message_time_us_ = core::kNoTime;  ///< Where nothing else has a time.
  StampReader stamps_;
  Unwrapper unwrapper_;
  std::uint64_t number_ = 0;    ///< Of the line that is being read.
  bool in_journal_ = false;     ///< The source is a journal in its export format.
  std::string journal_rest_;    ///< The head of a record of the journal whose end has not come yet.
  RecordSink* sink_ = nullptr;  ///< During parse() only.
  bool wants_message_ids_ = true;
  std::array<Record, kBatch> batch_;
  std::size_t batched_ = 0;
  bool last_was_attempt_ = false;   ///< "last message repeated N times" is about an attempt.
  std::string_view previous_line_;  ///< Of the block, or of `kept_line_`; valid while `last_was_attempt_`.
  std::string kept_line_;           ///< The block's last line, for a repetition at the head of the next block.
};

}  // namespace dsnwatch::ingest
