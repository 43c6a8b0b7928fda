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
// From this priority on words are plain enough to beat a decisive code of their own subject.
constexpr int kPlainWords = 3;

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool stands_alone(const LiteralTarget& target, std::string_view text, Span span) {
  if (target.word_begin && span.begin > 0 && is_word_byte(text[span.begin - 1])) return false;
  return !target.word_end || span.end >= text.size() || !is_word_byte(text[span.end]);
}

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
  decision.rule_id = rule.spec->id;
  decision.cause = rule.cause;
  decision.confidence = confidence_of(rule.tier);
  for (const Cause further : rule.spec->secondary) decision.add_secondary(further);
  return decision;
}

}  // namespace

void Decision::add_secondary(Cause further) {
  const auto* const end = secondary.begin() + secondary_count;
  if (further == cause || secondary_count == secondary.size() || std::find(secondary.cbegin(), end, further) != end)
    return;
  secondary[secondary_count++] = further;
}

Decider::Decider(const RuleSet::Impl& rules) : rules_(rules), seen_(rules.rules.size()) {
  candidates_.reserve(64);
  hits_.reserve(16);
  weak_hits_.reserve(16);
  faint_hits_.reserve(16);
}

void Decider::add_candidate(std::uint32_t rule, Span span) {
  if (seen_[rule] == scan_) return;
  seen_[rule] = scan_;
  candidates_.push_back({0, rule, span});
}

void Decider::scan(Reading& reading) {
  if (++scan_ == 0) {
    std::fill(seen_.begin(), seen_.end(), 0);
    scan_ = 1;
  }
  candidates_.clear();
  const std::string_view text = reading.reply.folded;
  std::uint16_t mark_length = 0, list_length = 0;
  rules_.automaton.scan(text, [&](std::uint32_t literal, std::size_t end) {
    const LiteralTarget& target = rules_.targets[literal];
    const Span span{end - target.length, end};
    if ((target.word_begin || target.word_end) && !stands_alone(target, text, span)) return;
    switch (target.kind) {
      case LiteralTarget::kRule:
        return add_candidate(target.index, span);
      case LiteralTarget::kProviderMark:
        if (target.length <= mark_length) return;
        mark_length = target.length;
        reading.marked_provider = static_cast<ProviderId>(target.index);
        return;
      case LiteralTarget::kBlocklistMark:
        if (target.length <= list_length) return;
        list_length = target.length;
        reading.list = static_cast<BlocklistId>(target.index);
        return;
      case LiteralTarget::kMarker:
        return reading.set(static_cast<Marker>(target.index));
    }
  });
  for (const std::uint32_t rule : rules_.unguarded) add_candidate(rule, {});
}

void Decider::add_by_codes(const Reading& reading) {
  const auto add = [&](const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t rule : list) add_candidate(rule, {});
  };
  if (reading.status.present()) {
    const auto found = rules_.by_status.find(reading.status.subject * 1000U + reading.status.detail);
    if (found != rules_.by_status.end()) add(found->second);
    const std::size_t any = rules_.by_subject.size() - 1;
    if (reading.status.subject < any) add(rules_.by_subject[reading.status.subject]);
    add(rules_.by_subject[any]);
  }
  if (reading.reply.smtp_code < rules_.by_code.size()) add(rules_.by_code[reading.reply.smtp_code]);
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
  if (rule.pattern == nullptr) return false;
  // A match holds a guarding literal, the first of which ends at the candidate's end.
  const std::size_t longest = rule.pattern->longest();
  if (candidate.span.end > longest) from = std::max(from, candidate.span.end - longest);
  return rule.pattern->search(text, from, scratch_, span, nullptr);
}

// Adds a hit if the rule's words stand in the text and assert its cause.
void Decider::assert_words(const Reading& reading, const Candidate& candidate,
                           const std::optional<PostfixRejected>& rejected, std::vector<Hit>& hits) {
  if (hits.size() >= kMaxHits) return;
  const CompiledRule& rule = rules_.rules[candidate.rule];
  const StageFit fit = stage_fit(rule.cause, reading.stage);
  if (fit == StageFit::kImpossible || !conditions_hold(rule, reading)) return;
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
    if (&hit == primary || hit.unlikely || is_vague(hit.cause) || decision.cause == Cause::kPolicy) continue;
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
  const bool says_much = !by_words.rule_id.empty() && !is_vague(by_words.cause);
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
  add_by_codes(reading);
  const int subject = reading.status.present() ? reading.status.subject : 0;
  for (Candidate& candidate : candidates_) candidate.order = rules_.order(candidate.rule, subject);
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
  hits_.clear();
  weak_hits_.clear();
  faint_hits_.clear();
  decisive_ = leaning_ = by_code_ = nullptr;
  std::optional<PostfixRejected> rejected;
  if (reading.has(Marker::kPostfixRejected)) rejected = find_postfix_rejected(reading.reply.folded);
  const auto first = [&](const CompiledRule*& slot, const CompiledRule& rule) {
    if (slot == nullptr && conditions_hold(rule, reading)) slot = &rule;
  };
  Span span;
  for (const Candidate& candidate : candidates_) {
    const CompiledRule& rule = rules_.rules[candidate.rule];
    switch (rule.tier) {
      case Tier::kVendorCode:
      case Tier::kProvider:
        if (!conditions_hold(rule, reading)) break;
        if (rule.pattern != nullptr || rule.literal_is_pattern) {
          if (!match(rule, candidate, reading.reply.folded, 0, span)) break;
        }
        return decided_by(rule);
      case Tier::kText:
        assert_words(reading, candidate, rejected, hits_);
        break;
      case Tier::kWeakText:
        if (hits_.empty()) assert_words(reading, candidate, rejected, weak_hits_);
        break;
      case Tier::kFaintText:
        if (hits_.empty() && weak_hits_.empty()) assert_words(reading, candidate, rejected, faint_hits_);
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
  return settle(reading, rejected);
}

}  // namespace dsnwatch::core
