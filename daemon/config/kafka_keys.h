#pragma once

#include <string>

#include "daemon/config/config.h"
#include "daemon/config/yaml_reader.h"

namespace dsnwatch::daemon {

// The `kafka` part of a source.

void read_kafka(YamlReader& in, const YAML::Node& node, SourceConfig& into);

/// One line of YAML that read_kafka() takes back, but for the values of secrets, which are not shown; empty for a
/// source of files.
std::string show_kafka(const SourceConfig& source);

}  // namespace dsnwatch::daemon
