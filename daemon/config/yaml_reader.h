#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace dsnwatch::daemon {

/// Reads the values of a YAML document and collects what is wrong with them, each with file:line:column. A value that
/// is wrong leaves the default.
class YamlReader {
 public:
  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  const std::vector<std::string>& mistakes() const { return mistakes_; }
  std::string where(const YAML::Mark& mark) const;
  void mistake(const YAML::Mark& mark, const std::string& what);

  void text(const YAML::Node& node, std::string& into);
  void flag(const YAML::Node& node, bool& into);
  void number(const YAML::Node& node, std::uint64_t least, std::uint64_t& into);
  void size(const YAML::Node& node, std::uint64_t least, std::uint64_t& into);
  void duration(const YAML::Node& node, core::MonotonicMs least, core::MonotonicMs most, core::MonotonicMs& into);
  void texts(const YAML::Node& node, std::vector<std::string>& into);
  void networks(const YAML::Node& node, std::vector<std::string>& into);
  void addresses(const YAML::Node& node, std::vector<std::pair<std::string, std::string>>& into);

  /// The position of the scalar among `names`, or -1 with a mistake.
  int choice(const YAML::Node& node, std::span<const std::string_view> names);

  /// The pairs of a mapping in their order; unknown keys are mistakes unless `known` is empty, duplicates always.
  std::vector<std::pair<YAML::Node, YAML::Node>> pairs(const YAML::Node& map, std::span<const std::string_view> known);

 private:
  bool is_scalar(const YAML::Node& node, std::string_view wanted);

  std::string file_;
  std::vector<std::string> mistakes_;
};

}  // namespace dsnwatch::daemon
