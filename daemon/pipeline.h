#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "core/attempt.h"
#include "core/classify/classifier.h"
#include "ingest/correlate/correlator.h"
#include "ingest/format/format.h"
#include "ingest/source/source.h"

namespace dsnwatch::daemon {

/// The way of a line behind its source (design section 3): format → correlate → classify → sink. One per source; the
/// correlator and the classifier may serve several pipelines of the same worker.
///
/// `Sink` has `void on_attempt(const core::Attempt&, const core::Verdict&)` and may have `void expect(std::span<const
/// ingest::Record>)`, told of what comes next; a template so that no virtual call is paid per attempt. Thread: the
/// worker that owns the source.
template <class Sink>
class Pipeline final : public ingest::BlockSink, private ingest::RecordSink {
 public:
  Pipeline(std::unique_ptr<ingest::Format> format, ingest::Correlator& correlator, core::Classifier& classifier,
           Sink& sink)
      : format_(std::move(format)), correlator_(correlator), classifier_(classifier), sink_(sink) {}

  void on_block(std::string_view lines) override { format_->parse(lines, *this); }
  void on_long_line(std::uint64_t) override { format_->skip_line(ingest::Unparsed::kTooLong); }

  /// Messages of a broker, in their order.
  void on_messages(std::span<const ingest::Message> messages) { format_->parse_messages(messages, *this); }

  /// The input ends for good (not in `run`, where it may go on).
  void finish() { format_->finish(*this); }

  /// These lines teach the correlator but nothing is counted.
  void on_look_back(std::string_view lines) override {
    learning_ = true;
    format_->parse(lines, *this);
    learning_ = false;
    before_ = format_->counts();
  }

  void on_look_back(std::span<const ingest::Message> messages) {
    learning_ = true;
    format_->parse_messages(messages, *this);
    learning_ = false;
    before_ = format_->counts();
  }

  /// Takes the format's state of an earlier process up.
  void restore(std::string_view format_state) {
    format_->restore(format_state);
    before_ = format_->counts();
  }

  /// What the format counted since then, look-back not included.
  ingest::FormatCounts counts() const {
    ingest::FormatCounts counts = format_->counts();
    counts.lines -= before_.lines;
    for (std::size_t i = 0; i < counts.unparsed.size(); ++i) counts.unparsed[i] -= before_.unparsed[i];
    return counts;
  }

  ingest::Format& format() { return *format_; }
  const ingest::Format& format() const { return *format_; }

 private:
  void consume(std::span<ingest::Record> records) override {
    if constexpr (requires { sink_.expect(records); }) sink_.expect(records);
    for (ingest::Record& record : records) {
      switch (record.kind) {
        case ingest::RecordKind::kAttempt:
          count(record.attempt);
          break;
        case ingest::RecordKind::kExpired:
          for (core::Attempt& expired : correlator_.expire(record)) emit(expired, classifier_.classify(expired));
          break;
        default:
          correlator_.learn(record);
          break;
      }
    }
  }

  bool wants_message_ids() const override { return correlator_.wants_message_ids(); }

  void count(core::Attempt& attempt) {
    if (attempt.kind == core::Kind::kOutbound) correlator_.enrich(attempt);
    const core::Verdict verdict = classifier_.classify(attempt);
    emit(attempt, verdict);
    if (attempt.kind == core::Kind::kOutbound) correlator_.settle(attempt, verdict.cause, verdict.provider);
  }

  void emit(const core::Attempt& attempt, const core::Verdict& verdict) {
    if (!learning_) sink_.on_attempt(attempt, verdict);
  }

  std::unique_ptr<ingest::Format> format_;
  ingest::Correlator& correlator_;
  core::Classifier& classifier_;
  Sink& sink_;
  bool learning_ = false;
  ingest::FormatCounts before_;  // Counted before the counting began.
};

}  // namespace dsnwatch::daemon
