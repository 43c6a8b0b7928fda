// Any bytes as a log, from lines to verdicts: format, correlation, classification. The blocks it comes in make no
// difference.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "daemon/pipeline.h"
#include "ingest/correlate/correlator.h"
#include "ingest/format/format.h"

namespace {

namespace core = dsnwatch::core;
namespace ingest = dsnwatch::ingest;

/// Everything that an attempt says, so that two ways to read a log can be compared and every view is touched.
class Digest {
 public:
  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
    for (std::string_view part :
         {attempt.host, attempt.queue_id, attempt.message_id, attempt.sender, attempt.recipient, attempt.remote_host,
          attempt.remote_ip, attempt.client_ip, attempt.dsn, attempt.text, verdict.rule, verdict.vendor_code}) {
      (text_ += part) += '\x1f';
    }
    (text_ += std::to_string(static_cast<int>(attempt.result))) += ' ';
    (text_ += std::to_string(static_cast<int>(verdict.cause))) += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::shared_ptr<const core::Providers> providers() {
  static const auto shipped = *core::Providers::build(core::shipped_providers(), core::default_internal_networks());
  return shipped;
}

std::shared_ptr<const core::RuleSet> rules() {
  static const auto shipped = *core::RuleSet::build(core::shipped_rules(), *providers());
  return shipped;
}

std::string read_log(std::string_view log, std::size_t lines_a_block) {
  ingest::FormatSettings settings;
  settings.time = {"UTC", 2026, 0};
  core::Classifier classifier(rules(), providers());
  ingest::Correlator correlator({1 << 16, true});
  Digest digest;
  dsnwatch::daemon::Pipeline<Digest> pipeline(*ingest::make_format("postfix", settings), correlator, classifier,
                                              digest);
  while (!log.empty()) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < lines_a_block && end < log.size(); ++i) {
      const auto feed = log.find('\n', end);
      end = feed == std::string_view::npos ? log.size() : feed + 1;
    }
    const auto block = std::make_unique<char[]>(end);  // of the exact size
    log.copy(block.get(), end);
    pipeline.on_block({block.get(), end});
    log.remove_prefix(end);
  }
  return digest.text();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  if (read_log(log, 1) != read_log(log, size + 1)) std::abort();
  return 0;
}
