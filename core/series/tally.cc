#include "core/series/tally.h"

#include <algorithm>
#include <cmath>

#include "core/address.h"
#include "core/series/label_values.h"
#include "core/series/tally_contents.h"

namespace dsnwatch::core {
namespace {

// A full tally forces a checkpoint. One more block of 256 KiB adds a few thousand of each at most.
constexpr std::size_t kFullSpellings = 32'768;
constexpr std::size_t kFullBytes = 4u << 20;
constexpr std::size_t kFullKeys = 131'072;

// No message is delivered after more than this; guards the sum against nonsense in a log (in seconds, a year).
constexpr double kMaxDelay = 366.0 * 86'400;

std::uint32_t intern_stream(const Attempt& attempt, TallySettings::Stream field, ValueInterner& values) {
  std::string_view text;
  switch (field) {
    case TallySettings::Stream::kNone:
      break;
    case TallySettings::Stream::kPool:
      text = attempt.pool;
      break;
    case TallySettings::Stream::kTenant:
      text = attempt.tenant;
      break;
    case TallySettings::Stream::kCampaign:
      text = attempt.campaign;
      break;
    case TallySettings::Stream::kAccount:
      text = attempt.account;
      break;
  }
  return text.empty() ? kUnknownValue : values.intern(text, normalise_stream);
}

/// The spelling that is interned is the domain's, so that a domain with many users is normalised once.
std::uint32_t intern_domain(std::string_view address, ValueInterner& values) {
  const std::string_view domain = domain_of(address);
  return domain.empty() ? kOtherValue : values.intern(domain, normalise_domain);
}

ProviderId label_provider(ProviderId provider) {
  return provider == kNoProvider ? kOtherProvider : provider;
}

/// The labels that need no table of owners. `status` and `cause` are filled for rejections.
SeriesKey base_key(const Attempt& attempt, const Verdict& verdict) {
  SeriesKey key;
  key.provider = label_provider(verdict.provider);
  key.result = static_cast<std::uint8_t>(attempt.result);
  return key;
}

void count_delay(Tally::Impl& tally, const Attempt& attempt, const SeriesKey& key) {
  const auto at = tally.counts[static_cast<std::size_t>(Family::kDeliveryDelay)].position(key);
  if (at == tally.delays.size()) tally.delays.emplace_back();
  const double delay = std::min(attempt.delay, kMaxDelay);
  const auto bucket = std::lower_bound(kDelayBuckets.begin(), kDelayBuckets.end(), delay) - kDelayBuckets.begin();
  DelayCells& cells = tally.delays[at];
  cells[static_cast<std::size_t>(bucket)] += attempt.count;
  cells.back() += static_cast<std::uint64_t>(std::llround(delay * 1000)) * attempt.count;
}

/// Counts under the attempts family of a bounded label, and under its rejections family.
struct Pair {
  Family attempts, rejections;
};

class OutboundCount {
 public:
  OutboundCount(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict)
      : tally_(tally),
        attempt_(attempt),
        verdict_(verdict),
        rejection_(attempt.result == AttemptResult::kDeferred || attempt.result == AttemptResult::kBounced),
        attempts_key_(base_key(attempt, verdict)),
        rejections_key_(attempts_key_) {
    if (!rejection_) return;
    rejections_key_.status = status_label(verdict.enhanced, verdict.smtp_code, attempt.result);
    rejections_key_.cause = static_cast<std::uint8_t>(verdict.cause);
  }

  void run() {
    count_totals();
    const std::uint32_t source =
        tally_.source_address.find(attempt_, verdict_, rejection_, label(BoundedLabel::kSourceIp));
    count(BoundedLabel::kDomain, {Family::kDomainAttempts, Family::kDomainRejections}, domain());
    count(BoundedLabel::kSourceIp, {Family::kIpAttempts, Family::kIpRejections}, source);
    count(BoundedLabel::kSenderDomain, {Family::kSenderAttempts, Family::kSenderRejections}, sender());
    if (tally_.settings->stream != TallySettings::Stream::kNone) {
      count(BoundedLabel::kStream, {Family::kStreamAttempts, Family::kStreamRejections},
            intern_stream(attempt_, tally_.settings->stream, label(BoundedLabel::kStream)));
    }
    if (rejection_ && verdict_.blocklist != kNoBlocklist) {
      SeriesKey key;
      key.value = source;
      key.provider = verdict_.blocklist;
      tally_.count(Family::kBlocklistRejections, key, attempt_.count);
    }
    // Negated so that a NaN is no delay either.
    if (!(attempt_.delay >= 0)) return;
    count_delay(tally_, attempt_, attempts_key_);
  }

 private:
  ValueInterner& label(BoundedLabel which) { return tally_.label(which); }

  void count(BoundedLabel which, Pair families, std::uint32_t value) {
    label(which).weigh(value, attempt_.count);
    SeriesKey key = attempts_key_;
    key.value = value;
    tally_.count(families.attempts, key, attempt_.count);
    if (!rejection_) return;
    key = rejections_key_;
    key.value = value;
    tally_.count(families.rejections, key, attempt_.count);
  }

  void count_totals() {
    SeriesKey key = attempts_key_;
    key.mta = static_cast<std::uint32_t>(attempt_.mta);
    if (tally_.settings->host) {
      key.value =
          attempt_.host.empty() ? kUnknownValue : label(BoundedLabel::kHost).intern(attempt_.host, normalise_host);
      label(BoundedLabel::kHost).weigh(key.value, attempt_.count);
    }
    tally_.count(Family::kAttempts, key, attempt_.count);
    if (!rejection_) return;
    key.status = rejections_key_.status;
    key.cause = rejections_key_.cause;
    tally_.count(Family::kRejections, key, attempt_.count);
  }

  std::uint32_t domain() {
    return attempt_.recipient.empty() ? kUnknownValue : intern_domain(attempt_.recipient, label(BoundedLabel::kDomain));
  }

  std::uint32_t sender() {
    if (!attempt_.has_sender) return kUnknownValue;
    return attempt_.sender.empty() ? kNullSender : intern_domain(attempt_.sender, label(BoundedLabel::kSenderDomain));
  }

  Tally::Impl& tally_;
  const Attempt& attempt_;
  const Verdict& verdict_;
  bool rejection_;
  SeriesKey attempts_key_, rejections_key_;
};

/// Recipients that were put off or given up without an attempt.
void count_queue_event(Tally::Impl& tally, Family family, const Attempt& attempt, ProviderId provider, Cause cause) {
  SeriesKey key;
  key.mta = static_cast<std::uint32_t>(attempt.mta);
  key.provider = label_provider(provider);
  key.cause = static_cast<std::uint8_t>(cause);
  tally.count(family, key, attempt.count);
}

void count_expiry(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict) {
  count_queue_event(tally, Family::kExpired, attempt,
                    attempt.last_provider == kNoProvider ? verdict.provider : attempt.last_provider,
                    attempt.last_cause == Cause::kUnknown ? verdict.cause : attempt.last_cause);
}

void count_inbound(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict) {
  SeriesKey key;
  key.mta = static_cast<std::uint32_t>(attempt.mta);
  key.result = static_cast<std::uint8_t>(attempt.result);
  key.status = status_label(verdict.enhanced, verdict.smtp_code, attempt.result);
  key.cause = static_cast<std::uint8_t>(verdict.cause);
  if (tally.settings->inbound_client_ip) {
    ValueInterner& clients = tally.label(BoundedLabel::kClientIp);
    key.value = attempt.client_ip.empty() ? kUnknownValue : clients.intern(attempt.client_ip, normalise_client_ip);
    clients.weigh(key.value, attempt.count);
  }
  tally.count(Family::kInboundRejections, key, attempt.count);
}

void count_dsn(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict) {
  if (attempt.result == AttemptResult::kDelivered) return;
  SeriesKey key = base_key(attempt, verdict);
  key.status = status_label(verdict.enhanced, verdict.smtp_code, attempt.result);
  key.cause = static_cast<std::uint8_t>(verdict.cause);
  tally.count(Family::kDsnRejections, key, attempt.count);
}

void count_unclassified(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict) {
  if (verdict.cause != Cause::kUnknown) return;
  SeriesKey key;
  key.mta = static_cast<std::uint32_t>(attempt.mta);
  tally.count(Family::kUnclassified, key, attempt.count);
}

void count_outbound(Tally::Impl& tally, const Attempt& attempt, const Verdict& verdict) {
  if (attempt.result == AttemptResult::kExpired) {
    count_expiry(tally, attempt, verdict);
  } else if (attempt.suspended) {
    count_queue_event(tally, Family::kSuspended, attempt, verdict.provider, verdict.cause);
  } else {
    OutboundCount(tally, attempt, verdict).run();
    if (attempt.result != AttemptResult::kDelivered) count_unclassified(tally, attempt, verdict);
  }
}

}  // namespace

Tally::Tally(std::shared_ptr<const TallySettings> settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Tally::~Tally() = default;
Tally::Tally(Tally&&) noexcept = default;
Tally& Tally::operator=(Tally&&) noexcept = default;

void Tally::add(const Attempt& attempt, const Verdict& verdict) {
  if (attempt.count == 0) return;
  switch (attempt.kind) {
    case Kind::kOutbound:
      count_outbound(*impl_, attempt, verdict);
      break;
    case Kind::kInbound:
      count_inbound(*impl_, attempt, verdict);
      count_unclassified(*impl_, attempt, verdict);
      break;
    case Kind::kDsn:
      count_dsn(*impl_, attempt, verdict);
      break;
    case Kind::kComplaint: {
      SeriesKey key;
      key.provider = label_provider(verdict.provider);
      impl_->count(Family::kComplaints, key, attempt.count);
      break;
    }
  }
}

bool Tally::empty() const {
  return std::all_of(impl_->counts.begin(), impl_->counts.end(),
                     [](const KeyCounts& counts) { return counts.entries().empty(); });
}

bool Tally::full() const {
  std::size_t keys = 0;
  for (const KeyCounts& counts : impl_->counts) keys += counts.entries().size();
  return keys >= kFullKeys || std::any_of(impl_->values.begin(), impl_->values.end(), [](const ValueInterner& values) {
           return values.spellings() >= kFullSpellings || values.bytes() >= kFullBytes;
         });
}

void Tally::clear() {
  for (KeyCounts& counts : impl_->counts) counts.clear();
  for (ValueInterner& values : impl_->values) values.clear();
  impl_->delays.clear();
}

}  // namespace dsnwatch::core
