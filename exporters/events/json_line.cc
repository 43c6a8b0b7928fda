#include "exporters/events/json_line.h"

#include <charconv>

#include "core/address.h"
#include "exporters/events/json_text.h"

namespace dsnwatch::exporters {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

void append_key(std::string_view key, std::string& out) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
}

/// Nothing where the text is empty.
void append_text(std::string_view key, std::string_view text, std::string& out) {
  if (text.empty()) return;
  append_key(key, out);
  append_json_string(text, out);
}

template <class Number>
void append_number(std::string_view key, Number number, std::string& out) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  append_key(key, out);
  out.append(digits, end);
}

/// `width` digits with zeros in front.
void append_padded(std::int64_t number, int width, std::string& out) {
  const std::size_t begin = out.size();
  out.append(static_cast<std::size_t>(width), '0');
  for (std::size_t at = out.size(); at > begin && number > 0; number /= 10)
    out[--at] = static_cast<char>('0' + number % 10);
}

/// Year, month and day of a day since 1970-01-01, from year 0 on.
void append_date(std::int64_t days, std::string& out) {
  days += 719468;  // the year begins in March, so that the leap day is its last
  const std::int64_t era = days / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  append_padded(era * 400 + year_of_era + (month <= 2 ? 1 : 0), 4, out);
  out += '-';
  append_padded(month, 2, out);
  out += '-';
  append_padded(day_of_year - (153 * shifted_month + 2) / 5 + 1, 2, out);
}

void append_domain(std::string_view address, std::string& out) {
  const std::string_view domain = core::domain_of(address);
  if (domain.empty()) return;
  append_key("recipient_domain", out);
  const std::size_t begin = out.size();
  append_json_string(domain, out);
  for (std::size_t i = begin; i < out.size(); ++i)
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + ('a' - 'A'));
}

/// Three digits, as design section 6 prints it: "550".
void append_code(std::uint16_t code, std::string& out) {
  if (code == 0) return;
  append_key("smtp_code", out);
  out += '"';
  append_padded(code, 3, out);
  out += '"';
}

void append_status(core::EnhancedStatus status, std::string& out) {
  if (!status.present()) return;
  append_key("enhanced_code", out);
  char digits[8];
  out += '"';
  for (unsigned part : {unsigned{status.klass}, unsigned{status.subject}, unsigned{status.detail}}) {
    if (out.back() != '"') out += '.';
    out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
  }
  out += '"';
}

}  // namespace

void JsonLineWriter::append(const core::Attempt& attempt, const core::Verdict& verdict, std::string_view source_ip,
                            std::string& out) {
  out += '{';
  append_text("file", file_, out);
  if (attempt.line != 0) append_number("line", attempt.line, out);
  if (attempt.time_us != core::kNoTime) append_time(attempt.time_us, out);
  append_who(attempt, verdict, source_ip, out);
  append_reply(attempt, verdict, out);
  if (attempt.delay >= 0) append_number("delay", attempt.delay, out);
  if (verdict.wait_seconds >= 0) append_number("wait", verdict.wait_seconds, out);
  append_text("pool", attempt.pool, out);
  append_text("tenant", attempt.tenant, out);
  append_text("campaign", attempt.campaign, out);
  append_text("account", attempt.account, out);
  if (attempt.count != 1) append_number("count", attempt.count, out);
  if (attempt.suspended) {
    append_key("suspended", out);
    out += "true";
  }
  out += "}\n";
}

void JsonLineWriter::append_time(std::int64_t time_us, std::string& out) {
  std::int64_t second = time_us / kMicroseconds;
  if (time_us % kMicroseconds < 0) --second;  // towards the past also before 1970
  if (second != second_) {
    constexpr std::int64_t kDay = 86400;
    std::int64_t days = second / kDay;
    if (second % kDay < 0) --days;
    const std::int64_t within = second - days * kDay;
    second_ = second;
    second_text_.clear();
    append_date(days, second_text_);
    second_text_ += 'T';
    append_padded(within / 3600, 2, second_text_);
    second_text_ += ':';
    append_padded(within / 60 % 60, 2, second_text_);
    second_text_ += ':';
    append_padded(within % 60, 2, second_text_);
  }
  append_key("time", out);
  out += '"';
  out += second_text_;
  if (const std::int64_t fraction = time_us - second * kMicroseconds; fraction != 0) {
    out += '.';
    append_padded(fraction, 6, out);
  }
  out += "Z\"";
}

void JsonLineWriter::append_who(const core::Attempt& attempt, const core::Verdict& verdict, std::string_view source_ip,
                                std::string& out) const {
  append_text("mta", core::name(attempt.mta), out);
  append_text("host", attempt.host, out);
  append_text("kind", core::name(attempt.kind), out);
  append_text("result", core::name(attempt.result), out);
  append_text("queue_id", attempt.queue_id, out);
  append_text("message_id", attempt.message_id, out);
  if (attempt.has_sender) {
    append_key("sender", out);
    append_json_string(attempt.sender, out);
  }
  append_text("recipient", attempt.recipient, out);
  append_domain(attempt.recipient, out);
  if (attempt.kind != core::Kind::kInbound) append_text("provider", providers_->id(verdict.provider), out);
  append_text("remote_host", attempt.remote_host, out);
  append_text("remote_ip", attempt.remote_ip, out);
  append_text("source_ip", source_ip, out);
  append_text("client_ip", attempt.client_ip, out);
  append_text("stage", core::name(attempt.stage), out);
}

void JsonLineWriter::append_reply(const core::Attempt& attempt, const core::Verdict& verdict, std::string& out) {
  append_code(attempt.smtp_code, out);
  append_text("dsn", attempt.dsn, out);
  append_status(verdict.enhanced, out);
  append_text("class", core::name(verdict.klass), out);
  append_text("text", attempt.text, out);
  // A delivered attempt has no cause.
  if (attempt.result != core::AttemptResult::kDelivered) append_cause(verdict, out);
}

void JsonLineWriter::append_cause(const core::Verdict& verdict, std::string& out) {
  append_text("cause", core::name(verdict.cause), out);
  if (verdict.secondary_count > 0) {
    append_key("secondary", out);
    out += '[';
    for (std::size_t i = 0; i < verdict.secondary_count; ++i) {
      if (i > 0) out += ',';
      append_json_string(core::name(verdict.secondary[i]), out);
    }
    out += ']';
  }
  append_text("category", core::name(core::category_of(verdict.cause)), out);
  append_text("rule", verdict.rule, out);
  append_text("vendor_code", verdict.vendor_code, out);
  append_text("blocklist", core::blocklist_name(verdict.blocklist), out);
}

}  // namespace dsnwatch::exporters
