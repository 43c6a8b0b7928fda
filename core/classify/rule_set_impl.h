#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/classify/cause_order.h"
#include "core/classify/code_index.h"
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

/// A bit for each of so many needs as a line of the cache has room for.
struct alignas(64) NeedBits {
  static constexpr std::size_t kNeeds = 512;
  std::array<std::uint64_t, kNeeds / 64> words{};

  bool has(std::size_t need) const { return (words[need / 64] >> need % 64 & 1U) != 0; }
  void set(std::size_t need) { words[need / 64] |= std::uint64_t{1} << need % 64; }
};

/// One alternative of a rule's pattern, or all of it, or a rule that asks for no words.
struct Way {
  bool guarded = false;                     ///< A literal stands in every match.
  Width before;                             ///< How far behind the begin of a match its literal stands.
  std::size_t longest = Width::kUnbounded;  ///< No match is longer (bytes).
  const LazyProgram* program = nullptr;     ///< Its own or the pattern's; null where only RE2 can search.
  std::unique_ptr<const LazyProgram> own;   ///< Of one alternative of several.
};

/// What of a way is looked at whenever its literal stands in a text.
struct alignas(64) WayGate {
  static constexpr std::size_t kMaxNeeds = 3, kSubjects = 7;
  std::uint32_t rule = 0;
  std::array<std::uint16_t, kMaxNeeds> needs{};  ///< What the text must hold beside its literal; 0: nothing more.
  /// Its place in the order of decision, by the subject of the reply's enhanced code (1 to 6; 0: any other, or none).
  std::array<std::int32_t, kSubjects> places{};
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
  // A row for each literal that meets a need, of `need_width` blocks; the row in front is for the others.
  std::size_t need_width = 1;
  std::vector<NeedBits> need_rows;

  CodeIndex by_codes;                    // the ways of rules that have neither literal nor pattern
  std::vector<std::uint32_t> unguarded;  // the ways of patterns without a literal

  void find_places();
};

}  // namespace dsnwatch::core
