#pragma once

#include <span>
#include <string_view>

#include "daemon/commands/command.h"

namespace dsnwatch::daemon {

/// A subcommand as `dsnwatch --help` lists it.
struct Subcommand {
  std::string_view name;
  std::string_view arguments;  ///< "[FILE...]"
  std::string_view about;      ///< One line.
  int (*run)(const Arguments& args);
};

/// Hands over to the subcommand that the first argument names; `args` begins behind the program's name. Answers --help
/// and --version itself; an unknown command is wrong usage. Returns the exit status. An exception that escapes a
/// command (out of memory) is said on stderr and is a failure.
int dispatch(std::span<const Subcommand> commands, const Arguments& args);

}  // namespace dsnwatch::daemon
