#include "core/classify/rule_set.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>

#include "core/ascii.h"
#include "core/classify/blocklists.h"
#include "core/classify/compile_rule.h"
#include "core/classify/literal_rarity.h"
#include "core/classify/markers.h"
#include "core/classify/normal_reply.h"
#include "core/classify/rule_set_impl.h"
#include "core/same_bytes.h"

namespace dsnwatch::core {
namespace {

// What the filter looks for are pieces of what rules require, the rarest of each.
constexpr std::size_t kLongestPiece = LiteralFilter::kLongest;
// What is shorter stands in nearly every reply: looking for it costs more than it spares.
constexpr std::size_t kShortestNeed = 4;

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

// The order of decision where the text has no enhanced code: a total order: ids are unique.
auto decision_key(const CompiledRule& rule) {
  const bool text = is_text(rule.tier);
  const bool has_match = !rule.spec->match.empty() || !rule.spec->code.empty();
  return std::tuple(rule.tier, -rule.spec->priority, text ? cause_place(rule.cause, 0) : 0, has_match ? 0 : 1,
                    text || rule.tier == Tier::kVendorCode ? 0 : -specificity(rule), -int{rule.literal_length},
                    std::string_view(rule.spec->id));
}

// Gathers the literals to look for, each once.
class LiteralTable {
 public:
  explicit LiteralTable(const LiteralRarity& rarity) : rarity_(rarity) {}

  std::uint32_t number_of(const std::string& piece) {
    const auto [entry, fresh] = numbers_.emplace(piece, static_cast<std::uint32_t>(literals_.size()));
    if (fresh) {
      literals_.push_back(piece);
      targets_.emplace_back();
      met_.emplace_back();
    }
    return entry->second;
  }

  void add(std::string_view text, LiteralTarget target) {
    text = text.substr(0, kLongestText);
    const std::string_view piece = rarity_.rarest_piece(text, kLongestPiece);
    target.lead = static_cast<std::uint8_t>(piece.data() - text.data() + static_cast<std::ptrdiff_t>(piece.size()));
    target.length = static_cast<std::uint8_t>(text.size());
    target.text = static_cast<std::uint32_t>(texts_.size());
    texts_ += text;
    targets_[number_of(std::string(piece))].push_back(target);
  }

  void add_word(std::string_view text, LiteralTarget target) {
    target.edges = static_cast<std::uint8_t>((is_alphanumeric(text.front()) ? LiteralTarget::kWordBegin : 0) |
                                             (is_alphanumeric(text.back()) ? LiteralTarget::kWordEnd : 0));
    add(lower(text), target);
  }

  // The number of the need for one of the pieces; 0 if there are too many needs.
  std::uint16_t need(const std::vector<std::string>& pieces) {
    if (needs_.size() == std::numeric_limits<std::uint16_t>::max()) return 0;
    const auto [entry, fresh] = needs_.emplace(pieces, static_cast<std::uint16_t>(needs_.size() + 1));
    if (fresh) {
      for (const std::string& piece : pieces) met_[number_of(piece)].push_back(entry->second);
    }
    return entry->second;
  }

  void finish(RuleSet::Impl& impl) {
    impl.filter = LiteralFilter(literals_);
    impl.texts = texts_ + std::string(kPadding, '\0');
    impl.need_width = needs_.size() / NeedBits::kNeeds + 1;
    impl.need_rows.resize(impl.need_width);
    for (std::size_t literal = 0; literal < targets_.size(); ++literal) {
      LiteralUse use{.first_target = static_cast<std::uint32_t>(impl.targets.size())};
      impl.targets.insert(impl.targets.end(), targets_[literal].begin(), targets_[literal].end());
      use.behind_targets = static_cast<std::uint32_t>(impl.targets.size());
      if (!met_[literal].empty()) {
        use.need_row = static_cast<std::uint32_t>(impl.need_rows.size());
        impl.need_rows.resize(impl.need_rows.size() + impl.need_width);
        for (const std::uint16_t met : met_[literal]) {
          impl.need_rows[use.need_row + met / NeedBits::kNeeds].set(met % NeedBits::kNeeds);
        }
      }
      impl.literals.push_back(use);
    }
  }

 private:
  static constexpr std::size_t kLongestText = 0xff;

  const LiteralRarity& rarity_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> literals_;
  std::vector<std::vector<LiteralTarget>> targets_;
  std::vector<std::vector<std::uint16_t>> met_;  // the needs that each literal meets
  std::map<std::vector<std::string>, std::uint16_t> needs_;
  std::string texts_;
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
    const bool begins_word = is_alphanumeric(word.text.front());
    table.add(word.text, {.kind = LiteralTarget::kMarker,
                          .edges = static_cast<std::uint8_t>(begins_word ? LiteralTarget::kWordBegin : 0),
                          .index = static_cast<std::uint32_t>(word.marker)});
  }
}

std::vector<std::string> pieces(const LiteralChoice& choice, const LiteralRarity& rarity) {
  std::vector<std::string> texts;
  for (const std::string& text : choice.texts) texts.emplace_back(rarity.rarest_piece(text, kLongestPiece));
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

void add_way(std::uint32_t rule, RuleSet::Impl& impl) {
  impl.ways.emplace_back();
  impl.gates.push_back({.rule = rule});
}

// The literals that make a reply a candidate for the rule, and those that it must hold beside them.
void add_rule_literals(const RuleWithLiterals& compiled, std::uint32_t rule, const LiteralRarity& rarity,
                       LiteralTable& table, RuleSet::Impl& impl) {
  for (std::size_t number = 0; number < compiled.literals.ways.size(); ++number) {
    const LiteralWay& way = compiled.literals.ways[number];
    const std::vector<const LiteralChoice*> choices = rarity.rarest_first(way.choices);
    const LiteralTarget target{.kind = LiteralTarget::kRule, .index = static_cast<std::uint32_t>(impl.ways.size())};
    add_way(rule, impl);
    impl.ways.back().guarded = true;
    impl.ways.back().before = choices.front()->before;
    impl.ways.back().longest = way.longest;
    // Searching for one alternative of many is what makes long patterns cheap.
    if (compiled.literals.ways.size() > 1)
      impl.ways.back().own = std::make_unique<LazyProgram>(way.pattern, way.branches);
    if (compiled.rule.pattern != nullptr) {
      const LazyProgram* const own = impl.ways.back().own.get();
      impl.ways.back().program = own != nullptr ? own : compiled.rule.pattern->program();
    }
    for (const std::string& text : choices.front()->texts) {
      if (compiled.word) {
        table.add_word(text, target);
      } else {
        table.add(text, target);
      }
    }
    if (compiled.literals.whole) continue;
    std::size_t needs = 0;
    for (std::size_t i = 1; i < choices.size() && needs < WayGate::kMaxNeeds && rarity.rules_out(*choices[i]); ++i) {
      if (choices[i]->shortest() < kShortestNeed) continue;
      impl.gates.back().needs[needs++] = table.need(pieces(*choices[i], rarity));
    }
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

// The ways of a rule stand in a row, in the order in which they are tried.
void RuleSet::Impl::find_places() {
  std::vector<std::uint32_t> order(gates.size());
  for (std::size_t subject = 0; subject < WayGate::kSubjects; ++subject) {
    std::iota(order.begin(), order.end(), 0U);
    const auto key = [&](std::uint32_t way) {
      const CompiledRule& rule = rules[gates[way].rule];
      const bool text = is_text(rule.tier);
      return std::tuple(rule.tier, text ? -rule.priority : 0,
                        text ? cause_place(rule.cause, static_cast<int>(subject)) : 0);
    };
    if (subject > 0) {
      std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    }
    for (std::size_t i = 0; i < order.size(); ++i) gates[order[i]].places[subject] = static_cast<std::int32_t>(i);
  }
}

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
    for (const RuleExample& example : spec.examples) {
      rarity->add_sample(normalizer.normalize(example.text, 0).folded);
    }
  }
  std::sort(compiled.begin(), compiled.end(), [](const RuleWithLiterals& a, const RuleWithLiterals& b) {
    return decision_key(a.rule) < decision_key(b.rule);
  });

  LiteralTable table(*rarity);
  for (std::uint32_t i = 0; i < compiled.size(); ++i) {
    const CompiledRule& rule = compiled[i].rule;
    add_rule_literals(compiled[i], i, *rarity, table, *impl);
    if (!compiled[i].literals.ways.empty()) {
      // found by its literals
    } else if (rule.pattern != nullptr) {
      impl->unguarded.push_back(static_cast<std::uint32_t>(impl->ways.size()));
      add_way(i, *impl);
    } else {
      impl->by_codes.add(static_cast<std::uint32_t>(impl->ways.size()), rule.statuses, rule.codes);
      add_way(i, *impl);
    }
    impl->rules.push_back(std::move(compiled[i].rule));
  }
  add_marks(providers, table);
  table.finish(*impl);
  impl->by_codes.finish();
  impl->find_places();
  return std::shared_ptr<const RuleSet>(new RuleSet(std::move(impl)));
}

std::span<const RuleSpec> RuleSet::specs() const {
  return impl_->specs;
}

std::size_t RuleSet::table_bytes() const {
  return impl_->filter.table_bytes() + impl_->targets.size() * sizeof(LiteralTarget) +
         impl_->literals.size() * sizeof(LiteralUse) + impl_->texts.size() + impl_->need_rows.size() * sizeof(NeedBits);
}

std::vector<std::string> RuleSet::without_literal() const {
  std::vector<std::string> ids;
  for (const std::uint32_t way : impl_->unguarded) ids.push_back(impl_->rules[impl_->gates[way].rule].spec->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace dsnwatch::core
