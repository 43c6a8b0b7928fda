#include "core/classify/classifier.h"

#include <utility>

#include "core/classify/decision.h"
#include "core/classify/extraction.h"
#include "core/classify/normal_reply.h"
#include "core/classify/quoted_reply.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {
namespace {

// A reply quoted in a reply that is quoted in a reply: nobody nests deeper.
constexpr int kMaxQuotations = 4;

ReplyClass class_of(std::uint16_t smtp_code, EnhancedStatus enhanced, AttemptResult result) {
  const int digit = smtp_code != 0 ? smtp_code / 100 : enhanced.klass;
  if (digit == 4) return ReplyClass::kTransient;
  if (digit == 5) return ReplyClass::kPermanent;
  if (digit != 0) return ReplyClass::kNone;
  switch (result) {
    case AttemptResult::kDelivered:
      return ReplyClass::kNone;
    case AttemptResult::kDeferred:
      return ReplyClass::kTransient;
    case AttemptResult::kBounced:
    case AttemptResult::kExpired:
    case AttemptResult::kRejected:
      return ReplyClass::kPermanent;
  }
  return ReplyClass::kNone;
}

// Design section 2: the text's own status, else the MTA's, else X.0.0 from the reply code.
void set_codes(const ReplyContext& reply, const Reading& reading, Verdict& verdict) {
  verdict.smtp_code = reading.reply.smtp_code;
  verdict.enhanced = reading.status;
  if (!verdict.enhanced.present() && verdict.smtp_code >= 200) {
    verdict.enhanced.klass = static_cast<std::uint8_t>(verdict.smtp_code / 100);
  }
  verdict.klass = class_of(verdict.smtp_code, verdict.enhanced, reply.result);
}

// The inner text of a failed call-back speaks about the sender's address, not about the recipient's.
Decision sender_callback() {
  Decision decision;
  decision.cause = Cause::kSenderInvalid;
  decision.rule_id = "sender_callback";
  decision.confidence = Confidence::kText;
  return decision;
}

Decision expired_after(const Decision& last) {
  Decision decision;
  decision.cause = Cause::kExpired;
  decision.rule_id = "expired";
  decision.confidence = Confidence::kText;
  if (last.cause != Cause::kUnknown) decision.add_secondary(last.cause);
  return decision;
}

// An inner hop stays internal whatever it quotes: it must not dilute a provider's ratio.
ProviderId provider_of(const Reading& reading, const Decision& decision) {
  if (reading.hinted_provider == kInternalProvider) return kInternalProvider;
  if (decision.rule != nullptr && decision.rule->provider != kNoProvider) return decision.rule->provider;
  return reading.provider() == kNoProvider ? kOtherProvider : reading.provider();
}

Verdict delivered(const Attempt& attempt, ProviderId provider) {
  Verdict verdict;
  verdict.provider = provider;
  verdict.smtp_code = attempt.smtp_code;
  verdict.enhanced = parse_enhanced_status(attempt.dsn);
  return verdict;
}

}  // namespace

struct Classifier::State {
  State(std::shared_ptr<const RuleSet> rule_set, std::shared_ptr<const Providers> known)
      : rules(std::move(rule_set)), providers(std::move(known)), decider(rules->impl()) {}

  Reading read(const ReplyContext& reply) {
    Reading reading;
    reading.reply = normalizer.normalize(reply.text, reply.smtp_code);
    reading.status = reading.reply.enhanced.present() ? reading.reply.enhanced : parse_enhanced_status(reply.dsn);
    reading.stage = reply.stage;
    reading.side = reply.side;
    reading.hinted_provider = reply.provider;
    decider.scan(reading);
    return reading;
  }

  bool enter_quotation(ReplyContext& reply, Reading& reading);

  std::shared_ptr<const RuleSet> rules;
  std::shared_ptr<const Providers> providers;
  ReplyNormalizer normalizer;
  Decider decider;
};

// Goes on with the reply that this one quotes; false if it quotes none.
bool Classifier::State::enter_quotation(ReplyContext& reply, Reading& reading) {
  const auto quoted = find_quoted_reply(reply.text);
  if (!quoted || quoted->text.size() >= reply.text.size()) return false;
  const Reading around = reading;
  reply.text = quoted->text;
  reply.smtp_code = 0;
  reply.dsn = {};
  if (quoted->stage != Stage::kUnknown) reply.stage = quoted->stage;
  if (!quoted->host.empty()) {
    reply.side = Side::kRemote;
    const ProviderId speaker = providers->by_mx(quoted->host);
    if (speaker != kOtherProvider && reply.provider != kInternalProvider) reply.provider = speaker;
  }
  reading = read(reply);
  if (reading.reply.smtp_code == 0) reading.reply.smtp_code = around.reply.smtp_code;
  if (!reading.status.present() && reading.reply.smtp_code == around.reply.smtp_code) reading.status = around.status;
  if (reading.marked_provider == kNoProvider) reading.marked_provider = around.marked_provider;
  return true;
}

Classifier::Classifier(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Providers> providers)
    : state_(std::make_unique<State>(std::move(rules), std::move(providers))) {}
Classifier::~Classifier() = default;

void Classifier::set_rules(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Providers> providers) {
  state_ = std::make_unique<State>(std::move(rules), std::move(providers));
}

Verdict Classifier::classify(const ReplyContext& whole) {
  ReplyContext reply = whole;
  Reading reading = state_->read(reply);
  Verdict verdict;
  set_codes(whole, reading, verdict);
  bool expiry = false;
  bool callback = reading.has(Marker::kSenderCallback);
  for (int i = 0; i < kMaxQuotations && !callback && reading.has(Marker::kQuotedReply); ++i) {
    const bool expired = reading.has(Marker::kExpiry);
    if (!state_->enter_quotation(reply, reading)) break;
    expiry |= expired;
    callback = reading.has(Marker::kSenderCallback);
  }
  if (verdict.smtp_code == 0 && !verdict.enhanced.present()) set_codes(reply, reading, verdict);

  Decision decision = callback ? sender_callback() : state_->decider.decide(reading);
  if (expiry) decision = expired_after(decision);
  verdict.cause = decision.cause;
  verdict.secondary = decision.secondary;
  verdict.secondary_count = decision.secondary_count;
  verdict.confidence = decision.confidence;
  verdict.rule = decision.rule_id;
  verdict.provider = provider_of(reading, decision);
  extract(reading, decision, whole.remote_ip, state_->decider.scratch(), verdict);
  const bool own_action = decision.rule != nullptr && decision.rule->action != Action::kNone;
  verdict.action = own_action ? decision.rule->action : default_action(verdict.cause);
  return verdict;
}

Verdict Classifier::classify(const Attempt& attempt) {
  const ProviderId provider = state_->providers->of(attempt);
  if (attempt.result == AttemptResult::kDelivered) return delivered(attempt, provider);
  if (attempt.result == AttemptResult::kExpired) {
    Verdict verdict;
    verdict.cause = Cause::kExpired;
    verdict.confidence = Confidence::kText;
    verdict.rule = "expired";
    verdict.action = default_action(Cause::kExpired);
    verdict.klass = ReplyClass::kPermanent;
    verdict.enhanced = parse_enhanced_status(attempt.dsn);
    verdict.provider = attempt.last_provider != kNoProvider ? attempt.last_provider : provider;
    if (attempt.last_cause != Cause::kUnknown) verdict.secondary[verdict.secondary_count++] = attempt.last_cause;
    return verdict;
  }
  ReplyContext reply;
  reply.text = attempt.text;
  reply.smtp_code = attempt.smtp_code;
  reply.dsn = attempt.dsn;
  reply.stage = attempt.stage;
  reply.side = attempt.remote ? Side::kRemote : Side::kLocal;
  reply.provider = provider;
  reply.result = attempt.result;
  reply.remote_ip = attempt.remote_ip;
  Verdict verdict = classify(reply);
  // Where MX or domain name the provider, the text must not name another one (Outlook.com's hosts sign as Microsoft
  // 365's): deliveries have no text, and a ratio needs both under the same name.
  if (provider != kOtherProvider && provider != kNoProvider) verdict.provider = provider;
  if (attempt.kind == Kind::kInbound) verdict.provider = kOtherProvider;
  return verdict;
}

}  // namespace dsnwatch::core
