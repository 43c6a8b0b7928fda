#include "exporters/events/verdict_json.h"

#include "core/enhanced_status.h"
#include "exporters/events/json_text.h"

namespace dsnwatch::exporters {
namespace {

void append_member(std::string_view key, std::string_view value, std::string& out) {
  out.append(",\"").append(key).append("\":");
  if (value.empty()) {
    out += "null";
  } else {
    append_json_string(value, out);
  }
}

}  // namespace

void append_verdict_json(std::string_view text, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out) {
  out += "{\"text\":";
  append_json_string(text, out);
  append_member("smtp_code", verdict.smtp_code == 0 ? std::string() : std::to_string(verdict.smtp_code), out);
  append_member("enhanced_code", core::to_string(verdict.enhanced), out);
  append_member("class", core::name(verdict.klass), out);
  append_member("cause", core::name(verdict.cause), out);
  append_member("category", core::name(core::category_of(verdict.cause)), out);
  out += ",\"secondary\":[";
  for (std::size_t i = 0; i < verdict.secondary_count; ++i) {
    if (i != 0) out += ',';
    append_json_string(core::name(verdict.secondary[i]), out);
  }
  out += ']';
  append_member("rule", verdict.rule, out);
  append_member("provider", providers.id(verdict.provider), out);
  append_member("vendor_code", verdict.vendor_code, out);
  append_member("blocklist", core::blocklist_name(verdict.blocklist), out);
  append_member("ip", verdict.ip, out);
  append_member("domain", verdict.domain, out);
  out += ",\"wait\":" + (verdict.wait_seconds < 0 ? std::string("null") : std::to_string(verdict.wait_seconds));
  append_member("action", core::name(verdict.action), out);
  append_member("confidence", core::name(verdict.confidence), out);
  out += "}\n";
}

}  // namespace dsnwatch::exporters
