#include "daemon/cli.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "core/nearest_name.h"
#include "daemon/version.h"

namespace dsnwatch::daemon {
namespace {

void print_usage(std::FILE* out, std::span<const Subcommand> commands) {
  std::fputs(
      "usage: dsnwatch COMMAND [OPTION...] [ARGUMENT...]\n"
      "Says from mail logs who rejects your mail, why, since when, and what to do about it.\n\ncommands:\n",
      out);
  std::size_t width = 0;
  auto left = [](const Subcommand& command) {
    return std::string(command.name) + " " + std::string(command.arguments);
  };
  for (const Subcommand& command : commands) width = std::max(width, left(command).size());
  for (const Subcommand& command : commands) {
    std::fprintf(out, "  %-*s  %.*s\n", static_cast<int>(width), left(command).c_str(),
                 static_cast<int>(command.about.size()), command.about.data());
  }
  std::fputs("\n'dsnwatch COMMAND --help' lists a command's options; 'dsnwatch --version' prints the version.\n", out);
}

int unknown(std::span<const Subcommand> commands, const std::string& name) {
  std::vector<std::string_view> names = {"--help", "--version"};
  for (const Subcommand& command : commands) names.push_back(command.name);
  std::fprintf(stderr, "dsnwatch: unknown %s \"%s\"%s\nTry 'dsnwatch --help'.\n",
               name.starts_with('-') ? "option" : "command", name.c_str(), core::did_you_mean(name, names).c_str());
  return kExitUsage;
}

}  // namespace

int dispatch(std::span<const Subcommand> commands, const Arguments& args) {
  if (args.empty()) {
    print_usage(stderr, commands);
    return kExitUsage;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_usage(stdout, commands);
    return kExitDone;
  }
  if (args[0] == "--version") {
    std::printf("dsnwatch %s\n", std::string(version()).c_str());
    return kExitDone;
  }
  auto found = std::find_if(commands.begin(), commands.end(), [&](const Subcommand& c) { return c.name == args[0]; });
  if (found == commands.end()) return unknown(commands, args[0]);
  try {
    return found->run(Arguments(args.begin() + 1, args.end()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dsnwatch %s: %s\n", args[0].c_str(), error.what());
    return kExitFailed;
  }
}

}  // namespace dsnwatch::daemon
