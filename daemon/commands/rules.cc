#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "core/nearest_name.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/remedy_text.h"
#include "daemon/rule_check.h"
#include "daemon/rule_loading.h"
#include "exporters/events/json_text.h"

namespace dsnwatch::daemon {
namespace {

const CommandSpec& rules_spec() {
  static const CommandSpec kSpec = {
      "dsnwatch rules check [OPTION...] [FILE|DIR...]\n       dsnwatch rules list [OPTION...]\n"
      "       dsnwatch rules show [OPTION...] ID...",
      "The rules that classify replies. `check` tests the shipped rules together with those of the files: every "
      "example "
      "must\nhit its rule. `list` names all rules, `show` prints some with their remedy.",
      {{"rules", "DIR",
        "a file or folder of rules that add to the shipped ones or replace them by id; may be repeated"},
       {"providers", "FILE", "further providers, as `providers` in the configuration"},
       {"format", "text|json", "how `list` and `show` print (default: text)"}}};
  return kSpec;
}

int refuse(const std::string& message, int status) {
  std::fprintf(stderr, "dsnwatch rules: %s\n", message.c_str());
  return status;
}

std::string in_words(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : " ") + value;
  return out;
}

void append_json_list(std::string_view key, const std::vector<std::string>& values, std::string& out) {
  out.append(",\"").append(key).append("\":[");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    exporters::append_json_string(values[i], out);
  }
  out += ']';
}

std::string rule_json(const core::RuleSpec& rule) {
  std::string out = "{\"id\":";
  exporters::append_json_string(rule.id, out);
  auto text = [&out](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.append(",\"").append(key).append("\":");
    exporters::append_json_string(value, out);
  };
  text("cause", core::name(rule.cause));
  text("category", core::name(core::category_of(rule.cause)));
  text("provider", rule.provider);
  text("code", rule.code);
  text("match", rule.match);
  text("side", rule.side == core::Side::kAny ? "" : rule.side == core::Side::kRemote ? "remote" : "local");
  text("action", core::name(rule.action));
  std::vector<std::string> secondary;
  for (const core::Cause cause : rule.secondary) secondary.emplace_back(core::name(cause));
  append_json_list("secondary", secondary, out);
  append_json_list("stage", rule.stage, out);
  append_json_list("enhanced_code", rule.enhanced_code, out);
  append_json_list("reply_code", rule.reply_code, out);
  const char* separator = ",\"extract\":{";
  for (const auto& [name, pattern] : rule.extract) {
    out.append(std::exchange(separator, ",")).append("\"").append(name).append("\":");
    exporters::append_json_string(pattern, out);
  }
  if (!rule.extract.empty()) out += '}';
  if (rule.tells_provider) out += ",\"tells_provider\":true";
  if (rule.decisive) out += ",\"decisive\":true";
  if (rule.priority != 0) out += ",\"priority\":" + std::to_string(rule.priority);
  text("blocklist", rule.blocklist);
  text("reference", rule.reference);
  text("file", rule.file);
  out += ",\"line\":" + std::to_string(rule.line);
  std::vector<std::string> examples;
  examples.reserve(rule.examples.size());
  for (const core::RuleExample& example : rule.examples) examples.push_back(example.text);
  append_json_list("examples", examples, out);
  return out + "}";
}

std::string rule_text(const core::RuleSpec& rule) {
  std::string out = rule.id + "\n";
  auto fact = [&out](std::string_view label, std::string_view value) {
    if (!value.empty()) out.append("  ").append(label).append(": ").append(value) += '\n';
  };
  fact("cause", std::string(core::name(rule.cause)) + " - " + std::string(core::meaning(rule.cause)));
  fact("provider", rule.provider);
  fact("stage", in_words(rule.stage));
  fact("enhanced code", in_words(rule.enhanced_code));
  fact("reply code", in_words(rule.reply_code));
  fact("vendor code", rule.code);
  fact("match", rule.match);
  fact("block list", rule.blocklist);
  for (const core::RuleExample& example : rule.examples) fact("example", example.text);
  fact("reference", rule.reference);
  fact("stands in", rule.file + ":" + std::to_string(rule.line));
  return out + "  what to do:\n" + remedy_text(rule.cause, {}, "    ");
}

int check(const std::shared_ptr<const core::RuleSet>& rules, const std::shared_ptr<const core::Providers>& providers) {
  const std::vector<std::string> problems = check_rules(rules, providers);
  for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  std::printf("%zu rules, %zu problems\n", rules->specs().size(), problems.size());
  const std::vector<std::string> unguarded = rules->without_literal();
  if (!unguarded.empty()) {
    std::printf("%zu rules that no literal guards (each is tried on every reply): %s\n", unguarded.size(),
                in_words(unguarded).c_str());
  }
  return problems.empty() ? kExitDone : kExitFailed;
}

int print(const std::vector<const core::RuleSpec*>& rules, bool json, bool whole) {
  std::string out = json ? "[" : "";
  for (const core::RuleSpec* rule : rules) {
    if (json) {
      out += (rule == rules.front() ? "\n" : ",\n") + rule_json(*rule);
    } else if (whole) {
      out += rule_text(*rule);
    } else {
      out += rule->id + "\t" + std::string(core::name(rule->cause)) + "\n";
    }
  }
  if (json) out += "\n]\n";
  const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
  return written ? kExitDone : refuse("standard output can't be written (is the disk full?)", kExitFailed);
}

int show(const core::RuleSet& rules, const std::vector<std::string>& ids, bool json) {
  if (ids.empty()) return refuse("name the rule to show; `dsnwatch rules list` lists them", kExitUsage);
  std::vector<const core::RuleSpec*> chosen;
  for (const std::string& id : ids) {
    auto found =
        std::find_if(rules.specs().begin(), rules.specs().end(), [&](const auto& rule) { return rule.id == id; });
    if (found == rules.specs().end()) {
      std::vector<std::string> names;
      for (const core::RuleSpec& rule : rules.specs()) names.push_back(rule.id);
      return refuse("there is no rule \"" + id + "\"" + core::did_you_mean(id, names), kExitUsage);
    }
    chosen.push_back(&*found);
  }
  return print(chosen, json, /*whole=*/true);
}

}  // namespace

int rules_command(const Arguments& args) {
  const auto parsed = parse_options(rules_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<ParsedOptions>(parsed);
  const std::string format = options.value("format", "text");
  const std::string verb = options.positional.empty() ? "" : options.positional.front();
  if (verb != "check" && verb != "list" && verb != "show") {
    return refuse("say check, list or show; 'dsnwatch rules --help' explains them", kExitUsage);
  }
  if (format != "text" && format != "json") return refuse("--format must be text or json", kExitUsage);
  std::vector<std::string> rest(options.positional.begin() + 1, options.positional.end());
  if (verb == "list" && !rest.empty()) return refuse("`list` takes no arguments", kExitUsage);

  std::vector<std::string> paths = options.values("rules");
  if (verb == "check") paths.insert(paths.end(), rest.begin(), rest.end());
  auto providers = load_providers(options.value("providers"), core::default_internal_networks());
  if (!providers) return refuse(providers.error().message, kExitUsage);
  auto rules = load_rules(paths, **providers);
  if (!rules) return refuse(rules.error().message, verb == "check" ? kExitFailed : kExitUsage);
  if (verb == "check") return check(*rules, *providers);
  if (verb == "show") return show(**rules, rest, format == "json");
  std::vector<const core::RuleSpec*> all;
  for (const core::RuleSpec& rule : (*rules)->specs()) all.push_back(&rule);
  return print(all, format == "json", /*whole=*/false);
}

}  // namespace dsnwatch::daemon
