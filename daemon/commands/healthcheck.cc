#include <chrono>
#include <cstdio>
#include <string>
#include <variant>

#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "exporters/http/client.h"
#include "exporters/http/listen_address.h"

namespace dsnwatch::daemon {
namespace {

CommandSpec healthcheck_spec() {
  return {
      "dsnwatch healthcheck [OPTION...]",
      "Asks a running daemon whether it is healthy: exit status 0 if it is, 1 with the reason on stderr if not. For "
      "container images without a shell.",
      {{"listen", "HOST:PORT", "where the daemon listens (" + std::string(exporters::kDefaultListen) + ")"}}};
}

}  // namespace

int healthcheck_command(const Arguments& args) {
  const CommandSpec spec = healthcheck_spec();
  const std::variant<ParsedOptions, int> parsed = parse_options(spec, args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const ParsedOptions& options = std::get<ParsedOptions>(parsed);
  if (!options.positional.empty()) {
    std::fprintf(stderr, "dsnwatch healthcheck: takes no arguments, but got \"%s\"; the address goes behind --listen\n",
                 options.positional[0].c_str());
    return kExitUsage;
  }
  const std::string listen = options.value("listen", std::string(exporters::kDefaultListen));
  if (const auto address = exporters::parse_listen_address(listen); !address) {
    std::fprintf(stderr, "dsnwatch healthcheck: %s\n", address.error().message.c_str());
    return kExitUsage;
  }
  constexpr std::chrono::seconds kPatience{5};
  const auto answer = exporters::http_get(listen, "/-/healthy", kPatience);
  if (!answer) {
    std::fprintf(stderr, "dsnwatch healthcheck: %s; is the daemon running, and is this its --listen?\n",
                 answer.error().message.c_str());
    return kExitFailed;
  }
  constexpr unsigned kOk = 200;
  if (answer->status != kOk) {
    std::fprintf(stderr, "dsnwatch healthcheck: http://%s/-/healthy answered %u instead of 200\n", listen.c_str(),
                 answer->status);
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace dsnwatch::daemon
