#include "daemon/rules_file/yaml_values.h"

#include <algorithm>
#include <map>

#include "core/nearest_name.h"

namespace dsnwatch::daemon {

core::Result<void> YamlValues::result() const {
  if (mistakes_.empty()) return {};
  std::string all;
  for (const std::string& mistake : mistakes_) all += (all.empty() ? "" : "\n") + mistake;
  return core::fail(std::move(all));
}

std::string YamlValues::where(const YAML::Mark& mark) const {
  if (mark.is_null()) return file_;
  return file_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

void YamlValues::mistake(const YAML::Mark& mark, const std::string& what) {
  mistakes_.push_back(where(mark) + ": " + what);
}

YAML::Node YamlValues::parse(std::string_view text) {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    mistake(error.mark, error.msg);
    return {};
  }
}

bool YamlValues::is_scalar(const YAML::Node& node, std::string_view wanted) {
  if (node.IsScalar()) return true;
  mistake(node.Mark(),
          "expected " + std::string(wanted) + (node.IsNull() ? ", not nothing" : ", not a list or mapping"));
  return false;
}

void YamlValues::text(const YAML::Node& node, std::string& into) {
  if (is_scalar(node, "a text")) into = node.Scalar();
}

void YamlValues::flag(const YAML::Node& node, bool& into) {
  if (!is_scalar(node, "true or false")) return;
  if (!YAML::convert<bool>::decode(node, into)) {
    mistake(node.Mark(), "\"" + node.Scalar() + "\" is neither true nor false");
  }
}

void YamlValues::texts(const YAML::Node& node, std::vector<std::string>& into) {
  into.clear();
  if (node.IsNull()) return;
  if (!node.IsSequence()) return mistake(node.Mark(), "expected a list, as in [a, b]");
  for (const YAML::Node& item : node) {
    std::string value;
    text(item, value);
    into.push_back(std::move(value));
  }
}

void YamlValues::one_or_more(const YAML::Node& node, std::vector<std::string>& into) {
  if (!node.IsScalar()) return texts(node, into);
  into.assign(1, node.Scalar());
}

int YamlValues::choice(const YAML::Node& node, std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  if (!is_scalar(node, "one of " + all)) return -1;
  const auto found = std::find(names.begin(), names.end(), node.Scalar());
  if (found != names.end()) return static_cast<int>(found - names.begin());
  mistake(node.Mark(), "\"" + node.Scalar() + "\" is none of " + all + core::did_you_mean(node.Scalar(), names));
  return -1;
}

int YamlValues::choice(const YAML::Node& node, std::string_view what, std::span<const std::string_view> names) {
  if (!is_scalar(node, "a " + std::string(what))) return -1;
  const auto found = std::find(names.begin(), names.end(), node.Scalar());
  if (found != names.end()) return static_cast<int>(found - names.begin());
  mistake(node.Mark(),
          "unknown " + std::string(what) + " \"" + node.Scalar() + "\"" + core::did_you_mean(node.Scalar(), names));
  return -1;
}

std::vector<std::pair<YAML::Node, YAML::Node>> YamlValues::pairs(const YAML::Node& map,
                                                                 std::span<const std::string_view> known) {
  std::vector<std::pair<YAML::Node, YAML::Node>> result;
  if (map.IsNull()) return result;
  if (!map.IsMap()) {
    mistake(map.Mark(), "expected a mapping, as in {key: value}");
    return result;
  }
  std::map<std::string, int> lines;
  for (const auto& pair : map) {
    const YAML::Node& key = pair.first;
    if (!key.IsScalar()) {
      mistake(key.Mark(), "a key must be a text");
      continue;
    }
    const std::string& name = key.Scalar();
    const auto [first, is_new] = lines.emplace(name, key.Mark().line + 1);
    if (!is_new) {
      mistake(key.Mark(), "key \"" + name + "\" is there already, in line " + std::to_string(first->second));
    } else if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      mistake(key.Mark(), "unknown key \"" + name + "\"" + core::did_you_mean(name, known));
    } else {
      result.emplace_back(key, pair.second);
    }
  }
  return result;
}

}  // namespace dsnwatch::daemon
