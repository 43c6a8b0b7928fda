#include "core/classify/decision.h"

#include <algorithm>

#include "core/classify/clauses.h"
#include "core/classify/list_object.h"

namespace dsnwatch::core {
namespace {

// A sentence that gives advice about a cause a few times before it asserts it is no real one.
constexpr int kMaxOccurrences = 8;
// Causes beyond the primary one and its four companions are not reported, so a text that hits everything need not be
// confirmed against everything.
constexpr std::size_t kMaxHits = 12;
// From this priority on words are plain enough to beat a decisive code of their own subject, even where all that they
// tell is a policy.
constexpr int kPlainWords = 3;

bool inside(Span inner, Span outer) {
  return inner.begin >= outer.begin && inner.end <= outer.end;
}

// What says so little that a code that decides, or any companion, is worth more.
bool is_vague(Cause cause) {
  return cause == Cause::kPolicy || cause == Cause::kUnknown;
}

Confidence confidence_of(Tier tier) {
  switch (tier) {
    case Tier::kVendorCode:
    case Tier::kProvider:
      return Confidence::kVendor;
    case Tier::kDecisiveStatus:
    case Tier::kLeaningStatus:
      return Confidence::kStatus;
    case Tier::kText:
    case Tier::kWeakText:
    case Tier::kFaintText:
      return Confidence::kText;
    case Tier::kReplyCode:
      return Confidence::kCode;
  }
  return Confidence::kNone;
}

Decision decided_by(const CompiledRule& rule) {
  Decision decision;
  decision.rule = &rule;
  decision.rule_id = rule.id;
  decision.cause = rule.cause;
  decision.confidence = confidence_of(rule.tier);
  for (const Cause further : rule.secondary) decision.add_secondary(further);
  return decision;
}

// A list's entry is why the address is blocked.
bool is_implied(Cause further, Cause cause) {
  return further == Cause::kIpBlocked && (cause == Cause::kIpBlocklisted || cause == Cause::kDynamicIp);
}

}  // namespace

// Whether the hit is worth to be told beside a primary cause.
bool Decider::is_companion(const Hit& hit, Cause cause) {
  return hit.cause != cause && !hit.unlikely && !is_vague(hit.cause) && !is_implied(hit.cause, cause) &&
         cause != Cause::kPolicy;
}

void Decision::add_secondary(Cause further) {
  const auto* const end = secondary.begin() + secondary_count;
  if (further == cause || secondary_count == secondary.size() || std::find(secondary.cbegin(), end, further) != end)
    return;
  secondary[secondary_count++] = further;
}

Decider::Decider(const RuleSet::Impl& rules) : scan_(rules) {
  hits_.reserve(16);
  weak_hits_.reserve(16);
  faint_hits_.reserve(16);
  put_off_.reserve(64);
}

bool Decider::conditions_hold(const CompiledRule& rule, const Reading& reading) const {
  if (rule.provider_is_condition && rule.provider != reading.provider()) return false;
  if (rule.stages != 0 && (rule.stages >> static_cast<unsigned>(reading.stage) & 1U) == 0) return false;
  if (rule.side != Side::kAny && rule.side != reading.side) return false;
  if (!rule.statuses.empty() && std::none_of(rule.statuses.begin(), rule.statuses.end(),
                                             [&](const StatusPattern& p) { return p.matches(reading.status); })) {
    return false;
  }
  return rule.codes.empty() || std::any_of(rule.codes.begin(), rule.codes.end(), [&](const ReplyCodePattern& p) {
           return p.matches(reading.reply.smtp_code);
         });
}

bool Decider::match(const CompiledRule& rule, const Candidate& candidate, std::string_view text, std::size_t from,
                    Span& span) {
  if (rule.literal_is_pattern && from <= candidate.span.begin) {
    span = candidate.span;
    return true;
  }
  from = std::max(from, candidate.from);
  if (const LazyProgram* const lazy = candidate.way->program;
      lazy != nullptr && text.size() <= PatternProgram::kMaxText) {
    const PatternProgram* const program = lazy->get();
    if (program != nullptr) return program->search(text, from, candidate.last, scratch_, span, nullptr);
  }
  return rule.pattern != nullptr && rule.pattern->search(text, from, candidate.last, scratch_, span, nullptr);
}

// A cause that is asserted already need not be searched for again: most texts say what they say in the words of several
// rules. Behind "WHAT rejected" it depends on the place of the words what they say.
bool Decider::may_wait(const CompiledRule& rule, const std::optional<PostfixRejected>& rejected) const {
  const auto says_so = [&](const Hit& hit) { return hit.cause == rule.cause; };
  return !rejected && std::any_of(hits_.begin(), hits_.end(), says_so);
}

// But where its words may be those of a further cause, "address 192.0.2.1 is blocked", that is none.
void Decider::assert_put_off(const Reading& reading) {
  const std::size_t count = hits_.size();
  for (const std::uint32_t way : put_off_) {
    const Span words = scan_.literals_of(way);
    const auto shares = [&](const Hit& hit) {
      return is_companion(hit, hits_.front().cause) && hit.span.begin <= words.end && words.begin <= hit.span.end;
    };
    if (std::none_of(hits_.data(), hits_.data() + count, shares)) continue;
    assert_words(reading, scan_.rule_of(way), way, std::nullopt, hits_);
  }
}

// Adds a hit if the rule's words stand in the text and assert its cause.
void Decider::assert_words(const Reading& reading, const CompiledRule& rule, std::uint32_t way,
                           const std::optional<PostfixRejected>& rejected, std::vector<Hit>& hits) {
  if (hits.size() >= kMaxHits) return;
  if (!hits.empty() && hits.back().rule == &rule) return;  // another of its alternatives stands there
  const StageFit fit = stage_fit(rule.cause, reading.stage);
  if (fit == StageFit::kImpossible || !conditions_hold(rule, reading)) return;
  const Candidate candidate = scan_.candidate(way);
  Span span;
  std::size_t from = 0;
  for (int i = 0; i < kMaxOccurrences && match(rule, candidate, reading.reply.folded, from, span); ++i) {
    from = span.begin + 1;
    if (rejected && span.end <= rejected->reason) continue;  // words of the object, not of the reason
    if (!is_asserted(reading, rule.cause, span)) continue;
    Cause cause = rule.cause;
    if (cause == Cause::kIpBlocklisted) cause = listed_object(reading, span);
    if (rejected && span.begin >= rejected->reason) cause = rejected->about(cause);
    hits.push_back({&rule, cause, span, fit == StageFit::kUnlikely});
    return;
  }
}

// The causes that the words of one tier assert.
Decision Decider::decide_by_words(const std::vector<Hit>& hits, const std::optional<PostfixRejected>& rejected) const {
  Decision decision;
  const Hit* primary = nullptr;
  for (const Hit& hit : hits) {
    // "Access denied" says no more than WHAT does.
    const bool bare = rejected && rejected->bare_reason && hit.span.begin >= rejected->reason;
    if (bare || (primary != nullptr && (hit.unlikely >= primary->unlikely))) continue;
    primary = &hit;
  }
  if (primary == nullptr) return decision;
  decision = decided_by(*primary->rule);
  if (primary->cause != primary->rule->cause) {
    decision.cause = primary->cause;
    decision.secondary_count = 0;
    if (primary->cause == Cause::kDynamicIp) decision.add_secondary(Cause::kIpBlocklisted);
  }
  for (const Hit& hit : hits) {
    if (&hit == primary || !is_companion(hit, decision.cause)) continue;
    const bool part = std::any_of(hits.begin(), hits.end(), [&](const Hit& other) {
      return &other != &hit && inside(hit.span, other.span) &&
             other.span.end - other.span.begin > hit.span.end - hit.span.begin;
    });
    if (!part) decision.add_secondary(hit.cause);
  }
  return decision;
}

// What "WHAT rejected" tells where the reason behind it tells nothing.
Decision Decider::decide_by_object(const Reading& reading, const std::optional<PostfixRejected>& rejected) const {
  Decision decision;
  const Cause cause = rejected ? rejected->without_reason() : Cause::kUnknown;
  if (cause == Cause::kUnknown || (reading.status.subject != 7 && reading.status.present())) return decision;
  decision.cause = cause;
  decision.rule_id = rule_id(rejected->what);
  decision.confidence = Confidence::kText;
  return decision;
}

// The first answer in the order of the tiers, below the vendors' rules.
Decision Decider::settle(const Reading& reading, const std::optional<PostfixRejected>& rejected) {
  const Decision by_words = decide_by_words(hits_, rejected);
  const bool says_much =
      !by_words.rule_id.empty() && (!is_vague(by_words.cause) || by_words.rule->priority >= kPlainWords);
  if (decisive_ != nullptr) {
    const bool agreed =
        std::any_of(hits_.begin(), hits_.end(), [&](const Hit& hit) { return hit.cause == decisive_->cause; });
    const bool plain = says_much && by_words.rule->priority >= kPlainWords;
    if (!says_much || (!plain && (agreed || is_of_subject(by_words.cause, reading.status.subject)))) {
      Decision decision = decided_by(*decisive_);
      if (!agreed) return decision;
      decision.add_secondary(by_words.cause);
      for (std::uint8_t i = 0; i < by_words.secondary_count; ++i) decision.add_secondary(by_words.secondary[i]);
      return decision;
    }
  }
  if (says_much) return by_words;
  if (by_words.rule_id.empty()) {
    const Decision weak = decide_by_words(weak_hits_, rejected);
    if (!weak.rule_id.empty()) return weak;
  }
  const Decision by_object = decide_by_object(reading, rejected);
  if (!by_object.rule_id.empty()) return by_object;
  if (!by_words.rule_id.empty()) return by_words;
  if (leaning_ != nullptr) return decided_by(*leaning_);
  const Decision faint = decide_by_words(faint_hits_, rejected);
  if (!faint.rule_id.empty()) return faint;
  return by_code_ == nullptr ? Decision() : decided_by(*by_code_);
}

Decision Decider::decide(const Reading& reading) {
  hits_.clear();
  weak_hits_.clear();
  faint_hits_.clear();
  put_off_.clear();
  decisive_ = leaning_ = by_code_ = nullptr;
  std::optional<PostfixRejected> rejected;
  if (reading.has(Marker::kPostfixRejected)) rejected = find_postfix_rejected(reading.reply.folded);
  const auto first = [&](const CompiledRule*& slot, const CompiledRule& rule) {
    if (slot == nullptr && conditions_hold(rule, reading)) slot = &rule;
  };
  Span span;
  for (const std::uint32_t way : scan_.candidates(reading)) {
    const CompiledRule& rule = scan_.rule_of(way);
    switch (rule.tier) {
      case Tier::kVendorCode:
      case Tier::kProvider:
        if (!conditions_hold(rule, reading)) break;
        if (rule.pattern != nullptr || rule.literal_is_pattern) {
          if (!match(rule, scan_.candidate(way), reading.reply.folded, 0, span)) break;
        }
        return decided_by(rule);
      case Tier::kText:
        if (may_wait(rule, rejected)) {
          put_off_.push_back(way);
        } else {
          assert_words(reading, rule, way, rejected, hits_);
        }
        break;
      case Tier::kWeakText:
        if (hits_.empty()) assert_words(reading, rule, way, rejected, weak_hits_);
        break;
      case Tier::kFaintText:
        if (hits_.empty() && weak_hits_.empty()) assert_words(reading, rule, way, rejected, faint_hits_);
        break;
      case Tier::kDecisiveStatus:
        first(decisive_, rule);
        break;
      case Tier::kLeaningStatus:
        first(leaning_, rule);
        break;
      case Tier::kReplyCode:
        first(by_code_, rule);
        break;
    }
  }
  assert_put_off(reading);
  return settle(reading, rejected);
}

}  // namespace dsnwatch::core
