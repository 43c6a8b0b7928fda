#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/correlate/correlator.h"
#include "ingest/format/format.h"

namespace dsnwatch::ingest {

/// "outbound bounced r=rcpt@x h=mx.x i=192.0.2.1 550 5.1.1 …"; what is not known is left out.
inline std::string describe(const core::Attempt& a) {
  std::ostringstream out;
  out << core::name(a.kind) << ' ' << core::name(a.result);
  const auto field = [&](const char* key, std::string_view value) {
    if (!value.empty()) out << ' ' << key << '=' << value;
  };
  field("q", a.queue_id);
  if (a.has_sender) out << " s=<" << a.sender << '>';
  field("r", a.recipient);
  field("h", a.remote_host);
  field("i", a.remote_ip);
  field("c", a.client_ip);
  field("u", a.account);
  field("m", a.message_id);
  field("at", core::name(a.stage));
  if (a.smtp_code != 0) out << ' ' << a.smtp_code;
  field("d", a.dsn);
  if (a.delay >= 0) out << " delay=" << a.delay;
  if (a.count != 1) out << " x" << a.count;
  if (a.suspended) out << " suspended";
  if (a.remote) out << " remote";
  if (a.local_transport) out << " local";
  if (a.truncated) out << " truncated";
  field("|", a.text);
  return out.str();
}

/// Copies what a format hands on as words, attempts together with what the correlator adds.
class CollectedRecords final : public RecordSink {
 public:
  void consume(std::span<Record> records) override {
    for (Record& record : records) {
      if (record.kind == RecordKind::kAttempt) {
        if (record.attempt.kind == core::Kind::kOutbound) correlator.enrich(record.attempt);
        add(record.attempt);
        if (record.attempt.kind == core::Kind::kOutbound)
          correlator.settle(record.attempt, core::Cause::kUserUnknown, core::kOtherProvider);
      } else if (record.kind == RecordKind::kExpired) {
        for (const core::Attempt& expired : correlator.expire(record)) add(expired);
      } else {
        correlator.learn(record);
      }
    }
  }

  std::vector<std::string> lines;
  std::vector<std::uint64_t> numbers;  ///< Of the lines that the records stood on.
  std::vector<std::int64_t> times;
  Correlator correlator{{}};

 private:
  void add(const core::Attempt& attempt) {
    lines.push_back(describe(attempt));
    numbers.push_back(attempt.line);
    times.push_back(attempt.time_us);
  }
};

inline std::unique_ptr<Format> postfix_format() {
  FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.time.year = 2026;
  return *make_format("postfix", settings);
}

}  // namespace dsnwatch::ingest
