#include "core/classify/rule_set.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "core/classify/blocklists.h"
#include "core/classify/compile_rule.h"
#include "core/classify/literal_rarity.h"
#include "core/classify/markers.h"
#include "core/classify/normal_reply.h"
#include "core/classify/rule_set_impl.h"

namespace dsnwatch::core {
namespace {

// A guard need not be longer: what it guards is confirmed. A literal that is the whole pattern stays whole.
constexpr std::size_t kLongestGuard = 20;

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

int specificity(const CompiledRule& rule) {
  int points = 0;
  for (const StatusPattern& status : rule.statuses) {
    const int exact = 1 + (status.klass != StatusPattern::kAny) + (status.subject != StatusPattern::kAny) +
                      2 * (status.detail != StatusPattern::kAny);
    points = std::max(points, 10 * exact);
  }
  int codes = 0;
  for (const ReplyCodePattern& code : rule.codes) codes = std::max(codes, code.first == code.last ? 3 : 2);
  return points + codes + 4 * (rule.stages != 0) + (rule.side != Side::kAny);
}

// The order of decision where the text has no enhanced code (brief: tiers). A total order: ids are unique.
auto decision_key(const CompiledRule& rule) {
  const bool text = is_text(rule.tier);
  const bool has_match = !rule.spec->match.empty() || !rule.spec->code.empty();
  return std::tuple(rule.tier, -rule.spec->priority, text ? cause_place(rule.cause, 0) : 0, has_match ? 0 : 1,
                    text || rule.tier == Tier::kVendorCode ? 0 : -specificity(rule), -int{rule.literal_length},
                    std::string_view(rule.spec->id));
}

// Gathers the literals of the automaton.
class LiteralTable {
 public:
  void add(std::string text, LiteralTarget target) {
    target.length = static_cast<std::uint16_t>(text.size());
    targets_.push_back(target);
    literals_.push_back(std::move(text));
  }

  void add_word(std::string_view text, LiteralTarget target) {
    target.word_begin = is_word_byte(text.front());
    target.word_end = is_word_byte(text.back());
    add(lower(text), target);
  }

  void finish(RuleSet::Impl& impl) {
    impl.automaton = LiteralAutomaton(literals_);
    impl.targets = std::move(targets_);
  }

 private:
  std::vector<std::string> literals_;
  std::vector<LiteralTarget> targets_;
};

void add_marks(const Providers& providers, LiteralTable& table) {
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const ProviderSpec* spec = providers.spec(static_cast<ProviderId>(i));
    if (spec == nullptr) continue;
    for (const std::string& mark : spec->reply_marks) {
      if (!mark.empty())
        table.add(lower(mark), {.kind = LiteralTarget::kProviderMark, .index = static_cast<std::uint32_t>(i)});
    }
  }
  for (std::size_t i = 0; i < blocklists().size(); ++i) {
    for (const std::string_view mark : blocklists()[i].marks) {
      if (!mark.empty())
        table.add_word(mark, {.kind = LiteralTarget::kBlocklistMark, .index = static_cast<std::uint32_t>(i)});
    }
  }
  for (const MarkerWord& word : kMarkerWords) {
    table.add(std::string(word.text), {.kind = LiteralTarget::kMarker,
                                       .word_begin = is_word_byte(word.text.front()),
                                       .index = static_cast<std::uint32_t>(word.marker)});
  }
}

void add_rule_literals(const RuleWithLiterals& compiled, std::uint32_t index, const LiteralRarity& rarity,
                       LiteralTable& table) {
  const LiteralTarget target{.kind = LiteralTarget::kRule, .index = index};
  const LiteralChoice* choice = rarity.best(compiled.literals.choices);
  std::vector<std::string> guards;
  for (const std::string& text : *choice) {
    if (compiled.word) {
      table.add_word(text, target);
    } else if (compiled.literals.whole) {
      table.add(text, target);
    } else {
      guards.emplace_back(rarity.rarest_piece(text, kLongestGuard));
    }
  }
  std::sort(guards.begin(), guards.end());
  guards.erase(std::unique(guards.begin(), guards.end()), guards.end());
  for (std::string& guard : guards) table.add(std::move(guard), target);
}

// Where a rule that has neither literal nor pattern is found from.
void index_by_codes(const CompiledRule& rule, std::uint32_t index, RuleSet::Impl& impl) {
  const auto add = [&](std::vector<std::uint32_t>& list) {
    if (list.empty() || list.back() != index) list.push_back(index);
  };
  for (const StatusPattern& status : rule.statuses) {
    if (status.subject != StatusPattern::kAny && status.detail != StatusPattern::kAny) {
      add(impl.by_status[status.subject * 1000U + status.detail]);
    } else {
      add(impl.by_subject[status.subject < impl.by_subject.size() - 1 ? status.subject : impl.by_subject.size() - 1]);
    }
  }
  if (!rule.statuses.empty()) return;
  for (const ReplyCodePattern& pattern : rule.codes) {
    for (std::size_t code = pattern.first; code <= pattern.last; ++code) add(impl.by_code[code]);
  }
}

Result<void> refuse_duplicates(const std::vector<RuleSpec>& specs) {
  for (std::size_t i = 1; i < specs.size(); ++i) {
    if (specs[i].id != specs[i - 1].id) continue;
    return fail(place_of(specs[i]) + "the rule id " + specs[i].id + " stands twice; the other one is at " +
                place_of(specs[i - 1]) + "rename one");
  }
  return {};
}

}  // namespace

RuleSet::RuleSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleSet::~RuleSet() = default;

Result<std::shared_ptr<const RuleSet>> RuleSet::build(std::vector<RuleSpec> specs, const Providers& providers) {
  auto impl = std::make_unique<Impl>();
  impl->specs = std::move(specs);
  std::sort(impl->specs.begin(), impl->specs.end(), [](const RuleSpec& a, const RuleSpec& b) {
    return std::tie(a.id, a.file, a.line) < std::tie(b.id, b.file, b.line);
  });
  if (auto done = refuse_duplicates(impl->specs); !done) return tl::unexpected(done.error());

  std::vector<RuleWithLiterals> compiled;
  auto rarity = std::make_unique<LiteralRarity>();
  ReplyNormalizer normalizer;
  for (const RuleSpec& spec : impl->specs) {
    auto rule = compile_rule(spec, providers);
    if (!rule) return tl::unexpected(rule.error());
    compiled.push_back(*std::move(rule));
    for (const RuleExample& example : spec.examples) rarity->add_sample(normalizer.normalize(example.text, 0).folded);
  }
  std::sort(compiled.begin(), compiled.end(), [](const RuleWithLiterals& a, const RuleWithLiterals& b) {
    return decision_key(a.rule) < decision_key(b.rule);
  });

  LiteralTable table;
  for (std::uint32_t i = 0; i < compiled.size(); ++i) {
    const CompiledRule& rule = compiled[i].rule;
    if (!compiled[i].literals.choices.empty()) {
      add_rule_literals(compiled[i], i, *rarity, table);
    } else if (rule.pattern != nullptr) {
      impl->unguarded.push_back(i);
    } else {
      index_by_codes(rule, i, *impl);
    }
    impl->rules.push_back(std::move(compiled[i].rule));
  }
  add_marks(providers, table);
  table.finish(*impl);
  return std::shared_ptr<const RuleSet>(new RuleSet(std::move(impl)));
}

std::span<const RuleSpec> RuleSet::specs() const {
  return impl_->specs;
}

std::size_t RuleSet::table_bytes() const {
  return impl_->automaton.table_bytes() + impl_->targets.size() * sizeof(LiteralTarget);
}

std::vector<std::string> RuleSet::without_literal() const {
  std::vector<std::string> ids;
  for (const std::uint32_t rule : impl_->unguarded) ids.push_back(impl_->rules[rule].spec->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace dsnwatch::core
