#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/series/series_store.h"
#include "core/series/tally.h"
#include "exporters/http/listen_address.h"
#include "ingest/envelope/message.h"
#include "ingest/source/file_source.h"

namespace dsnwatch::daemon {

/// One of librdkafka's properties.
struct KafkaProperty {
  enum class Kind : std::uint8_t { kValue, kFile, kEnvironment };
  std::string name;
  Kind kind = Kind::kValue;
  std::string value;  ///< Itself, the file that holds it, or the variable's name.
};

/// The `kafka` part of a source.
struct KafkaConfig {
  std::string brokers;
  std::vector<std::string> topics;
  std::string group = "dsnwatch";
  core::MonotonicMs look_back_ms = 600'000;
  std::string host_from = {};    ///< As ingest::KafkaSettings.
  std::string format_from = {};  ///< The same.
  std::string token_file = {};   ///< The same.
  std::vector<KafkaProperty> properties;
};

/// One entry of `sources`: a path, or Kafka.
struct SourceConfig {
  std::string path;  ///< May be a pattern (glob(7)); empty: `kafka`.
  std::optional<KafkaConfig> kafka;
  ingest::FileSettings::Start start = ingest::FileSettings::Start::kEnd;
  std::string format = "auto";
  std::string timezone;       ///< Empty: the system's.
  std::string host;           ///< Where the lines name none.
  std::string correlate;      ///< Group of sources that share queue ids; empty: `host`.
  ingest::EnvelopeKeys json;  ///< Keys of JSON records that go before the known ones.
  std::string where;          ///< "file:line:column", for messages; empty if from the command line.
};

struct SourceIpsConfig {
  std::vector<std::string> networks;
  std::vector<std::pair<std::string, std::string>> services;
  std::vector<std::pair<std::string, std::string>> nat;
};

struct LabelsConfig {
  core::TallySettings::Stream stream = core::TallySettings::Stream::kNone;
  bool host = false;
  bool inbound_client_ip = false;
};

struct LimitsConfig {
  std::uint64_t domains = core::SeriesSettings{}.domains;
  std::uint64_t sender_domains = core::SeriesSettings{}.sender_domains;
  std::uint64_t source_ips = core::SeriesSettings{}.source_ips;
  std::uint64_t streams = core::SeriesSettings{}.streams;
  std::uint64_t client_ips = core::SeriesSettings{}.client_ips;
  std::uint64_t hosts = core::SeriesSettings{}.hosts;
  std::uint64_t series_per_family = core::SeriesSettings{}.series_per_family;
  std::uint64_t correlation_memory = 32u << 20;  ///< Bytes, of all correlation groups together.
};

/// The whole configuration of `run`, every value with its default. Only the daemon's wiring sees it: the parts get
/// settings of their own.
struct Config {
  std::vector<SourceConfig> sources;
  std::string state_dir;  ///< Empty: nothing survives a restart.
  core::MonotonicMs checkpoint_interval_ms = 1000;
  core::MonotonicMs ledger_grace_ms = 300'000;
  std::string listen{exporters::kDefaultListen};
  std::vector<std::string> internal_networks = {"127.0.0.0/8",    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                                "169.254.0.0/16", "::1/128",    "fc00::/7",      "fe80::/10"};
  SourceIpsConfig source_ips;
  std::vector<std::string> rules;
  std::string providers;
  LabelsConfig labels;
  LimitsConfig limits;
  core::MonotonicMs birth_hold_ms = 90'000;
  core::MonotonicMs linger_ms = 0;
  std::uint64_t workers = 0;  ///< 0: auto.
};

/// Reads a configuration. Every mistake is in the error, one a line, each with file:line:column; `file` is the name for
/// messages.
core::Result<Config> read_config(const std::string& text, const std::string& file);

core::Result<Config> load_config(const std::string& path);

/// The effective configuration as YAML that read_config() takes back, with a comment per key where `with_help` is set.
std::string show_config(const Config& config, bool with_help);

}  // namespace dsnwatch::daemon
