// Any bytes as a log of Postfix, through the correlator and its stored form: nothing is read or written out of bounds,
// every line is counted, memory stays within its limit.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "ingest/correlate/correlator.h"
#include "ingest/format/format.h"

namespace {

using namespace dsnwatch;

constexpr std::size_t kMemory = 64u << 10;

void require(bool holds) {
  if (!holds) std::abort();
}

class Sink final : public ingest::RecordSink {
 public:
  void consume(std::span<ingest::Record> records) override {
    for (ingest::Record& record : records) {
      if (record.kind == ingest::RecordKind::kExpired) {
        for (const core::Attempt& expired : correlator.expire(record)) touch(expired);
      } else if (record.kind != ingest::RecordKind::kAttempt) {
        correlator.learn(record);
      } else {
        correlator.enrich(record.attempt);
        touch(record.attempt);
        correlator.settle(record.attempt, core::Cause::kSpam, core::kOtherProvider);
      }
    }
  }

  ingest::Correlator correlator{{.memory = kMemory}};

 private:
  /// Reads every byte of every view.
  static void touch(const core::Attempt& attempt) {
    volatile unsigned sum = 0;
    for (std::string_view text :
         {attempt.host, attempt.service, attempt.queue_id, attempt.message_id, attempt.sender, attempt.recipient,
          attempt.remote_host, attempt.remote_ip, attempt.client_ip, attempt.dsn, attempt.text, attempt.account})
      for (char c : text) sum = sum + static_cast<unsigned char>(c);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);
  std::copy_n(data, size, copy.get());
  ingest::FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.time.year = 2026;
  const auto format = *ingest::make_format("postfix", settings);
  Sink sink;
  const std::string_view text(copy.get(), size);
  format->parse(text, sink);
  const auto newlines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  require(format->counts().lines == newlines + (text.empty() || text.back() == '\n' ? 0 : 1));
  require(sink.correlator.memory_used() <= kMemory);

  ingest::Correlator restored({.memory = kMemory});
  static const auto names = *core::Providers::build({}, {});
  for (const auto& change : sink.correlator.take_changes(*names)) restored.restore(change.key, change.value, *names);
  restored.restore(text.substr(0, size / 2), text.substr(size / 2), *names);
  require(restored.memory_used() <= kMemory);
  const auto again = *ingest::make_format("postfix", settings);
  again->restore(text);
  return 0;
}
