#include "daemon/config/run_options.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "daemon/config/units.h"

namespace dsnwatch::daemon {
namespace {

core::Result<void> apply_start(const std::string& start, Config& config) {
  if (start != "end" && start != "beginning") {
    return core::fail("--start: \"" + start + "\" is neither end nor beginning");
  }
  for (SourceConfig& source : config.sources) {
    source.start = start == "end" ? ingest::FileSettings::Start::kEnd : ingest::FileSettings::Start::kBeginning;
  }
  return {};
}

core::Result<void> apply_birth_hold(const std::string& text, Config& config) {
  constexpr core::MonotonicMs kMost = 300'000;
  const auto hold = parse_duration(text);
  if (!hold || *hold > kMost) {
    return core::fail("--birth-hold: \"" + text + "\" is no duration from 0s to 5m; write it as in 90s");
  }
  config.birth_hold_ms = *hold;
  return {};
}

core::Result<void> apply_files(const std::vector<std::string>& files, Config& config) {
  config.sources.clear();
  for (const std::string& path : files) {
    if (path.empty() || path == "-") {
      return core::fail("run follows files; for standard input use dsnwatch report - or dsnwatch events -");
    }
    const auto same = [&](const SourceConfig& other) { return other.path == path; };
    if (std::any_of(config.sources.begin(), config.sources.end(), same)) {
      return core::fail(path + " is named twice: every record would count twice");
    }
    SourceConfig source;
    source.path = path;
    config.sources.push_back(std::move(source));
  }
  return {};
}

}  // namespace

std::vector<OptionSpec> run_options() {
  return {
      {"config", "FILE", "the configuration (YAML); `dsnwatch config show` prints every key with its default"},
      {"state-dir", "DIR", "where the ledger lies; without one nothing survives a restart"},
      {"listen", "HOST:PORT", "where /metrics is served; port 0 takes a free one (" + Config{}.listen + ")"},
      {"start", "end|beginning", "where to begin in a file that is there at the first start (end)"},
      {"birth-hold", "DURATION", "how long a new series shows as 0 (" + format_duration(Config{}.birth_hold_ms) + ")"}};
}

core::Result<Config> effective_config(const ParsedOptions& options) {
  Config config;
  if (options.has("config")) {
    auto loaded = load_config(options.value("config"));
    if (!loaded) return loaded;
    config = std::move(*loaded);
  }
  core::Result<void> done;
  if (!options.positional.empty()) done = apply_files(options.positional, config);
  if (done && options.has("start")) done = apply_start(options.value("start"), config);
  if (done && options.has("birth-hold")) done = apply_birth_hold(options.value("birth-hold"), config);
  if (!done) return tl::unexpected(std::move(done).error());
  if (options.has("state-dir")) config.state_dir = options.value("state-dir");
  if (options.has("listen")) config.listen = options.value("listen");
  if (const auto address = exporters::parse_listen_address(config.listen); !address) {
    return core::fail("--listen: " + address.error().message);
  }
  // The path is the key of the stored position: it must not depend on the working directory.
  for (SourceConfig& source : config.sources) {
    if (source.kafka) continue;
    source.path = std::filesystem::absolute(source.path).lexically_normal().string();
  }
  return config;
}

}  // namespace dsnwatch::daemon
