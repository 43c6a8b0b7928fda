#include "daemon/report/evidence.h"

#include <algorithm>
#include <utility>

#include "core/address.h"
#include "core/series/label_values.h"
#include "daemon/report/content.h"
#include "daemon/report/mask_reply.h"
#include "daemon/report/printable.h"
#include "daemon/report/utc_time.h"
#include "daemon/source_ip.h"
#include "daemon/unclassified_replies.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kOthers = "other replies";
constexpr std::size_t kLongestReply = 1000;  // Of a sample; RFC 5321 allows 512 bytes a line.
constexpr std::size_t kPartiesShown = 20;

std::string printable(std::string_view text, std::size_t size = kLongestReply) {
  std::string copy(text.substr(0, size));
  make_printable(copy);
  return copy;
}

void widen(std::int64_t& first_us, std::int64_t& last_us, std::int64_t time_us) {
  if (time_us == core::kNoTime) return;
  if (first_us == core::kNoTime || time_us < first_us) first_us = time_us;
  last_us = std::max(last_us, time_us);
}

}  // namespace

Evidence::Evidence(core::ProviderId provider, std::shared_ptr<const core::Providers> providers, TimeWindow window)
    : provider_(provider), providers_(std::move(providers)), window_(window) {}

void Evidence::on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
  if (attempt.kind != core::Kind::kOutbound || verdict.provider != provider_ || !window_.contains(attempt.time_us))
    return;
  if (attempt.result == core::AttemptResult::kExpired || attempt.suspended) return;
  widen(first_us_, last_us_, attempt.time_us);
  const bool deferred = attempt.result == core::AttemptResult::kDeferred;
  if (attempt.result == core::AttemptResult::kDelivered) {
    delivered_ += attempt.count;
    return;
  }
  (deferred ? deferred_ : bounced_) += attempt.count;
  if (!attempt.remote) return;  // Our own MTA's words are no evidence for somebody else.
  const std::string_view source_ip = source_ip_of(attempt, verdict);
  Outcome outcome;
  outcome.result = attempt.result;
  outcome.count = attempt.count;
  outcome.time_us = attempt.time_us;
  if (!source_ip.empty()) source_ips_.at_spelling(source_ip, core::normalise_ip).add(outcome);
  if (attempt.has_sender && !attempt.sender.empty())
    sender_domains_.at_spelling(core::domain_of(attempt.sender), core::normalise_domain).add(outcome);
  Kind& kind = kind_of(attempt);
  if (kind.count == 0) kind.cause = verdict.cause;
  kind.count += attempt.count;
  widen(kind.first_us, kind.last_us, attempt.time_us);
  if (kind.samples.size() == kSamples) kind.samples.erase(kind.samples.begin() + 1);
  kind.samples.push_back(sample_of(attempt, source_ip));
}

Evidence::Kind& Evidence::kind_of(const core::Attempt& attempt) {
  mask_reply(attempt.text, {attempt.recipient, attempt.sender}, masked_);
  mask_numbers(masked_, template_);
  if (kinds_.size() >= kMostKinds && !kinds_.contains(template_)) template_ = kOthers;
  return kinds_[template_];
}

Evidence::Sample Evidence::sample_of(const core::Attempt& attempt, std::string_view source_ip) const {
  Sample sample;
  sample.time_us = attempt.time_us;
  sample.queue_id = printable(attempt.queue_id);
  sample.host = printable(attempt.host);
  sample.source_ip = printable(source_ip);
  if (attempt.has_sender)
    sample.sender_domain = attempt.sender.empty() ? "<>" : printable(core::domain_of(attempt.sender));
  sample.recipient_domain = printable(core::domain_of(attempt.recipient));
  sample.server = printable(attempt.remote_host);
  if (!attempt.remote_ip.empty()) sample.server += "[" + printable(attempt.remote_ip) + "]";
  sample.reply = printable(attempt.text);
  return sample;
}

bool Evidence::write(std::size_t top, std::ostream& out) const {
  const core::ProviderSpec* spec = providers_->spec(provider_);
  const std::string name = spec == nullptr       ? std::string(providers_->id(provider_))
                           : spec->title.empty() ? spec->id
                                                 : spec->title;
  if (deferred_ + bounced_ == 0) {
    out << "No rejection by " << name << " was found.\n";
    return false;
  }
  out << "Mail from our servers that " << name << " rejects";
  if (first_us_ != core::kNoTime) out << ", " << minute_utc(first_us_) << " to " << minute_utc(last_us_) << " UTC";
  out << "\n";
  if (spec != nullptr && !spec->contact.empty()) out << "To be sent to: " << spec->contact << "\n";
  if (spec != nullptr && !spec->postmaster_url.empty()) out << "Its rules: " << spec->postmaster_url << "\n";
  out << "\nAttempts: " << grouped(delivered_ + deferred_ + bounced_) << ", of these " << grouped(delivered_)
      << " delivered, " << grouped(deferred_) << " deferred, " << grouped(bounced_) << " bounced\n";
  write_parties(out);

  std::vector<const std::pair<const std::string, Kind>*> kinds;
  for (const auto& kind : kinds_) kinds.push_back(&kind);
  std::sort(kinds.begin(), kinds.end(), [](const auto* a, const auto* b) {
    return std::tie(b->second.count, a->first) < std::tie(a->second.count, b->first);
  });
  if (kinds.size() > top) kinds.resize(top);
  for (std::size_t i = 0; i < kinds.size(); ++i) write_kind(i + 1, kinds[i]->second, out);
  return true;
}

void Evidence::write_parties(std::ostream& out) const {
  const struct {
    const char* title;
    const RowTable& rows;
  } lists[] = {{"Our IPs (with rejections): ", source_ips_}, {"Our domains (with rejections): ", sender_domains_}};
  for (const auto& list : lists) {
    std::vector<const Row*> rows;
    for (const Row& row : list.rows.rows()) rows.push_back(&row);
    if (rows.empty()) continue;
    std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
      return std::make_tuple(b->counts.attempts(), a->key) < std::make_tuple(a->counts.attempts(), b->key);
    });
    out << list.title;
    for (std::size_t i = 0; i < std::min(rows.size(), kPartiesShown); ++i)
      out << (i == 0 ? "" : ", ") << rows[i]->key << " (" << grouped(rows[i]->counts.attempts()) << ")";
    if (rows.size() > kPartiesShown) out << " and " << grouped(rows.size() - kPartiesShown) << " more";
    out << "\n";
  }
}

void Evidence::write_kind(std::size_t number, const Kind& kind, std::ostream& out) const {
  out << "\n"
      << number << ". " << core::name(kind.cause) << ": " << grouped(kind.count)
      << (kind.count == 1 ? " time" : " times");
  if (kind.first_us != core::kNoTime) out << ", " << rfc3339_utc(kind.first_us) << " to " << rfc3339_utc(kind.last_us);
  out << "\n";
  for (const Sample& sample : kind.samples) {
    out << "   " << (sample.time_us == core::kNoTime ? "(no time)" : rfc3339_utc(sample.time_us));
    const struct {
      const char* label;
      const std::string& text;
    } facts[] = {{"queue id", sample.queue_id},          {"on", sample.host},
                 {"from IP", sample.source_ip},          {"sender domain", sample.sender_domain},
                 {"to domain", sample.recipient_domain}, {"server", sample.server}};
    for (const auto& fact : facts) {
      if (!fact.text.empty()) out << ", " << fact.label << " " << fact.text;
    }
    out << "\n      " << sample.reply << "\n";
  }
}

}  // namespace dsnwatch::daemon
