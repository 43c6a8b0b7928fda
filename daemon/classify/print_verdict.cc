#include "daemon/classify/print_verdict.h"

#include <algorithm>

#include "core/classify/blocklists.h"
#include "exporters/events/json_text.h"

namespace dsnwatch::daemon {
namespace {

class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view key, std::string_view value) {
    begin(key);
    if (value.empty()) {
      out_ += "null";
    } else {
      exporters::append_json_string(value, out_);
    }
  }
  void always_text(std::string_view key, std::string_view value) {
    begin(key);
    exporters::append_json_string(value, out_);
  }
  std::string& begin(std::string_view key) {
    if (out_.back() != '{') out_ += ',';
    out_.append("\"").append(key).append("\":");
    return out_;
  }

 private:
  std::string& out_;
};

// For a terminal: valid UTF-8 without control characters.
std::string printable(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  std::string quoted;
  std::string out;
  std::size_t at = 0;
  while (at < spaced.size()) {  // what JSON would escape stays as it is
    const std::size_t end = std::min(spaced.find_first_of("\"\\", at), spaced.size());
    quoted.clear();
    exporters::append_json_string(std::string_view(spaced).substr(at, end - at), quoted);
    out.append(quoted, 1, quoted.size() - 2);
    if (end < spaced.size()) out += spaced[end];
    at = end + 1;
  }
  return out;
}

void row(std::string_view title, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append("  ").append(title);
  out.append(title.size() < 12 ? 12 - title.size() : 1, ' ');
  out.append(text).append("\n");
}

std::string code_text(const core::Verdict& verdict) {
  std::string text = verdict.smtp_code == 0 ? std::string() : std::to_string(verdict.smtp_code);
  if (verdict.enhanced.present()) text.append(text.empty() ? "" : " ").append(core::to_string(verdict.enhanced));
  if (verdict.klass != core::ReplyClass::kNone) text.append(text.empty() ? "" : ", ").append(core::name(verdict.klass));
  return text;
}

std::string also_text(const core::Verdict& verdict) {
  std::string text;
  for (std::size_t i = 0; i < verdict.secondary_count; ++i) {
    text.append(i == 0 ? "" : ", ").append(core::name(verdict.secondary[i]));
  }
  return text;
}

core::RemedyValues remedy_values(const core::Verdict& verdict, const core::Providers& providers) {
  core::RemedyValues values;
  values.ip = verdict.ip;
  values.domain = verdict.domain;
  if (verdict.blocklist > core::kOtherBlocklist) {
    const core::Blocklist& list = core::blocklist(verdict.blocklist);
    values.list_zone = list.zone;
    values.form = list.form;
  }
  if (const core::ProviderSpec* provider = providers.spec(verdict.provider);
      provider != nullptr && values.form.empty()) {
    values.form = provider->contact.empty() ? provider->postmaster_url : provider->contact;
  }
  return values;
}

}  // namespace

void append_verdict_json(std::string_view reply, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out) {
  JsonObject object(out);
  object.always_text("text", reply);
  object.text("smtp_code", verdict.smtp_code == 0 ? std::string() : std::to_string(verdict.smtp_code));
  object.text("enhanced_code", core::to_string(verdict.enhanced));
  object.text("class", core::name(verdict.klass));
  object.text("cause", core::name(verdict.cause));
  object.text("category", core::name(core::category_of(verdict.cause)));
  object.begin("secondary") += '[';
  for (std::size_t i = 0; i < verdict.secondary_count; ++i) {
    if (i > 0) out += ',';
    exporters::append_json_string(core::name(verdict.secondary[i]), out);
  }
  out += ']';
  object.text("rule", verdict.rule);
  object.text("provider", providers.id(verdict.provider));
  object.text("vendor_code", verdict.vendor_code);
  object.text("blocklist", core::blocklist_name(verdict.blocklist));
  object.text("ip", verdict.ip);
  object.text("domain", verdict.domain);
  object.begin("wait") += verdict.wait_seconds < 0 ? "null" : std::to_string(verdict.wait_seconds);
  object.text("action", core::name(verdict.action));
  object.text("confidence", core::name(verdict.confidence));
  out += "}\n";
}

void append_remedy(core::Cause cause, const core::RemedyValues& values, std::string& out) {
  const core::Remedy& remedy = core::remedy(cause);
  row("meaning", remedy.what, out);
  int number = 1;
  for (const std::string_view check : remedy.checks) {
    if (!check.empty()) row("check " + std::to_string(number++), core::filled(check, values), out);
  }
  row("who", core::filled(remedy.fixer, values), out);
  row("address", core::filled(remedy.recipient, values), out);
  row("other mail", core::filled(remedy.traffic, values), out);
}

void append_verdict_text(std::string_view reply, const core::Verdict& verdict, const core::Providers& providers,
                         std::string& out) {
  out.append(printable(reply)).append("\n");
  row("cause",
      std::string(core::name(verdict.cause)) + " (" + std::string(core::name(core::category_of(verdict.cause))) + ")",
      out);
  row("also", also_text(verdict), out);
  row("code", code_text(verdict), out);
  const core::ProviderSpec* provider = providers.spec(verdict.provider);
  row("provider", provider == nullptr ? std::string_view() : std::string_view(provider->title), out);
  row("vendor code", verdict.vendor_code, out);
  if (verdict.blocklist != core::kNoBlocklist) row("list", core::blocklist(verdict.blocklist).title, out);
  row("ip", verdict.ip, out);
  row("domain", verdict.domain, out);
  row("link", verdict.url, out);
  if (verdict.wait_seconds >= 0) row("wait", std::to_string(verdict.wait_seconds) + " seconds", out);
  row("rule",
      verdict.rule.empty() ? "none" : std::string(verdict.rule) + ", by " + std::string(core::name(verdict.confidence)),
      out);
  append_remedy(verdict.cause, remedy_values(verdict, providers), out);
  row("action", core::name(verdict.action), out);
}

}  // namespace dsnwatch::daemon
