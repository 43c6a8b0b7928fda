#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "daemon/rules_file/yaml_values.h"

namespace dsnwatch::daemon {

/// The values of a configuration: besides those of any YAML file, numbers with units and networks.
class YamlReader : public YamlValues {
 public:
  using YamlValues::YamlValues;

  void number(const YAML::Node& node, std::uint64_t least, std::uint64_t& into);
  void size(const YAML::Node& node, std::uint64_t least, std::uint64_t& into);
  void duration(const YAML::Node& node, core::MonotonicMs least, core::MonotonicMs most, core::MonotonicMs& into);
  void networks(const YAML::Node& node, std::vector<std::string>& into);
  void addresses(const YAML::Node& node, std::vector<std::pair<std::string, std::string>>& into);
};

}  // namespace dsnwatch::daemon
