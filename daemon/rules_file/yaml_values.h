#pragma once

#include <yaml-cpp/yaml.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace dsnwatch::daemon {

/// Reads the values of a YAML document and collects what is wrong with them, each with file:line:column. A value that
/// is wrong leaves what was there.
class YamlValues {
 public:
  explicit YamlValues(std::string file) : file_(std::move(file)) {}

  const std::vector<std::string>& mistakes() const { return mistakes_; }
  /// All of them, one a line; nothing if there is none.
  core::Result<void> result() const;
  std::string where(const YAML::Mark& mark) const;
  void mistake(const YAML::Mark& mark, const std::string& what);

  /// Parses the text; a null node, and a mistake, where it is no YAML.
  YAML::Node parse(std::string_view text);

  void text(const YAML::Node& node, std::string& into);
  void flag(const YAML::Node& node, bool& into);
  void texts(const YAML::Node& node, std::vector<std::string>& into);
  void one_or_more(const YAML::Node& node, std::vector<std::string>& into);  ///< A list, or one text.

  /// The position of the scalar among `names`, or -1 with a mistake that lists them.
  int choice(const YAML::Node& node, std::span<const std::string_view> names);
  /// The same for many names: the mistake says which one is near. `what` they are: "cause".
  int choice(const YAML::Node& node, std::string_view what, std::span<const std::string_view> names);

  /// The pairs of a mapping in their order; unknown keys are mistakes unless `known` is empty, duplicates always:
  /// yaml-cpp itself takes them without a word.
  std::vector<std::pair<YAML::Node, YAML::Node>> pairs(const YAML::Node& map, std::span<const std::string_view> known);

 protected:
  /// Whether it is one value; else a mistake that says what is wanted: "a number".
  bool is_scalar(const YAML::Node& node, std::string_view wanted);

 private:
  std::string file_;
  std::vector<std::string> mistakes_;
};

}  // namespace dsnwatch::daemon
