#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/envelope/journal_export.h"
#include "ingest/envelope/known_records.h"
#include "ingest/envelope/message.h"
#include "ingest/envelope/partial_texts.h"
#include "ingest/envelope/record_fields.h"
#include "ingest/envelope/syslog_line.h"
#include "ingest/envelope/text_arena.h"

namespace dsnwatch::ingest {

/// One log line out of an envelope.
struct UnwrappedLine {
  SyslogLine line;         ///< Where the header was parsed away, put together again from the record's keys.
  std::string_view whole;  ///< The line as the program wrote it; empty where its header was parsed away.
  std::uint64_t number = 0;
};

/// Takes log lines out of what carries them: the records of container runtimes (CRI, Docker's json-file) and JSON
/// records of log shippers, one in the other up to three deep, arrays and OTLP with many records in one. Two families
/// of records: a text key holds the whole line with its header, or the header was parsed away and stands in other keys.
/// One record gives one line at most, whatever its keys. One per source: it keeps texts whose last part has not come
/// yet. Not thread-safe.
class Unwrapper {
 public:
  explicit Unwrapper(const EnvelopeKeys& keys);

  /// A line that begins so is a JSON record, and no syslog line.
  static bool begins_record(char first) { return first == '{' || first == '['; }

  /// True of a line of a CRI log ("2026-11-23T22:50:21.000417404Z stdout F …"), which split_syslog_line() takes for
  /// one of a host named stdout.
  static bool is_container_line(const SyslogLine& line) {
    return line.stamp_kind == StampKind::kIso && (line.host == "stdout" || line.host == "stderr");
  }

  /// True of "STAMP<TAB>TAG<TAB>{…}" (Fluentd's out_file), whose stamp seems to end within the record.
  static bool is_glued(const SyslogLine& line) { return line.stamp_kind == StampKind::kIso && line.stamp.size() > 40; }

  /// The JSON record in a line that begins otherwise: behind a byte order mark or blanks, or as the files of Fluentd
  /// and Fluent Bit ("TAG: [STAMP, {…}]") have it. Empty if there is none.
  static std::string_view find_record(std::string_view line);

  /// The bytes begin with a JSON record that was printed over several lines.
  static bool record_spans_lines(std::string_view bytes);

  /// False if the lines handed out so far must be used, and clear() called, before `record` is unwrapped.
  bool has_room_for(std::string_view record) const { return arena_.has_room(bytes_for(record)); }
  /// Forgets the texts of all lines that were handed out, and makes room for `record`.
  void clear_for(std::string_view record) { arena_.clear(bytes_for(record)); }

  /// The lines that `record` completes; `number` is that of its line. Views into the record and into memory that stays
  /// until clear_for(); the span itself until the next call. Needs has_room_for(record).
  std::span<const UnwrappedLine> unwrap(std::string_view record, std::uint64_t number);

  /// The same of a record of the journal.
  std::span<const UnwrappedLine> unwrap(const JournalRecord& record, std::uint64_t number);

  /// The short way for the record that `bytes` begin with, if it is a line of its own that is laid out as those before
  /// it: its line, as unwrap() would find it. Else nothing, and the record is for unwrap(). `size` is the record's.
  std::span<const UnwrappedLine> unwrap_known(std::string_view bytes, std::uint64_t number, std::size_t& size);

  /// False while unwrap_known() is not worth a call.
  bool knows_records() const { return known_.worth_asking(); }

  /// The last record (or a part of it) was no readable JSON though it began so.
  bool unreadable() const { return unreadable_; }

  /// The texts that still wait for a part, as they are; the input has ended. Needs has_room_for({}).
  std::span<const UnwrappedLine> finish();

  /// What waits for its other parts, and what was learnt of the source; empty if there is nothing. restore() takes
  /// anything.
  std::string save() const;
  void restore(std::string_view saved);

 private:
  /// What a record says beside its text.
  struct Context {
    std::string_view host;
    std::string_view tag;
    std::string_view stamp;
    StampKind stamp_kind = StampKind::kNone;
    std::string_view vague_stamp;  ///< One without a year; `stamp` then says when the record was received, if anything.
    bool container = false;        ///< The stamp is the container runtime's.
    bool event_time = false;       ///< The stamp is from the configured key: that of the event.
    std::uint64_t stream = 0;      ///< Where the text is a container's: a hash of its names.
  };

  static constexpr int kDeepestRecord = 5;  // Of records within records.
  static constexpr int kScratchLevel = kDeepestRecord + 1, kResourceLevel = kDeepestRecord + 2;
  static constexpr std::size_t kLevels = kDeepestRecord + 3;

  std::size_t bytes_for(std::string_view record) const;
  bool read_json(std::string_view text, const Context& outer, int depth);
  bool read_record(JsonScanner& scanner, const Context& outer, int depth);
  void use_record(RecordFields& fields, const Context& outer, int depth);
  bool use_candidate(std::string_view text, const Context& context, int depth);
  bool use_texts(const RecordFields& fields, Slot slot, Context& context, int depth, std::string_view& first);
  bool use_inner_record(const JsonValue& value, const Context& context, int depth);
  bool read_container_line(std::string_view text, const Context& outer, int depth);
  bool use_text(std::string_view text, const Context& context);
  void complete_line(std::string_view text, const Context& context);
  bool use_simple_record(RecordFields& fields, const Context& outer);
  bool use_plan(const RecordPlan& plan);
  void use_parsed(std::string_view text, const Context& context);

  bool read_resource_logs(JsonScanner& scanner, const Context& outer, int depth);
  bool read_resource(JsonScanner& scanner, RecordFields& resource);
  bool read_scopes(JsonScanner& scanner, const RecordFields& resource, const Context& outer, int depth);
  bool read_log_record(JsonScanner& scanner, const RecordFields& resource, const Context& outer, int depth);

  bool is_partial(const RecordFields& fields, std::string_view text);
  /// True if the text was kept for later; else `text` is whole (with its earlier parts).
  bool join(std::string_view& text, bool partial, Context& context, int depth);
  void close(PartialTexts::Open& open, int depth);

  Context context_of(const RecordFields& fields, const Context& outer);
  std::string_view host_of(const RecordFields& fields);
  std::string_view tag_of(const RecordFields& fields);
  void find_stamp(const RecordFields& fields, Context& context);
  std::string_view stamp_of(const RecordFields& fields, Slot slot, StampKind& kind);
  std::string_view text_of(const JsonValue& value);
  static std::uint64_t mix_stream(std::uint64_t hash, std::string_view name);

  RecordFields& level(int depth);

  std::shared_ptr<const RecordKeys> keys_;
  bool has_own_keys_ = false;         // Configured ones.
  std::vector<RecordFields> levels_;  // Of records within records.
  KnownRecords known_;                // Learns nothing where keys are configured.
  RecordLayout::Values values_;       // Of the last known record.
  TextArena arena_;
  PartialTexts partial_;
  std::vector<UnwrappedLine> found_;
  std::uint64_t number_ = 0;
  bool unreadable_ = false;
  bool lines_end_ = false;  // Texts of container records have been seen that end in a line feed.
};

}  // namespace dsnwatch::ingest
