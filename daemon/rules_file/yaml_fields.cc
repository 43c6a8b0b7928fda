#include "daemon/rules_file/yaml_fields.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>

#include "core/nearest_name.h"

namespace dsnwatch::daemon {
namespace {

std::string at(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

}  // namespace

tl::unexpected<core::Error> YamlFields::error(const YAML::Node& node, std::string_view message) const {
  return core::fail(at(file_, node.Mark()) + ": " + std::string(message));
}

core::Result<std::string> YamlFields::scalar(const YAML::Node& node, std::string_view key) const {
  if (!node.IsScalar()) return error(node, "`" + std::string(key) + "` must be a single value");
  return node.Scalar();
}

core::Result<std::vector<std::string>> YamlFields::list(const YAML::Node& node, std::string_view key) const {
  if (node.IsScalar()) return std::vector<std::string>{node.Scalar()};
  if (!node.IsSequence()) return error(node, "`" + std::string(key) + "` must be a list");
  std::vector<std::string> values;
  for (const YAML::Node& item : node) {
    auto value = scalar(item, key);
    if (!value) return tl::unexpected(value.error());
    values.push_back(*std::move(value));
  }
  return values;
}

void YamlFields::text(const std::string& key, std::string& target) {
  on(key, [this, key, &target](const YAML::Node& node) -> core::Result<void> {
    auto value = scalar(node, key);
    if (!value) return tl::unexpected(value.error());
    target = *std::move(value);
    return {};
  });
}

void YamlFields::texts(const std::string& key, std::vector<std::string>& target) {
  on(key, [this, key, &target](const YAML::Node& node) -> core::Result<void> {
    auto value = list(node, key);
    if (!value) return tl::unexpected(value.error());
    target = *std::move(value);
    return {};
  });
}

void YamlFields::flag(const std::string& key, bool& target) {
  on(key, [this, key, &target](const YAML::Node& node) -> core::Result<void> {
    if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false")) {
      return error(node, "`" + key + "` must be true or false");
    }
    target = node.Scalar() == "true";
    return {};
  });
}

void YamlFields::number(const std::string& key, int& target) {
  on(key, [this, key, &target](const YAML::Node& node) -> core::Result<void> {
    const std::string& digits = node.IsScalar() ? node.Scalar() : std::string();
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), target);
    if (digits.empty() || failed != std::errc() || end != digits.data() + digits.size()) {
      return error(node, "`" + key + "` must be a whole number");
    }
    return {};
  });
}

core::Result<void> YamlFields::read(const YAML::Node& node, std::string_view what) const {
  if (!node.IsMap()) return error(node, std::string(what) + " must be a mapping of keys to values");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return error(entry.first, "a key must be a single word");
    const std::string& key = entry.first.Scalar();
    auto setter = setters_.find(key);
    if (setter == setters_.end()) {
      std::vector<std::string> names;
      names.reserve(setters_.size());
      for (const auto& known : setters_) names.push_back(known.first);
      return error(entry.first, "unknown key \"" + key + "\" in " + std::string(what) + core::did_you_mean(key, names));
    }
    if (!seen.insert(key).second)
      return error(entry.first, "the key \"" + key + "\" stands twice in " + std::string(what));
    if (entry.second.IsNull())
      return error(entry.first, "`" + key + "` has no value");  // Whose mark would be elsewhere.
    if (auto done = setter->second(entry.second); !done) return done;
  }
  return {};
}

core::Result<YAML::Node> load_yaml(std::string_view text, const std::string& file) {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& problem) {
    return core::fail(at(file, problem.mark) + ": " + problem.msg);
  }
}

}  // namespace dsnwatch::daemon
