#include "daemon/config/yaml_reader.h"

#include "core/providers.h"
#include "daemon/config/units.h"

namespace dsnwatch::daemon {

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

}  // namespace dsnwatch::daemon
