#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "core/nearest_name.h"
#include "daemon/classify/print_verdict.h"
#include "daemon/classify/reply_line.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/rule_loading.h"
#include "exporters/events/json_text.h"

namespace dsnwatch::daemon {
namespace {

CommandSpec command_spec() {
  return {.usage = "dsnwatch rules check|list|show [OPTION...] [PATH...|ID...]",
          .about =
              "check [PATH...]  every example of a rule must be won by that rule; PATHs are added as with --rules\n"
              "list             all rules, one per line: id, cause, provider\n"
              "show ID...       a rule with its examples and its remedy",
          .options = {{"json", "", "list: one JSON object per rule"},
                      {"rules", "DIR", "add the rules of this folder or file; the same id replaces a shipped rule"}}};
}

struct LoadedRules {
  std::shared_ptr<const core::Providers> providers;
  std::shared_ptr<const core::RuleSet> rules;
};

core::Result<LoadedRules> load(const std::vector<std::string>& paths) {
  auto providers = load_providers("", core::default_internal_networks());
  if (!providers) return tl::unexpected(providers.error());
  auto rules = load_rules(paths, **providers);
  if (!rules) return tl::unexpected(rules.error());
  return LoadedRules{*providers, *rules};
}

std::string place(const core::RuleSpec& rule) {
  return rule.file + ":" + std::to_string(rule.line) + ":" + std::to_string(rule.column) + ": rule " + rule.id;
}

// Says on stderr what is wrong with a rule; the number of faults.
int check_rule(const core::RuleSpec& rule, core::Classifier& classifier, const core::Providers& providers) {
  if (rule.examples.empty()) {
    std::fprintf(stderr, "%s: has no example; give at least one real reply\n", place(rule).c_str());
    return 1;
  }
  int faults = 0;
  for (const core::RuleExample& example : rule.examples) {
    if (!example.provider.empty() && providers.find(example.provider) == core::kNoProvider) {
      std::fprintf(stderr, "%s: unknown provider \"%s\" of an example\n", place(rule).c_str(),
                   example.provider.c_str());
      ++faults;
      continue;
    }
    const ReplyLine line = reply_line(example);
    const core::Verdict verdict = classifier.classify(context_of(line, providers));
    if (verdict.rule == rule.id) continue;
    ++faults;
    const std::string winner = verdict.rule.empty() ? "no rule" : std::string(verdict.rule);
    std::fprintf(stderr, "%s: does not win its example \"%s\": %s does (%s)\n", place(rule).c_str(),
                 example.text.c_str(), winner.c_str(), std::string(core::name(verdict.cause)).c_str());
  }
  return faults;
}

int check(const LoadedRules& loaded) {
  core::Classifier classifier(loaded.rules, loaded.providers);
  int faults = 0;
  std::size_t examples = 0;
  for (const core::RuleSpec& rule : loaded.rules->specs()) {
    faults += check_rule(rule, classifier, *loaded.providers);
    examples += rule.examples.size();
  }
  const std::vector<std::string> unguarded = loaded.rules->without_literal();
  std::printf("%zu rules, %zu examples, %d faults; tables %zu KiB; %zu rules without a required literal%s\n",
              loaded.rules->specs().size(), examples, faults, loaded.rules->table_bytes() / 1024, unguarded.size(),
              unguarded.empty() ? "" : ":");
  for (const std::string& id : unguarded) std::printf("  %s\n", id.c_str());
  return faults == 0 ? kExitDone : kExitUsage;
}

void list(const LoadedRules& loaded, bool json) {
  std::string out;
  for (const core::RuleSpec& rule : loaded.rules->specs()) {
    if (!json) {
      out.append(rule.id).append("\t").append(core::name(rule.cause)).append("\t");
      out.append(rule.provider.empty() ? "-" : rule.provider).append("\n");
      continue;
    }
    out += "{\"id\":";
    exporters::append_json_string(rule.id, out);
    out.append(",\"cause\":\"").append(core::name(rule.cause)).append("\",\"provider\":");
    if (rule.provider.empty()) {
      out += "null";
    } else {
      exporters::append_json_string(rule.provider, out);
    }
    out += ",\"match\":";
    exporters::append_json_string(rule.match, out);
    out += ",\"file\":";
    exporters::append_json_string(rule.file, out);
    out.append(",\"line\":").append(std::to_string(rule.line)).append("}\n");
  }
  std::fputs(out.c_str(), stdout);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : ", ").append(text);
  return out;
}

void show_field(std::string_view name, const std::string& value) {
  if (!value.empty()) std::printf("  %-14s%s\n", std::string(name).c_str(), value.c_str());
}

void show_rule(const core::RuleSpec& rule) {
  std::printf("%s\n", rule.id.c_str());
  show_field("cause", std::string(core::name(rule.cause)) + ": " + std::string(core::meaning(rule.cause)));
  std::vector<std::string> secondary;
  for (const core::Cause cause : rule.secondary) secondary.emplace_back(core::name(cause));
  show_field("secondary", joined(secondary));
  show_field("provider", rule.provider);
  show_field("stage", joined(rule.stage));
  show_field("side", rule.side == core::Side::kAny ? "" : rule.side == core::Side::kRemote ? "remote" : "local");
  show_field("enhanced_code", joined(rule.enhanced_code));
  show_field("reply_code", joined(rule.reply_code));
  show_field("code", rule.code);
  show_field("match", rule.match);
  for (const auto& [name, pattern] : rule.extract) show_field("extract." + name, pattern);
  show_field("blocklist", rule.blocklist);
  show_field("action", std::string(core::name(rule.action)));
  for (const core::RuleExample& example : rule.examples) show_field("example", example.text);
  show_field("reference", rule.reference);
  show_field("file", rule.file + ":" + std::to_string(rule.line));
  std::string remedy;
  append_remedy(rule.cause, {}, remedy);
  std::fputs(remedy.c_str(), stdout);
}

int show(const LoadedRules& loaded, const std::vector<std::string>& ids) {
  const auto specs = loaded.rules->specs();
  for (const std::string& id : ids) {
    const auto found =
        std::find_if(specs.begin(), specs.end(), [&](const core::RuleSpec& rule) { return rule.id == id; });
    if (found == specs.end()) {
      std::vector<std::string_view> names;
      for (const core::RuleSpec& rule : specs) names.push_back(rule.id);
      std::fprintf(stderr, "dsnwatch rules: no rule \"%s\"%s\n", id.c_str(), core::did_you_mean(id, names).c_str());
      return kExitUsage;
    }
    show_rule(*found);
  }
  return kExitDone;
}

int wrong_use(const std::string& message) {
  std::fprintf(stderr, "dsnwatch rules: %s\nTry 'dsnwatch rules --help'.\n", message.c_str());
  return kExitUsage;
}

}  // namespace

int rules_command(const Arguments& args) {
  const auto parsed = parse_options(command_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<ParsedOptions>(parsed);
  constexpr std::array<std::string_view, 3> kVerbs = {"check", "list", "show"};
  if (options.positional.empty()) return wrong_use("say what to do: check, list or show");
  const std::string verb = options.positional.front();
  if (std::find(kVerbs.begin(), kVerbs.end(), verb) == kVerbs.end()) {
    return wrong_use("unknown verb \"" + verb + "\"" + core::did_you_mean(verb, kVerbs));
  }
  const std::vector<std::string> rest(options.positional.begin() + 1, options.positional.end());
  if (verb == "list" && !rest.empty()) return wrong_use("list takes no arguments");
  if (verb == "show" && rest.empty()) return wrong_use("show needs the id of a rule; 'dsnwatch rules list' names them");

  std::vector<std::string> paths = options.values("rules");
  if (verb == "check") paths.insert(paths.end(), rest.begin(), rest.end());
  const auto loaded = load(paths);
  if (!loaded) {
    std::fprintf(stderr, "dsnwatch rules: %s\n", loaded.error().message.c_str());
    return kExitUsage;
  }
  if (verb == "check") return check(*loaded);
  if (verb == "show") return show(*loaded, rest);
  list(*loaded, options.has("json"));
  return kExitDone;
}

}  // namespace dsnwatch::daemon
