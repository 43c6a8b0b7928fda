#include "core/classify/compile_rule.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/classify/blocklists.h"
#include "core/nearest_name.h"

namespace dsnwatch::core {
namespace {

tl::unexpected<Error> refuse(const RuleSpec& spec, const std::string& why) {
  return fail(place_of(spec) + "rule " + spec.id + ": " + why);
}

// One part of "5.7.x"; nullopt if it is neither a number nor x.
std::optional<std::uint16_t> status_part(std::string_view text) {
  if (text == "x" || text == "X") return StatusPattern::kAny;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > 999) return std::nullopt;
  return number;
}

std::optional<StatusPattern> status_pattern(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto klass = status_part(text.substr(0, first));
  const auto subject = status_part(text.substr(first + 1, second - first - 1));
  const auto detail = status_part(text.substr(second + 1));
  if (!klass || !subject || !detail || (*klass != StatusPattern::kAny && (*klass < 2 || *klass > 5))) {
    return std::nullopt;
  }
  return StatusPattern{*klass, *subject, *detail};
}

std::optional<ReplyCodePattern> code_pattern(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  std::uint16_t first = 0, last = 0;
  bool open = false;
  for (const char c : text) {
    const bool any = c == 'x' || c == 'X';
    if (!any && (c < '0' || c > '9' || open)) return std::nullopt;
    open |= any;
    first = static_cast<std::uint16_t>(first * 10 + (any ? 0 : c - '0'));
    last = static_cast<std::uint16_t>(last * 10 + (any ? 9 : c - '0'));
  }
  if (first < 200 || last > 599) return std::nullopt;
  return ReplyCodePattern{first, last};
}

Result<std::unique_ptr<const Pattern>> compile_pattern(const RuleSpec& spec, const std::string& key,
                                                       const std::string& text, SharedPattern tree) {
  auto pattern = Pattern::compile(text, std::move(tree));
  if (!pattern) return refuse(spec, "`" + key + "`: RE2 refuses the pattern: " + pattern.error().message);
  return pattern;
}

Tier tier_of(const RuleSpec& spec) {
  if (!spec.code.empty()) return Tier::kVendorCode;
  if (!spec.provider.empty()) return Tier::kProvider;
  if (!spec.match.empty())
    return spec.priority >= 0 ? Tier::kText : spec.priority == -1 ? Tier::kWeakText : Tier::kFaintText;
  if (spec.enhanced_code.empty()) return Tier::kReplyCode;
  return spec.decisive ? Tier::kDecisiveStatus : Tier::kLeaningStatus;
}

Result<void> compile_conditions(const RuleSpec& spec, const Providers& providers, CompiledRule& rule) {
  if (!spec.provider.empty()) {
    rule.provider = providers.find(spec.provider);
    if (rule.provider == kNoProvider) {
      std::vector<std::string_view> ids;
      for (std::size_t i = 0; i < providers.size(); ++i) ids.push_back(providers.id(static_cast<ProviderId>(i)));
      return refuse(spec, "unknown provider \"" + spec.provider + "\"" + did_you_mean(spec.provider, ids));
    }
    rule.provider_is_condition = rule.tier == Tier::kProvider && !spec.tells_provider;
  }
  for (const std::string& text : spec.stage) {
    const auto stage = parse_stage(text);
    if (!stage) return refuse(spec, "unknown stage \"" + text + "\"");
    rule.stages |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(*stage));
  }
  for (const std::string& text : spec.enhanced_code) {
    const auto pattern = status_pattern(text);
    if (!pattern) return refuse(spec, "enhanced_code \"" + text + "\" must look like 5.7.26, 5.7.x or x.7.1");
    rule.statuses.push_back(*pattern);
  }
  for (const std::string& text : spec.reply_code) {
    const auto pattern = code_pattern(text);
    if (!pattern) return refuse(spec, "reply_code \"" + text + "\" must look like 550, 55x or 5xx");
    rule.codes.push_back(*pattern);
  }
  if (!spec.blocklist.empty()) {
    rule.blocklist = find_blocklist(spec.blocklist);
    if (rule.blocklist == kNoBlocklist) {
      std::vector<std::string_view> ids;
      for (const Blocklist& list : blocklists().subspan(1)) ids.push_back(list.id);
      return refuse(spec, "unknown block list \"" + spec.blocklist + "\"" + did_you_mean(spec.blocklist, ids));
    }
  }
  return {};
}

Result<void> compile_extracts(const RuleSpec& spec, CompiledRule& rule) {
  constexpr std::array<std::string_view, 6> kFields = {"ip", "domain", "url", "wait", "blocklist", "code"};
  for (const auto& [name, text] : spec.extract) {
    const auto field = std::find(kFields.begin(), kFields.end(), name);
    if (field == kFields.end()) return refuse(spec, "unknown value \"" + name + "\" in extract");
    auto pattern = compile_pattern(spec, "extract." + name, text, parse_shared_pattern(text));
    if (!pattern) return tl::unexpected(pattern.error());
    if ((*pattern)->groups() != 1) {
      return refuse(spec, "`extract." + name + "` must have exactly one group in parentheses");
    }
    rule.extract.emplace_back(static_cast<ExtractField>(field - kFields.begin()), *std::move(pattern));
  }
  return {};
}

// Every match holds a text of at least this length.
std::uint16_t guaranteed_length(const RequiredLiterals& literals) {
  std::size_t least = literals.ways.empty() ? 0 : std::numeric_limits<std::uint16_t>::max();
  for (const LiteralWay& way : literals.ways) {
    std::size_t longest = 0;
    for (const LiteralChoice& choice : way.choices) longest = std::max(longest, choice.shortest());
    least = std::min(least, longest);
  }
  return static_cast<std::uint16_t>(least);
}

}  // namespace

std::string place_of(const RuleSpec& spec) {
  if (spec.file.empty()) return {};
  return spec.file + ":" + std::to_string(spec.line) + ":" + std::to_string(spec.column) + ": ";
}

Result<RuleWithLiterals> compile_rule(const RuleSpec& spec, const Providers& providers) {
  RuleWithLiterals compiled;
  CompiledRule& rule = compiled.rule;
  rule.spec = &spec;
  rule.id = spec.id;
  rule.code = spec.code;
  rule.secondary = spec.secondary;
  rule.tier = tier_of(spec);
  rule.cause = spec.cause;
  rule.side = spec.side;
  rule.action = spec.action;
  if (spec.priority < -kMaxPriority || spec.priority > kMaxPriority) {
    return refuse(
        spec, "priority must lie between -" + std::to_string(kMaxPriority) + " and " + std::to_string(kMaxPriority));
  }
  rule.priority = spec.priority;
  if (spec.match.empty() && spec.code.empty() && spec.enhanced_code.empty() && spec.reply_code.empty()) {
    return refuse(spec, "it says nothing about the reply; give `match`, `code`, `enhanced_code` or `reply_code`");
  }
  if (auto done = compile_conditions(spec, providers, rule); !done) return tl::unexpected(done.error());
  if (auto done = compile_extracts(spec, rule); !done) return tl::unexpected(done.error());
  if (!spec.match.empty()) {
    SharedPattern tree = parse_shared_pattern(spec.match);
    if (tree != nullptr) compiled.literals = required_literals(tree);
    auto pattern = compile_pattern(spec, "match", spec.match, std::move(tree));
    if (!pattern) return tl::unexpected(pattern.error());
    if (compiled.literals.ways.empty() && (*pattern)->matches_everything()) {
      return refuse(spec, "`match` matches every reply");
    }
    rule.pattern = *std::move(pattern);
  } else if (!spec.code.empty()) {
    compiled.literals.ways.push_back({{{{lower(spec.code)}, {}}}, {}, {}, spec.code.size()});
    compiled.literals.whole = true;
    compiled.word = true;
  }
  rule.literal_is_pattern = compiled.literals.whole;
  rule.literal_length = guaranteed_length(compiled.literals);
  return compiled;
}

}  // namespace dsnwatch::core
