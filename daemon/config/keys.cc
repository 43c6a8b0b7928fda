#include "daemon/config/keys.h"

#include <array>

#include "daemon/config/kafka_keys.h"
#include "daemon/config/units.h"

namespace dsnwatch::daemon {
namespace {

constexpr core::MonotonicMs kSecond = 1000, kMinute = 60'000, kDay = 86'400'000;

constexpr std::array<std::string_view, 2> kStarts = {"end", "beginning"};  // As FileSettings::Start.
constexpr std::array<std::string_view, 5> kStreams = {"none", "pool", "tenant", "campaign", "account"};

template <class T>
std::string yaml(const T& value) {
  YAML::Emitter out;
  out << YAML::Flow << value;
  return out.c_str();
}

std::string yaml(const std::vector<std::pair<std::string, std::string>>& map) {
  YAML::Emitter out;
  out << YAML::Flow << YAML::BeginMap;
  for (const auto& [key, value] : map) out << YAML::Key << key << YAML::Value << value;
  out << YAML::EndMap;
  return out.c_str();
}

std::string show_flag(bool flag) {
  return flag ? "true" : "false";
}

void read_listen(YamlReader& in, const YAML::Node& node, Config& into) {
  in.text(node, into.listen);
  if (const auto address = exporters::parse_listen_address(into.listen); !address) {
    in.mistake(node.Mark(), address.error().message);
  }
}

void read_workers(YamlReader& in, const YAML::Node& node, Config& into) {
  if (node.IsScalar() && node.Scalar() == "auto") {
    into.workers = 0;
  } else {
    in.number(node, 1, into.workers);
  }
}

void read_stream(YamlReader& in, const YAML::Node& node, Config& into) {
  const int choice = in.choice(node, kStreams);
  if (choice >= 0) into.labels.stream = static_cast<core::TallySettings::Stream>(choice);
}

void read_start(YamlReader& in, const YAML::Node& node, SourceConfig& into) {
  const int choice = in.choice(node, kStarts);
  if (choice >= 0) into.start = static_cast<ingest::FileSettings::Start>(choice);
}

void read_json_keys(YamlReader& in, const YAML::Node& node, SourceConfig& into) {
  constexpr std::array<std::string_view, 3> kNames = {"message", "host", "time"};
  for (const auto& [key, value] : in.pairs(node, kNames)) {
    const std::string& name = key.Scalar();
    in.text(value, name == "message" ? into.json.message : name == "host" ? into.json.host : into.json.time);
  }
}

using In = YamlReader;
using Node = YAML::Node;

constexpr auto kKeys = std::to_array<Key<Config>>({
    {"state_dir", "folder", "where the ledger lies; empty: nothing survives a restart",
     [](In& in, const Node& node, Config& into) { in.text(node, into.state_dir); },
     [](const Config& c) { return yaml(c.state_dir); }},
    {"checkpoint_interval", "duration", "how often counts become durable, and visible",
     [](In& in, const Node& node, Config& into) { in.duration(node, 50, kMinute, into.checkpoint_interval_ms); },
     [](const Config& c) { return format_duration(c.checkpoint_interval_ms); }},
    {"ledger_grace", "duration",
     "how long counts wait for a ledger that can't be written before they show all the same",
     [](In& in, const Node& node, Config& into) { in.duration(node, 0, kDay, into.ledger_grace_ms); },
     [](const Config& c) { return format_duration(c.ledger_grace_ms); }},
    {"listen", "address", "where /metrics is served; port 0 takes a free one", read_listen,
     [](const Config& c) { return yaml(c.listen); }},
    {"internal_networks", "list of networks", "relays within these are provider \"internal\"",
     [](In& in, const Node& node, Config& into) { in.networks(node, into.internal_networks); },
     [](const Config& c) { return yaml(c.internal_networks); }},
    {"source_ips.networks", "list of networks", "our own public networks: only these are believed in reply texts",
     [](In& in, const Node& node, Config& into) { in.networks(node, into.source_ips.networks); },
     [](const Config& c) { return yaml(c.source_ips.networks); }},
    {"source_ips.services", "map: service to IP", "the source IP of a Postfix service, such as postfix-out1/smtp",
     [](In& in, const Node& node, Config& into) { in.addresses(node, into.source_ips.services); },
     [](const Config& c) { return yaml(c.source_ips.services); }},
    {"source_ips.nat", "map: IP to IP", "inner addresses and the outer ones they go out with",
     [](In& in, const Node& node, Config& into) { in.addresses(node, into.source_ips.nat); },
     [](const Config& c) { return yaml(c.source_ips.nat); }},
    {"rules", "list of paths", "rule files, or folders of them, beside the shipped rules",
     [](In& in, const Node& node, Config& into) { in.texts(node, into.rules); },
     [](const Config& c) { return yaml(c.rules); }},
    {"providers", "file", "providers beside the shipped ones",
     [](In& in, const Node& node, Config& into) { in.text(node, into.providers); },
     [](const Config& c) { return yaml(c.providers); }},
    {"labels.stream", "none|pool|tenant|campaign|account", "the field that dsnwatch_stream_* are keyed by", read_stream,
     [](const Config& c) { return std::string(kStreams[static_cast<std::size_t>(c.labels.stream)]); }},
    {"labels.host", "flag", "a host label on the base families",
     [](In& in, const Node& node, Config& into) { in.flag(node, into.labels.host); },
     [](const Config& c) { return show_flag(c.labels.host); }},
    {"labels.inbound_client_ip", "flag", "a client_ip label on inbound rejections, IPv6 by /64",
     [](In& in, const Node& node, Config& into) { in.flag(node, into.labels.inbound_client_ip); },
     [](const Config& c) { return show_flag(c.labels.inbound_client_ip); }},
    {"limits.domains", "number", "recipient domains that have series of their own",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.domains); },
     [](const Config& c) { return yaml(c.limits.domains); }},
    {"limits.sender_domains", "number", "the same of sender domains",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.sender_domains); },
     [](const Config& c) { return yaml(c.limits.sender_domains); }},
    {"limits.source_ips", "number", "the same of source IPs",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.source_ips); },
     [](const Config& c) { return yaml(c.limits.source_ips); }},
    {"limits.streams", "number", "the same of streams",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.streams); },
     [](const Config& c) { return yaml(c.limits.streams); }},
    {"limits.client_ips", "number", "the same of client IPs",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.client_ips); },
     [](const Config& c) { return yaml(c.limits.client_ips); }},
    {"limits.hosts", "number", "the same of hosts",
     [](In& in, const Node& node, Config& into) { in.number(node, 1, into.limits.hosts); },
     [](const Config& c) { return yaml(c.limits.hosts); }},
    {"limits.series_per_family", "number", "series of one family; what comes on top counts under \"other\"",
     [](In& in, const Node& node, Config& into) { in.number(node, 100, into.limits.series_per_family); },
     [](const Config& c) { return yaml(c.limits.series_per_family); }},
    {"limits.correlation_memory", "size", "what is remembered of queue ids, all groups together",
     [](In& in, const Node& node, Config& into) { in.size(node, 1u << 20, into.limits.correlation_memory); },
     [](const Config& c) { return format_size(c.limits.correlation_memory); }},
    {"birth_hold", "duration", "how long a new series shows as 0, so that increase() sees its first counts",
     [](In& in, const Node& node, Config& into) { in.duration(node, 0, 5 * kMinute, into.birth_hold_ms); },
     [](const Config& c) { return format_duration(c.birth_hold_ms); }},
    {"linger", "duration", "how long /metrics stays after the last line was read at the end",
     [](In& in, const Node& node, Config& into) { in.duration(node, 0, 3600 * kSecond, into.linger_ms); },
     [](const Config& c) { return format_duration(c.linger_ms); }},
    {"workers", "number or auto", "threads that read; auto: as many as cores, at most one a group of sources",
     read_workers, [](const Config& c) { return c.workers == 0 ? std::string("auto") : std::to_string(c.workers); }},
});

constexpr auto kSourceKeys = std::to_array<Key<SourceConfig>>({
    {"path", "file", "the log; a pattern such as /var/log/mail/*.log is allowed",
     [](In& in, const Node& node, SourceConfig& into) { in.text(node, into.path); },
     [](const SourceConfig& c) { return c.kafka ? std::string() : yaml(c.path); }},
    {"kafka", "map",
     "instead of a path: brokers, topics (^ begins a regular expression), group, look_back, host_from, format_from, "
     "oauthbearer, "
     "properties",
     read_kafka, show_kafka},
    {"start", "end|beginning",
     "where to begin in a file that is there at the first start, or with a consumer group that is new", read_start,
     [](const SourceConfig& c) { return std::string(kStarts[static_cast<std::size_t>(c.start)]); }},
    {"format", "name", "whose lines they are",
     [](In& in, const Node& node, SourceConfig& into) { in.text(node, into.format); },
     [](const SourceConfig& c) { return yaml(c.format); }},
    {"timezone", "IANA name", "of stamps that name none; empty: the system's",
     [](In& in, const Node& node, SourceConfig& into) { in.text(node, into.timezone); },
     [](const SourceConfig& c) { return yaml(c.timezone); }},
    {"host", "name", "the host, where the lines name none",
     [](In& in, const Node& node, SourceConfig& into) { in.text(node, into.host); },
     [](const SourceConfig& c) { return yaml(c.host); }},
    {"correlate", "name", "sources with the same name share queue ids; empty: those with the same host",
     [](In& in, const Node& node, SourceConfig& into) { in.text(node, into.correlate); },
     [](const SourceConfig& c) { return yaml(c.correlate); }},
    {"json", "map: message, host, time",
     "keys of JSON records that go before those found by themselves; a.b is key b within a", read_json_keys,
     [](const SourceConfig& c) {
       return yaml(std::vector<std::pair<std::string, std::string>>{
           {"message", c.json.message}, {"host", c.json.host}, {"time", c.json.time}});
     }},
});

constexpr std::array<std::string_view, 1> kLater = {"web_config_file"};

}  // namespace

std::span<const Key<Config>> config_keys() {
  return kKeys;
}

std::span<const Key<SourceConfig>> source_keys() {
  return kSourceKeys;
}

std::span<const std::string_view> later_keys() {
  return kLater;
}

}  // namespace dsnwatch::daemon
