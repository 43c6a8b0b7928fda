#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/classify/cause_order.h"
#include "core/classify/literal_filter.h"
#include "core/classify/pattern.h"
#include "core/classify/required_literals.h"
#include "core/classify/rule_set.h"
#include "core/classify/verdict.h"

namespace dsnwatch::core {

/// How much a rule's evidence weighs; see RuleSet. In the order of decision.
/// A general text with a negative priority is a vague phrase: one step down it yields to decisive codes, further down
/// to leaning ones too.
enum class Tier : std::uint8_t {
  kVendorCode,
  kProvider,
  kText,
  kDecisiveStatus,
  kWeakText,
  kLeaningStatus,
  kFaintText,
  kReplyCode
};

inline bool is_text(Tier tier) {
  return tier == Tier::kText || tier == Tier::kWeakText || tier == Tier::kFaintText;
}

inline constexpr int kMaxPriority = 100;

/// A condition on a number some of whose parts may be open: "5.7.x" or "4xx".
struct StatusPattern {
  static constexpr std::uint16_t kAny = 0xffff;
  std::uint16_t klass = kAny, subject = kAny, detail = kAny;
  bool matches(EnhancedStatus status) const {
    return status.present() && (klass == kAny || klass == status.klass) &&
           (subject == kAny || subject == status.subject) && (detail == kAny || detail == status.detail);
  }
};
struct ReplyCodePattern {
  std::uint16_t first = 0, last = 999;
  bool matches(std::uint16_t code) const { return code != 0 && code >= first && code <= last; }
};

/// What a rule takes out of the reply, in the order of the names in RuleSpec::extract.
enum class ExtractField : std::uint8_t { kIp, kDomain, kUrl, kWait, kBlocklist, kCode };

struct CompiledRule {
  // What decides whether it applies stands in front: the rest is seldom looked at.
  Tier tier = Tier::kText;
  Cause cause = Cause::kUnknown;
  Side side = Side::kAny;
  std::uint8_t stages = 0;  // bit per Stage; 0: any
  ProviderId provider = kNoProvider;
  bool provider_is_condition = false;
  bool literal_is_pattern = false;  // where a literal stands, the rule matches
  std::vector<StatusPattern> statuses;
  std::vector<ReplyCodePattern> codes;
  std::unique_ptr<const Pattern> pattern;  // null: there is none

  int priority = 0;
  std::uint16_t literal_length = 0;
  BlocklistId blocklist = kNoBlocklist;
  Action action = Action::kNone;
  std::string_view id, code;         // of the spec, which lies far away
  std::span<const Cause> secondary;  // likewise
  std::vector<std::pair<ExtractField, std::unique_ptr<const Pattern>>> extract;
  const RuleSpec* spec = nullptr;
};

/// What a literal of the filter stands for: a piece of a text that must stand around it.
struct LiteralTarget {
  enum Kind : std::uint8_t { kRule, kProviderMark, kBlocklistMark, kMarker };
  enum Edges : std::uint8_t { kWordBegin = 1, kWordEnd = 2 };  // no letter or digit may stand before, behind the text
  Kind kind = kRule;
  std::uint8_t edges = 0;
  std::uint8_t lead = 0;    // from the begin of the text to the end of the piece
  std::uint8_t length = 0;  // of the text
  std::uint32_t text = 0;   // its place in Impl::texts
  std::uint32_t index = 0;  // of the way to match a rule, the provider, list or marker
};

/// What is to be done where a literal stands.
struct LiteralUse {
  std::uint32_t first_target = 0, behind_targets = 0;  // in Impl::targets
  std::uint32_t need_row = 0;                          // in Impl::need_rows
};

inline constexpr std::uint32_t kNoWay = 0xffffffff;

/// One alternative of a rule's pattern, or all of it.
struct Way {
  Width before;                            ///< How far behind the begin of a match its literal stands.
  std::size_t longest;                     ///< No match is longer (bytes).
  const LazyProgram* program;              ///< Its own or the pattern's; null where only RE2 can search.
  std::unique_ptr<const LazyProgram> own;  ///< Of one alternative of several.
};

/// What of a way is looked at whenever its literal stands in a text.
struct WayGate {
  static constexpr std::size_t kMaxNeeds = 3;
  std::uint32_t rule = 0;
  std::array<std::uint16_t, kMaxNeeds> needs{};  ///< What the text must hold beside its literal; 0: nothing more.
};

struct RuleSet::Impl {
  std::vector<RuleSpec> specs;      // by id
  std::vector<CompiledRule> rules;  // in the order of decision for a text without enhanced code

  LiteralFilter filter;
  std::vector<LiteralUse> literals;
  std::vector<LiteralTarget> targets;
  std::string texts;  // and kPadding bytes more
  std::vector<Way> ways;
  std::vector<WayGate> gates;  // by way
  // A row for each literal that meets a need, of a bit for each need; the row in front is for the others.
  std::size_t need_words = 2;  // an even number
  std::vector<std::uint64_t> need_rows;

  // Rules that no literal guards, by what they ask instead.
  std::vector<std::uint32_t> unguarded;                                     // have a pattern
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_status;  // subject * 1000 + detail
  std::array<std::vector<std::uint32_t>, 10> by_subject;                    // any detail; the last: any subject
  std::array<std::vector<std::uint32_t>, 1000> by_code;

  // By subject of the enhanced code (1 to 6): the place of each rule in the order of decision. Elsewhere it is the
  // rule's own number.
  std::array<std::vector<std::uint32_t>, 7> places;
  void find_places();
  std::uint32_t place(std::uint32_t rule, int subject) const {
    return subject >= 1 && subject <= 6 ? places[static_cast<std::size_t>(subject)][rule] : rule;
  }
};

}  // namespace dsnwatch::core
