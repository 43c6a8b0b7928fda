#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace YAML {
class Node;
}

namespace dsnwatch::daemon {

/// Reads the values of one YAML mapping and says file:line:column of what is wrong. Each setter takes the value's node.
/// Unknown keys (with the nearest valid name) and keys that stand twice are errors: yaml-cpp keeps the first silently.
class YamlFields {
 public:
  using Setter = std::function<core::Result<void>(const YAML::Node&)>;

  explicit YamlFields(std::string file) : file_(std::move(file)) {}

  void on(std::string key, Setter setter) { setters_[std::move(key)] = std::move(setter); }

  // Setters for the usual types.
  void text(const std::string& key, std::string& target);
  void texts(const std::string& key, std::vector<std::string>& target);  ///< A list, or one scalar for a list of one.
  void flag(const std::string& key, bool& target);
  void number(const std::string& key, int& target);

  /// `what` names the mapping in messages: "a rule".
  core::Result<void> read(const YAML::Node& node, std::string_view what) const;

  /// "rules.yaml:12:5: message"
  tl::unexpected<core::Error> error(const YAML::Node& node, std::string_view message) const;

  core::Result<std::string> scalar(const YAML::Node& node, std::string_view key) const;
  core::Result<std::vector<std::string>> list(const YAML::Node& node, std::string_view key) const;

 private:
  std::string file_;
  std::map<std::string, Setter> setters_;
};

/// Parses the whole text; the error of a syntax fault names file:line:column.
core::Result<YAML::Node> load_yaml(std::string_view text, const std::string& file);

}  // namespace dsnwatch::daemon
