#include "core/classify/classifier.h"

#include "core/classify/normal_reply.h"
#include "core/classify/rule_set.h"

namespace dsnwatch::core {
namespace {

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

}  // namespace

struct Classifier::State {
  std::shared_ptr<const RuleSet> rules;
  std::shared_ptr<const Providers> providers;
  ReplyNormalizer normalizer;
};

Classifier::Classifier(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Providers> providers)
    : state_(std::make_unique<State>()) {
  state_->rules = std::move(rules);
  state_->providers = std::move(providers);
}
Classifier::~Classifier() = default;

void Classifier::set_rules(std::shared_ptr<const RuleSet> rules) {
  state_->rules = std::move(rules);
}

Verdict Classifier::classify(const ReplyContext& reply) {
  const NormalReply normal = state_->normalizer.normalize(reply.text, reply.smtp_code);
  Verdict verdict;
  verdict.smtp_code = normal.smtp_code;
  verdict.enhanced = normal.enhanced;
  if (!verdict.enhanced.present()) verdict.enhanced = parse_enhanced_status(reply.dsn);
  if (!verdict.enhanced.present() && normal.smtp_code != 0) {
    verdict.enhanced.klass = static_cast<std::uint8_t>(normal.smtp_code / 100);
  }
  verdict.klass = class_of(normal.smtp_code, verdict.enhanced, reply.result);
  verdict.provider = reply.provider == kNoProvider ? kOtherProvider : reply.provider;
  return verdict;
}

Verdict Classifier::classify(const Attempt& attempt) {
  ReplyContext reply;
  reply.text = attempt.text;
  reply.smtp_code = attempt.smtp_code;
  reply.dsn = attempt.dsn;
  reply.stage = attempt.stage;
  reply.side = attempt.remote ? Side::kRemote : Side::kLocal;
  reply.provider = state_->providers->of(attempt);
  reply.result = attempt.result;
  reply.remote_ip = attempt.remote_ip;
  return classify(reply);
}

}  // namespace dsnwatch::core
