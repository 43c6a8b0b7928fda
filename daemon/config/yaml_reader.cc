#include "daemon/config/yaml_reader.h"

#include <algorithm>
#include <map>

#include "core/nearest_name.h"
#include "core/providers.h"
#include "daemon/config/units.h"

namespace dsnwatch::daemon {

std::string YamlReader::where(const YAML::Mark& mark) const {
  return file_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

void YamlReader::mistake(const YAML::Mark& mark, const std::string& what) {
  mistakes_.push_back(where(mark) + ": " + what);
}

bool YamlReader::is_scalar(const YAML::Node& node, std::string_view wanted) {
  if (node.IsScalar()) return true;
  mistake(node.Mark(),
          "expected " + std::string(wanted) + (node.IsNull() ? ", not nothing" : ", not a list or mapping"));
  return false;
}

void YamlReader::text(const YAML::Node& node, std::string& into) {
  if (is_scalar(node, "a text")) into = node.Scalar();
}

void YamlReader::flag(const YAML::Node& node, bool& into) {
  if (!is_scalar(node, "true or false")) return;
  if (!YAML::convert<bool>::decode(node, into)) {
    mistake(node.Mark(), "\"" + node.Scalar() + "\" is neither true nor false");
  }
}

void YamlReader::number(const YAML::Node& node, std::uint64_t least, std::uint64_t& into) {
  if (!is_scalar(node, "a number")) return;
  const auto number = parse_number(node.Scalar());
  if (!number) return mistake(node.Mark(), "\"" + node.Scalar() + "\" is no whole number");
  if (*number < least) return mistake(node.Mark(), node.Scalar() + " is too small; at least " + std::to_string(least));
  into = *number;
}

void YamlReader::size(const YAML::Node& node, std::uint64_t least, std::uint64_t& into) {
  if (!is_scalar(node, "a size such as 32MiB")) return;
  const auto bytes = parse_size(node.Scalar());
  if (!bytes) {
    return mistake(node.Mark(), "\"" + node.Scalar() + "\" is no size; write bytes, or KiB, MiB, GiB, as in 32MiB");
  }
  if (*bytes < least) return mistake(node.Mark(), node.Scalar() + " is too small; at least " + format_size(least));
  into = *bytes;
}

void YamlReader::duration(const YAML::Node& node, core::MonotonicMs least, core::MonotonicMs most,
                          core::MonotonicMs& into) {
  if (!is_scalar(node, "a duration such as 90s")) return;
  const auto duration = parse_duration(node.Scalar());
  if (!duration) {
    return mistake(node.Mark(),
                   "\"" + node.Scalar() + "\" is no duration; write a number with ms, s, m, h or d, as in 90s");
  }
  if (*duration < least || *duration > most) {
    return mistake(node.Mark(),
                   node.Scalar() + " is out of range: " + format_duration(least) + " to " + format_duration(most));
  }
  into = *duration;
}

void YamlReader::texts(const YAML::Node& node, std::vector<std::string>& into) {
  into.clear();
  if (node.IsNull()) return;
  if (!node.IsSequence()) return mistake(node.Mark(), "expected a list, as in [a, b]");
  for (const YAML::Node& item : node) {
    std::string value;
    text(item, value);
    into.push_back(std::move(value));
  }
}

void YamlReader::networks(const YAML::Node& node, std::vector<std::string>& into) {
  into.clear();
  if (node.IsNull()) return;
  if (!node.IsSequence()) return mistake(node.Mark(), "expected a list of networks, as in [10.0.0.0/8]");
  for (const YAML::Node& item : node) {
    if (!is_scalar(item, "a network such as 10.0.0.0/8")) continue;
    if (const auto network = core::IpNetwork::parse(item.Scalar()); !network) {
      mistake(item.Mark(), network.error().message);
    }
    into.push_back(item.Scalar());
  }
}

void YamlReader::addresses(const YAML::Node& node, std::vector<std::pair<std::string, std::string>>& into) {
  into.clear();
  for (const auto& [key, value] : pairs(node, {})) {
    if (!is_scalar(value, "an IP address")) continue;
    const bool whole = value.Scalar().find('/') == std::string::npos;
    if (!whole || !core::IpNetwork::parse(value.Scalar())) {
      mistake(value.Mark(), "\"" + value.Scalar() + "\" is no IP address");
    }
    into.emplace_back(key.Scalar(), value.Scalar());
  }
}

int YamlReader::choice(const YAML::Node& node, std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  if (!is_scalar(node, "one of " + all)) return -1;
  const auto found = std::find(names.begin(), names.end(), node.Scalar());
  if (found != names.end()) return static_cast<int>(found - names.begin());
  mistake(node.Mark(), "\"" + node.Scalar() + "\" is none of " + all + core::did_you_mean(node.Scalar(), names));
  return -1;
}

std::vector<std::pair<YAML::Node, YAML::Node>> YamlReader::pairs(const YAML::Node& map,
                                                                 std::span<const std::string_view> known) {
  std::vector<std::pair<YAML::Node, YAML::Node>> result;
  if (map.IsNull()) return result;
  if (!map.IsMap()) {
    mistake(map.Mark(), "expected a mapping, as in {key: value}");
    return result;
  }
  std::map<std::string, int> lines;  // yaml-cpp itself takes duplicates without a word.
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
