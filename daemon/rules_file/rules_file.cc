#include "daemon/rules_file/rules_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>

#include "daemon/rules_file/yaml_values.h"

namespace dsnwatch::daemon {
namespace {

constexpr auto kStages = std::to_array<std::string_view>({"connect", "helo", "mail", "rcpt", "data", "eod"});
constexpr auto kExtracts = std::to_array<std::string_view>({"ip", "domain", "url", "wait", "blocklist", "code"});
constexpr auto kSides = std::to_array<std::string_view>({"remote", "local"});  // Of core::Side, from kRemote on.

/// One key of a mapping and how its value is read.
template <class Spec>
struct Key {
  std::string_view name;
  void (*read)(YamlValues& in, const YAML::Node& node, Spec& into);
};

template <class Spec, std::size_t kCount>
void read_mapping(YamlValues& in, const YAML::Node& node, const std::array<Key<Spec>, kCount>& keys, Spec& into) {
  std::array<std::string_view, kCount> names;
  std::transform(keys.begin(), keys.end(), names.begin(), [](const Key<Spec>& key) { return key.name; });
  if (node.IsNull()) return in.mistake(node.Mark(), "expected a mapping, as in {key: value}");
  for (const auto& [key, value] : in.pairs(node, names)) {
    const auto found = std::find(names.begin(), names.end(), key.Scalar()) - names.begin();
    // Said here since nothing has no place of its own.
    if (value.IsNull()) {
      in.mistake(key.Mark(), "`" + key.Scalar() + "` has no value");
    } else {
      keys[static_cast<std::size_t>(found)].read(in, value, into);
    }
  }
}

/// The names of an enumeration from `first` on, in its order.
template <class Enum>
std::vector<std::string_view> names_of(Enum first, Enum last) {
  std::vector<std::string_view> names;
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i)
    names.push_back(core::name(static_cast<Enum>(i)));
  return names;
}

std::span<const std::string_view> cause_names() {
  static const auto names = names_of(core::Cause{}, static_cast<core::Cause>(core::kCauseCount - 1));
  return names;
}

void read_cause(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  const int cause = in.choice(node, "cause", cause_names());
  if (cause >= 0) rule.cause = static_cast<core::Cause>(cause);
}

template <class Spec>
void read_side(YamlValues& in, const YAML::Node& node, Spec& into) {
  const int side = in.choice(node, "side", kSides);
  if (side >= 0) into.side = static_cast<core::Side>(static_cast<int>(core::Side::kRemote) + side);
}

void read_action(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  static const auto names = names_of(core::Action::kSuppress, core::Action::kContact);
  const int action = in.choice(node, "action", names);
  if (action >= 0) rule.action = static_cast<core::Action>(static_cast<int>(core::Action::kSuppress) + action);
}

/// Calls for each item of a list, or for the one value.
template <class ReadItem>
void each(const YAML::Node& node, ReadItem read_item) {
  if (!node.IsSequence()) return read_item(node);
  for (const YAML::Node& item : node) read_item(item);
}

void read_secondary(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  each(node, [&](const YAML::Node& item) {
    const int cause = in.choice(item, "cause", cause_names());
    if (cause >= 0) rule.secondary.push_back(static_cast<core::Cause>(cause));
  });
}

void read_stages(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  each(node, [&](const YAML::Node& item) {
    if (in.choice(item, "stage", kStages) >= 0) rule.stage.push_back(item.Scalar());
  });
}

void read_priority(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  const std::string digits = node.IsScalar() ? node.Scalar() : std::string();
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), rule.priority);
  if (digits.empty() || failed != std::errc() || end != digits.data() + digits.size())
    in.mistake(node.Mark(), "`priority` must be a whole number");
}

void read_extract(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  for (const auto& [name, pattern] : in.pairs(node, kExtracts)) {
    std::string text;
    in.text(pattern, text);
    rule.extract.emplace_back(name.Scalar(), std::move(text));
  }
}

constexpr auto kExampleKeys = std::to_array<Key<core::RuleExample>>({
    {"text", [](YamlValues& in, const YAML::Node& node, core::RuleExample& into) { in.text(node, into.text); }},
    {"stage", [](YamlValues& in, const YAML::Node& node, core::RuleExample& into) { in.text(node, into.stage); }},
    {"side", read_side<core::RuleExample>},
    {"provider", [](YamlValues& in, const YAML::Node& node, core::RuleExample& into) { in.text(node, into.provider); }},
    {"rhost", [](YamlValues& in, const YAML::Node& node, core::RuleExample& into) { in.text(node, into.remote_host); }},
    {"domain",
     [](YamlValues& in, const YAML::Node& node, core::RuleExample& into) { in.text(node, into.recipient_domain); }},
});

void read_examples(YamlValues& in, const YAML::Node& node, core::RuleSpec& rule) {
  if (!node.IsSequence()) return in.mistake(node.Mark(), "`examples` must be a list");
  for (const YAML::Node& item : node) {
    core::RuleExample& example = rule.examples.emplace_back();
    if (item.IsScalar()) {
      example.text = item.Scalar();
    } else {
      read_mapping(in, item, kExampleKeys, example);
    }
  }
}

using In = YamlValues;
using Node = YAML::Node;
constexpr auto kRuleKeys = std::to_array<Key<core::RuleSpec>>({
    {"id", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.id); }},
    {"cause", read_cause},
    {"secondary", read_secondary},
    {"provider", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.provider); }},
    {"tells_provider", [](In& in, const Node& node, core::RuleSpec& into) { in.flag(node, into.tells_provider); }},
    {"stage", read_stages},
    {"side", read_side<core::RuleSpec>},
    {"enhanced_code", [](In& in, const Node& node, core::RuleSpec& into) { in.one_or_more(node, into.enhanced_code); }},
    {"reply_code", [](In& in, const Node& node, core::RuleSpec& into) { in.one_or_more(node, into.reply_code); }},
    {"code", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.code); }},
    {"match", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.match); }},
    {"extract", read_extract},
    {"blocklist", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.blocklist); }},
    {"action", read_action},
    {"decisive", [](In& in, const Node& node, core::RuleSpec& into) { in.flag(node, into.decisive); }},
    {"priority", read_priority},
    {"examples", read_examples},
    {"reference", [](In& in, const Node& node, core::RuleSpec& into) { in.text(node, into.reference); }},
});

core::RuleSpec read_rule(YamlValues& in, const YAML::Node& node, const std::string& file) {
  core::RuleSpec rule;
  rule.file = file;
  rule.line = node.Mark().line + 1;
  rule.column = node.Mark().column + 1;
  const std::size_t before = in.mistakes().size();
  read_mapping(in, node, kRuleKeys, rule);
  if (in.mistakes().size() != before) return rule;
  if (rule.id.empty()) in.mistake(node.Mark(), "a rule needs an `id`");
  if (!node["cause"]) in.mistake(node.Mark(), "the rule " + rule.id + " needs a `cause`");
  return rule;
}

constexpr auto kProviderKeys = std::to_array<Key<core::ProviderSpec>>({
    {"id", [](In& in, const Node& node, core::ProviderSpec& into) { in.text(node, into.id); }},
    {"title", [](In& in, const Node& node, core::ProviderSpec& into) { in.text(node, into.title); }},
    {"mx_suffixes", [](In& in, const Node& node, core::ProviderSpec& into) { in.one_or_more(node, into.mx_suffixes); }},
    {"recipient_domains",
     [](In& in, const Node& node, core::ProviderSpec& into) { in.one_or_more(node, into.recipient_domains); }},
    {"reply_marks", [](In& in, const Node& node, core::ProviderSpec& into) { in.one_or_more(node, into.reply_marks); }},
    {"postmaster_url", [](In& in, const Node& node, core::ProviderSpec& into) { in.text(node, into.postmaster_url); }},
    {"contact", [](In& in, const Node& node, core::ProviderSpec& into) { in.text(node, into.contact); }},
});

core::ProviderSpec read_provider(YamlValues& in, const YAML::Node& node, const std::string&) {
  core::ProviderSpec provider;
  const std::size_t before = in.mistakes().size();
  read_mapping(in, node, kProviderKeys, provider);
  if (provider.id.empty() && in.mistakes().size() == before) in.mistake(node.Mark(), "a provider needs an `id`");
  return provider;
}

/// A file that is one mapping with one list under `key`; an empty file is an empty list.
template <class Item>
core::Result<std::vector<Item>> read_list(std::string_view text, const std::string& file, std::string_view key,
                                          Item (*read_item)(YamlValues&, const YAML::Node&, const std::string&)) {
  YamlValues in(file);
  std::vector<Item> items;
  for (const auto& [name, list] : in.pairs(in.parse(text), std::span(&key, 1))) {
    if (list.IsNull()) continue;
    if (!list.IsSequence()) {
      in.mistake(list.Mark(), "`" + name.Scalar() + "` must be a list");
      continue;
    }
    for (const YAML::Node& item : list) items.push_back(read_item(in, item, file));
  }
  if (auto read = in.result(); !read) return tl::unexpected(std::move(read).error());
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
