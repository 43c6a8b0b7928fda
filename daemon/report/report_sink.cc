#include "daemon/report/report_sink.h"

#include <algorithm>
#include <utility>

#include "core/address.h"
#include "core/series/label_values.h"
#include "core/series/seeded_hash.h"
#include "daemon/source_ip.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kUnknown = "unknown", kOther = "other", kNullSender = "<>";

RowTable::Sought sought(std::string_view spelling) {
  return {spelling, core::seeded_hash(spelling)};
}

}  // namespace

ReportSink::ReportSink(Report& report, TimeWindow window)
    : report_(report),
      window_(window),
      provider_rows_(report.provider_names->size()),
      findings_(provider_rows_.size()) {}

void ReportSink::expect(std::span<const ingest::Record> records) {
  std::size_t count = 0;
  for (const ingest::Record& record : records) {
    if (record.kind != ingest::RecordKind::kAttempt || count == expected_.size()) continue;
    const core::Attempt& attempt = record.attempt;
    if (attempt.kind != core::Kind::kOutbound) continue;
    Expected& next = expected_[count++];
    next = {attempt.recipient, sought(core::domain_of(attempt.recipient)),
            attempt.result != core::AttemptResult::kDelivered};
    report_.domains.prefetch_place(next.domain);
  }
  // A delivery touches the head of a row only.
  for (std::size_t i = 0; i < count; ++i) report_.domains.prefetch_row(expected_[i].domain, expected_[i].rejected);
  expected_count_ = count;
  next_expected_ = 0;
}

/// As it was announced, if it was: each attempt in its turn.
RowTable::Sought ReportSink::recipient_domain(const core::Attempt& attempt) {
  if (next_expected_ < expected_count_) {
    const Expected& next = expected_[next_expected_];
    if (next.recipient.data() == attempt.recipient.data() && next.recipient.size() == attempt.recipient.size()) {
      ++next_expected_;
      return next.domain;
    }
  }
  return sought(core::domain_of(attempt.recipient));
}

void ReportSink::on_attempt(const core::Attempt& attempt, const core::Verdict& verdict) {
  const bool outbound = attempt.kind == core::Kind::kOutbound;
  const RowTable::Sought domain = outbound ? recipient_domain(attempt) : RowTable::Sought();
  if (!window_.contains(attempt.time_us)) return;
  if (outbound) {
    add_outbound(attempt, domain, verdict);
  } else if (attempt.kind == core::Kind::kInbound) {
    add_inbound(attempt, verdict);
  }
}

void ReportSink::add_outbound(const core::Attempt& attempt, const RowTable::Sought& domain,
                              const core::Verdict& verdict) {
  note_time(attempt.time_us);
  Example example(attempt, report_.texts, masked_);
  const bool expired = attempt.result == core::AttemptResult::kExpired;
  core::ProviderId provider =
      expired && attempt.last_provider != core::kNoProvider ? attempt.last_provider : verdict.provider;
  if (provider >= provider_rows_.size()) provider = core::kOtherProvider;
  const Outcome outcome = {
      .result = attempt.result,
      .rejection = attempt.result == core::AttemptResult::kDeferred || attempt.result == core::AttemptResult::kBounced,
      .internal = provider == core::kInternalProvider,
      .suspended = attempt.suspended,
      .count = attempt.count,
      .time_us = attempt.time_us,
      .cause = expired && attempt.last_cause != core::Cause::kUnknown ? attempt.last_cause : verdict.cause,
      .example = &example,
  };
  report_.attempts.add(outcome);
  const RowTable::Sought sender_domain = sought(core::domain_of(attempt.sender));
  domain_row(attempt, domain).add(outcome);
  sender_row(attempt, sender_domain).add(outcome);
  provider_row(provider).add(outcome);
  const std::string_view source_ip = source_ip_of(attempt, verdict);
  if (!source_ip.empty()) report_.source_ips.at_spelling(source_ip, core::normalise_ip).add(outcome);
  if (!outcome.internal && !expired)
    report_.volumes.add(attempt, sender_domain.spelling, sender_domain.hash, outcome.rejection);
  if (attempt.result == core::AttemptResult::kDelivered) return;

  cause_row(outcome.cause).add(outcome);
  if (!outcome.internal) add_finding(outcome, provider, verdict);
  if (!outcome.internal && attempt.result == core::AttemptResult::kBounced) report_.retried.add(attempt, verdict);
  if (is_unclassified(attempt.result, verdict)) report_.unclassified.add(attempt, verdict.cause);
  if (!outcome.rejection) return;
  if (verdict.enhanced.present()) enhanced_row(verdict.enhanced).add(outcome);
  if (verdict.blocklist != core::kNoBlocklist)
    report_.blocklists.at(core::blocklist_name(verdict.blocklist)).add(outcome);
}

bool ReportSink::SeenRefusal::is(const core::Attempt& attempt) const {
  return row != nullptr && text == attempt.text && recipient == attempt.recipient && sender == attempt.sender;
}

void ReportSink::add_inbound(const core::Attempt& attempt, const core::Verdict& verdict) {
  Example example(attempt, report_.texts, masked_);
  const Outcome outcome = {.result = attempt.result,
                           .rejection = true,
                           .count = attempt.count,
                           .time_us = attempt.time_us,
                           .cause = verdict.cause,
                           .example = &example};
  report_.inbound.add(outcome);
  if (is_unclassified(attempt.result, verdict)) report_.unclassified.add(attempt, verdict.cause);
  // The same client is often refused many times in a row.
  if (!last_refusal_.is(attempt)) {
    const std::string_view reply = report_.texts.at(example.id());
    Row& row = report_.inbound_replies.at(reply.empty() ? kOther : reply);
    last_refusal_.text.assign(attempt.text);
    last_refusal_.recipient.assign(attempt.recipient);
    last_refusal_.sender.assign(attempt.sender);
    last_refusal_.row = &row;
  }
  last_refusal_.row->add(outcome);
}

void ReportSink::add_finding(const Outcome& outcome, core::ProviderId provider, const core::Verdict& verdict) {
  Finding*& finding = findings_[provider][static_cast<std::size_t>(outcome.cause)];
  if (finding == nullptr) {
    report_.findings.push_back(std::make_unique<Finding>());
    finding = report_.findings.back().get();
    finding->provider = provider;
    finding->cause = outcome.cause;
  }
  finding->row.add(outcome);
  if (!outcome.rejection) return;
  if (!finding->enhanced.present()) finding->enhanced = verdict.enhanced;
  if (finding->ip.empty()) finding->ip = verdict.ip;
  if (finding->domain.empty()) finding->domain = verdict.domain;
  if (finding->blocklist <= core::kOtherBlocklist) finding->blocklist = verdict.blocklist;  // A known one is better.
}

void ReportSink::note_time(std::int64_t time_us) {
  if (time_us == core::kNoTime) return;
  for (auto [first, last] :
       {std::pair(&report_.first_us, &report_.last_us), std::pair(&span_.first_us, &span_.last_us)}) {
    if (*first == core::kNoTime || time_us < *first) *first = time_us;
    *last = std::max(*last, time_us);
  }
}

ReportSink::Span ReportSink::take_span() {
  return std::exchange(span_, Span{});
}

Row& ReportSink::domain_row(const core::Attempt& attempt, const RowTable::Sought& domain) {
  return attempt.recipient.empty() ? report_.domains.at(kUnknown)
                                   : report_.domains.at_spelling(domain, core::normalise_domain);
}

Row& ReportSink::sender_row(const core::Attempt& attempt, const RowTable::Sought& domain) {
  if (!attempt.has_sender) return report_.sender_domains.at(kUnknown);
  if (attempt.sender.empty()) return report_.sender_domains.at(kNullSender);
  return report_.sender_domains.at_spelling(domain, core::normalise_domain);
}

Row& ReportSink::provider_row(core::ProviderId provider) {
  Row*& row = provider_rows_[provider];
  if (row == nullptr) row = &report_.providers.at(report_.provider_names->id(provider));
  return *row;
}

Row& ReportSink::cause_row(core::Cause cause) {
  Row*& row = cause_rows_[static_cast<std::size_t>(cause)];
  if (row == nullptr) row = &report_.causes.at(core::name(cause));
  return *row;
}

Row& ReportSink::enhanced_row(core::EnhancedStatus status) {
  StatusRow& seen = status_rows_[status.packed() % status_rows_.size()];
  if (seen.row != nullptr && seen.status == status.packed()) return *seen.row;
  Row& row = report_.enhanced_codes.at(core::to_string(status));
  if (row.key != kOther) seen = {status.packed(), &row};  // What finds no room is counted by the table.
  return row;
}

}  // namespace dsnwatch::daemon
