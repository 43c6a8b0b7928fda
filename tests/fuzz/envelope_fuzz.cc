// Any bytes as records of containers, shippers and the journal, as a file's blocks and as a broker's messages: nothing
// is read or written out of bounds, every line is counted, what is stored stays within its limit, and reading on in
// another process gives the same attempts as reading on in this one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/format/format.h"

namespace {

using namespace dsnwatch;

constexpr std::size_t kMostStored = 2u << 20;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads every byte of every view, and keeps what tells records apart.
class Sink final : public ingest::RecordSink {
 public:
  void consume(std::span<ingest::Record> records) override {
    for (const ingest::Record& record : records) {
      const core::Attempt& attempt = record.attempt;
      std::string seen = std::to_string(attempt.line) + std::to_string(attempt.time_us);
      for (std::string_view text : {attempt.host, attempt.service, attempt.queue_id, attempt.message_id, attempt.sender,
                                    attempt.recipient, attempt.remote_host, attempt.dsn, attempt.text})
        seen += text;
      all.push_back(std::move(seen));
    }
  }

  std::vector<std::string> all;
};

std::unique_ptr<ingest::Format> make(bool own_keys) {
  ingest::FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.time.year = 2026;
  if (own_keys) settings.keys = {.message = "a.b", .host = "h", .time = "log.t"};
  return *ingest::make_format("auto", settings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);
  std::copy_n(data, size, copy.get());
  const std::string_view text(copy.get(), size);
  const bool own_keys = size % 2 == 1;

  Sink whole;
  const auto format = make(own_keys);
  format->parse(text, whole);
  const auto newlines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  require(format->counts().lines == newlines + (text.empty() || text.back() == '\n' ? 0 : 1));
  require(format->save().size() <= kMostStored);
  format->finish(whole);

  // The same, but killed in the middle.
  std::size_t cut = text.rfind('\n', size / 2);
  cut = cut == std::string_view::npos ? 0 : cut + 1;
  const auto killed = make(own_keys), next = make(own_keys);
  Sink parts;
  const auto first = std::make_unique<char[]>(cut), second = std::make_unique<char[]>(size - cut);
  std::copy_n(copy.get(), cut, first.get());
  std::copy_n(copy.get() + cut, size - cut, second.get());
  killed->parse({first.get(), cut}, parts);
  next->restore(killed->save());
  next->parse({second.get(), size - cut}, parts);
  next->finish(parts);
  // "last message repeated" is about a line that another process has read; of a damaged record of a journal less is
  // left where its head is gone.
  const bool may_differ =
      text.find("last message repeated") != std::string_view::npos || text.find("__CURSOR=") != std::string_view::npos;
  require(may_differ || parts.all == whole.all);

  Sink messages;
  const ingest::Message two[] = {{{first.get(), cut}, "h", 1}, {{second.get(), size - cut}, {}, core::kNoTime}};
  const auto broker = make(own_keys);
  broker->parse_messages(two, messages);
  broker->finish(messages);
  make(own_keys)->restore(text);
  return 0;
}
