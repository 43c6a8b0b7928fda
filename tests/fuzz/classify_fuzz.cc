// Any text as a reply, under all shipped rules: one cause, codes within their ranges, and nothing that looks beyond the
// text.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "core/providers.h"

namespace {

namespace core = dsnwatch::core;

core::Classifier& classifier() {
  static const auto providers = *core::Providers::build(core::shipped_providers(), core::default_internal_networks());
  static core::Classifier shipped(*core::RuleSet::build(core::shipped_rules(), *providers), providers);
  return shipped;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::ReplyContext reply;
  if (size > 0) {
    reply.stage = static_cast<core::Stage>(data[0] % 7);
    reply.side = static_cast<core::Side>(data[0] / 7 % 3);
    reply.text = {reinterpret_cast<const char*>(data + 1), size - 1};
  }
  const core::Verdict verdict = classifier().classify(reply);
  if (verdict.secondary_count > verdict.secondary.size() || verdict.smtp_code > 999) std::abort();
  // Touched, so that a sanitizer sees a view that does not hold.
  const std::string views = std::string(verdict.rule) + std::string(verdict.vendor_code) + std::string(verdict.ip) +
                            std::string(verdict.domain) + std::string(verdict.url);
  // The same text gives the same answer: no memory of earlier ones.
  const core::Verdict again = classifier().classify(reply);
  if (again.cause != verdict.cause || again.rule != verdict.rule || again.enhanced != verdict.enhanced) std::abort();
  return static_cast<int>(views.size() == 1u << 30);
}
