#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/config/config.h"
#include "daemon/config/yaml_reader.h"

namespace dsnwatch::daemon {

/// One key of the configuration: how it is read, how it is shown, what it means. The default is what `show` says of a
/// fresh object.
template <class Settings>
struct Key {
  std::string_view name;  ///< "limits.domains": a dot leads into a section.
  std::string_view type;  ///< "duration", "list of networks", ...
  std::string_view help;
  void (*read)(YamlReader& in, const YAML::Node& node, Settings& into);
  std::string (*show)(const Settings& settings);  ///< One line of YAML; empty: the key is not shown.
};

std::span<const Key<Config>> config_keys();
std::span<const Key<SourceConfig>> source_keys();

/// Keys that are agreed on but come with a later version.
std::span<const std::string_view> later_keys();

}  // namespace dsnwatch::daemon
