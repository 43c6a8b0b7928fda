#include "daemon/config/config.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <variant>

#include "core/nearest_name.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/config/run_options.h"
#include "daemon/rule_loading.h"
#include "daemon/run/kafka_source.h"
#include "daemon/run/part_settings.h"
#include "daemon/run/source_set.h"
#include "ingest/source/followed_file.h"
#include "ingest/source/kafka_client.h"

namespace dsnwatch::daemon {
namespace {

CommandSpec config_spec() {
  CommandSpec spec{
      "dsnwatch config check|show [OPTION...] [FILE...]",
      "check: validates the configuration with its rules and providers. show: prints it with all defaults. "
      "Takes the options of `dsnwatch run`.",
      run_options()};
  spec.options.push_back(
      {"connect", "", "check: also try the sources, Kafka brokers included, and the state directory"});
  return spec;
}

int complain(const std::string& message) {
  std::fprintf(stderr, "dsnwatch config: %s\n", message.c_str());
  return kExitUsage;
}

/// Rules and providers as `run` would load them.
core::Result<void> check_knowledge(const Config& config) {
  const auto providers = load_providers(config.providers, parsed_networks(config.internal_networks));
  if (!providers) return tl::unexpected(providers.error());
  const auto rules = load_rules(config.rules, **providers);
  if (!rules) return tl::unexpected(rules.error());
  return {};
}

constexpr core::MonotonicMs kConnectMs = 10'000;

bool try_kafka_source(const SourceConfig& source) {
  const auto settings = kafka_settings(source);
  core::Result<void> done;
  if (!settings) done = tl::unexpected(settings.error());
  if (done) done = ingest::try_kafka(*settings, kConnectMs);
  if (!done) std::fprintf(stderr, "dsnwatch config: %s\n", done.error().message.c_str());
  return done.has_value();
}

/// Properties and secrets of Kafka sources, without connecting.
core::Result<void> check_kafka(const Config& config) {
  for (const SourceConfig& source : config.sources) {
    if (!source.kafka) continue;
    const auto settings = kafka_settings(source);
    if (!settings) return tl::unexpected(settings.error());
    const auto conf = ingest::make_kafka_conf(*settings);
    if (!conf) return tl::unexpected(core::Error(conf.error()).prefixed(source.where));
    if (const std::string trouble = ingest::known_trouble(*settings); !trouble.empty()) {
      std::fprintf(stderr, "dsnwatch config: %s: %s\n", source.where.c_str(), trouble.c_str());
    }
  }
  return {};
}

/// What `run` would find: files that can't be read now are said, and are no mistake of the configuration.
bool try_sources(const Config& config) {
  bool all = true;
  for (const SourceConfig& source : config.sources) {
    if (source.kafka) {
      all = try_kafka_source(source) && all;
      continue;
    }
    const std::vector<std::string> paths =
        is_pattern(source.path) ? matching_files(source.path) : std::vector<std::string>{source.path};
    if (paths.empty()) std::fprintf(stderr, "dsnwatch config: no file matches %s\n", source.path.c_str());
    all = all && !paths.empty();
    for (const std::string& path : paths) {
      const auto file = ingest::FollowedFile::open(path);
      if (!file) std::fprintf(stderr, "dsnwatch config: %s\n", file.error().message.c_str());
      all = all && file;
    }
  }
  if (!config.state_dir.empty() && ::access(config.state_dir.c_str(), W_OK | X_OK) != 0) {
    std::fprintf(stderr, "dsnwatch config: can't write to the state directory %s\n", config.state_dir.c_str());
    all = false;
  }
  return all;
}

int check(const Config& config, bool connect) {
  if (const auto done = check_knowledge(config); !done) return complain(done.error().message);
  if (const auto done = check_kafka(config); !done) return complain(done.error().message);
  if (connect && !try_sources(config)) return kExitFailed;
  std::printf("the configuration is good: %zu source%s\n", config.sources.size(),
              config.sources.size() == 1 ? "" : "s");
  return kExitDone;
}

}  // namespace

int config_command(const Arguments& args) {
  constexpr std::string_view kVerbs[] = {"check", "show"};
  const bool help = !args.empty() && (args[0] == "--help" || args[0] == "-h");
  if (!help && (args.empty() || (args[0] != "check" && args[0] != "show"))) {
    return complain(args.empty()
                        ? std::string("say what to do: check or show")
                        : "\"" + args[0] + "\" is neither check nor show" + core::did_you_mean(args[0], kVerbs));
  }
  const auto parsed = parse_options(config_spec(), help ? args : Arguments(args.begin() + 1, args.end()));
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const ParsedOptions& options = std::get<ParsedOptions>(parsed);
  const auto config = effective_config(options);
  if (!config) return complain(config.error().message);
  if (args[0] == "check") return check(*config, options.has("connect"));
  std::fputs(show_config(*config, /*with_help=*/true).c_str(), stdout);
  return kExitDone;
}

}  // namespace dsnwatch::daemon
