#pragma once

#include <string>
#include <vector>

namespace dsnwatch::daemon {

/// What can be seen of files (and of the *.yaml and *.yml in folders) without reading them: differs after a change,
/// also after a ConfigMap's symbolic link was turned to another folder.
std::string files_state(const std::vector<std::string>& paths);

}  // namespace dsnwatch::daemon
