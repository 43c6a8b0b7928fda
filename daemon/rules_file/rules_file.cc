#include "daemon/rules_file/rules_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/nearest_name.h"
#include "daemon/rules_file/yaml_fields.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::array<std::string_view, 6> kStages = {"connect", "helo", "mail", "rcpt", "data", "eod"};
constexpr std::array<std::string_view, 6> kExtracts = {"ip", "domain", "url", "wait", "blocklist", "code"};

/// A setter for a value that must be one of the names that `parse` knows.
template <class T, class Parse>
YamlFields::Setter one_of(const YamlFields& fields, std::string key, T& target, Parse parse,
                          std::vector<std::string_view> names) {
  return [&fields, key = std::move(key), &target, parse,
          names = std::move(names)](const YAML::Node& node) -> core::Result<void> {
    auto value = fields.scalar(node, key);
    if (!value) return tl::unexpected(value.error());
    auto parsed = parse(*value);
    if (!parsed)
      return fields.error(node, "unknown " + key + " \"" + *value + "\"" + core::did_you_mean(*value, names));
    target = *parsed;
    return {};
  };
}

std::vector<std::string_view> cause_names() {
  std::vector<std::string_view> names;
  names.reserve(core::kCauseCount);
  for (int i = 0; i < core::kCauseCount; ++i) names.push_back(core::name(static_cast<core::Cause>(i)));
  return names;
}

std::optional<core::Side> parse_side(std::string_view text) {
  if (text == "remote") return core::Side::kRemote;
  if (text == "local") return core::Side::kLocal;
  return std::nullopt;
}

std::optional<core::Action> parse_action(std::string_view text) {
  for (int i = 1; i <= static_cast<int>(core::Action::kContact); ++i) {
    if (core::name(static_cast<core::Action>(i)) == text) return static_cast<core::Action>(i);
  }
  return std::nullopt;
}

core::Result<core::RuleExample> read_example(const YAML::Node& node, const std::string& file) {
  core::RuleExample example;
  if (node.IsScalar()) {
    example.text = node.Scalar();
    return example;
  }
  YamlFields fields(file);
  fields.text("text", example.text);
  fields.text("stage", example.stage);
  fields.on("side", one_of(fields, "side", example.side, parse_side, {"remote", "local"}));
  fields.text("provider", example.provider);
  fields.text("rhost", example.remote_host);
  fields.text("domain", example.recipient_domain);
  if (auto done = fields.read(node, "an example"); !done) return tl::unexpected(done.error());
  return example;
}

/// The keys of a rule whose values are lists of a kind of their own.
void on_lists(YamlFields& fields, core::RuleSpec& rule, const std::string& file) {
  fields.on("secondary", [&fields, &rule](const YAML::Node& node) -> core::Result<void> {
    auto names = fields.list(node, "secondary");
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names) {
      auto cause = core::parse_cause(name);
      if (!cause) return fields.error(node, "unknown cause \"" + name + "\"" + core::did_you_mean(name, cause_names()));
      rule.secondary.push_back(*cause);
    }
    return {};
  });
  fields.on("stage", [&fields, &rule](const YAML::Node& node) -> core::Result<void> {
    auto names = fields.list(node, "stage");
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names) {
      if (std::find(kStages.begin(), kStages.end(), name) == kStages.end()) {
        return fields.error(node, "unknown stage \"" + name + "\"" + core::did_you_mean(name, kStages));
      }
    }
    rule.stage = *std::move(names);
    return {};
  });
  fields.on("extract", [&fields, &rule](const YAML::Node& node) -> core::Result<void> {
    if (!node.IsMap()) return fields.error(node, "`extract` must be a mapping of names to patterns");
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar();
      if (std::find(kExtracts.begin(), kExtracts.end(), name) == kExtracts.end()) {
        return fields.error(entry.first,
                            "unknown value \"" + name + "\" in extract" + core::did_you_mean(name, kExtracts));
      }
      auto pattern = fields.scalar(entry.second, name);
      if (!pattern) return tl::unexpected(pattern.error());
      rule.extract.emplace_back(name, *std::move(pattern));
    }
    return {};
  });
  fields.on("examples", [&fields, &rule, file](const YAML::Node& node) -> core::Result<void> {
    if (!node.IsSequence()) return fields.error(node, "`examples` must be a list");
    for (const YAML::Node& item : node) {
      auto example = read_example(item, file);
      if (!example) return tl::unexpected(example.error());
      rule.examples.push_back(*std::move(example));
    }
    return {};
  });
}

core::Result<core::RuleSpec> read_rule(const YAML::Node& node, const std::string& file) {
  core::RuleSpec rule;
  rule.file = file;
  rule.line = node.Mark().line + 1;
  rule.column = node.Mark().column + 1;
  YamlFields fields(file);
  fields.text("id", rule.id);
  fields.on("cause", one_of(fields, "cause", rule.cause, core::parse_cause, cause_names()));
  fields.text("provider", rule.provider);
  fields.on("side", one_of(fields, "side", rule.side, parse_side, {"remote", "local"}));
  fields.texts("enhanced_code", rule.enhanced_code);
  fields.texts("reply_code", rule.reply_code);
  fields.text("code", rule.code);
  fields.text("match", rule.match);
  fields.text("blocklist", rule.blocklist);
  fields.on("action", one_of(fields, "action", rule.action, parse_action,
                             {"suppress", "retry", "slow", "stop", "fix", "delist", "contact"}));
  fields.flag("decisive", rule.decisive);
  fields.flag("tells_provider", rule.tells_provider);
  fields.number("priority", rule.priority);
  fields.text("reference", rule.reference);
  on_lists(fields, rule, file);
  if (auto done = fields.read(node, "a rule"); !done) return tl::unexpected(done.error());
  if (rule.id.empty()) return fields.error(node, "a rule needs an `id`");
  if (!node["cause"]) return fields.error(node, "the rule " + rule.id + " needs a `cause`");
  return rule;
}

core::Result<core::ProviderSpec> read_provider(const YAML::Node& node, const std::string& file) {
  core::ProviderSpec provider;
  YamlFields fields(file);
  fields.text("id", provider.id);
  fields.text("title", provider.title);
  fields.texts("mx_suffixes", provider.mx_suffixes);
  fields.texts("recipient_domains", provider.recipient_domains);
  fields.texts("reply_marks", provider.reply_marks);
  fields.text("postmaster_url", provider.postmaster_url);
  fields.text("contact", provider.contact);
  if (auto done = fields.read(node, "a provider"); !done) return tl::unexpected(done.error());
  if (provider.id.empty()) return fields.error(node, "a provider needs an `id`");
  return provider;
}

/// A file that is one mapping with one list under `key`; an empty file is an empty list.
template <class Item>
core::Result<std::vector<Item>> read_list(std::string_view text, const std::string& file, const std::string& key,
                                          core::Result<Item> (*read_item)(const YAML::Node&, const std::string&)) {
  auto root = load_yaml(text, file);
  if (!root) return tl::unexpected(root.error());
  std::vector<Item> items;
  if (root->IsNull()) return items;
  YamlFields fields(file);
  fields.on(key, [&](const YAML::Node& node) -> core::Result<void> {
    if (node.IsNull()) return {};
    if (!node.IsSequence()) return fields.error(node, "`" + key + "` must be a list");
    for (const YAML::Node& entry : node) {
      auto item = read_item(entry, file);
      if (!item) return tl::unexpected(item.error());
      items.push_back(*std::move(item));
    }
    return {};
  });
  if (auto done = fields.read(*root, "the file"); !done) return tl::unexpected(done.error());
  return items;
}

core::Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  if (!in || !(content << in.rdbuf() || in.peek() == std::char_traits<char>::eof())) {
    return core::fail(path + ": can't be read; is it there, and a file that this user may read?");
  }
  return std::move(content).str();
}

}  // namespace

core::Result<std::vector<core::RuleSpec>> read_rules(std::string_view text, const std::string& file) {
  return read_list<core::RuleSpec>(text, file, "rules", read_rule);
}

core::Result<std::vector<core::ProviderSpec>> read_providers(std::string_view text, const std::string& file) {
  return read_list<core::ProviderSpec>(text, file, "providers", read_provider);
}

core::Result<std::vector<core::ProviderSpec>> read_providers_path(const std::string& path) {
  auto content = read_file(path);
  if (!content) return tl::unexpected(content.error());
  return read_providers(*content, path);
}

core::Result<std::vector<core::RuleSpec>> read_rules_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code problem;
  if (fs::is_directory(path, problem)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(path, problem)) {
      const std::string extension = entry.path().extension();
      if (extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
    }
    if (problem) return core::fail(path + ": " + problem.message());
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  std::vector<core::RuleSpec> rules;
  for (const std::string& file : files) {
    auto content = read_file(file);
    if (!content) return tl::unexpected(content.error());
    auto more = read_rules(*content, file);
    if (!more) return more;
    rules.insert(rules.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
  }
  return rules;
}

}  // namespace dsnwatch::daemon
