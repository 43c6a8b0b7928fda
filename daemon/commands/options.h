#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dsnwatch::daemon {

/// One option of a subcommand. `value` is the placeholder in --help ("FILE"); empty: the option is a flag.
struct OptionSpec {
  std::string name;  ///< Without the dashes: "state-dir".
  std::string value;
  std::string help;
};

struct CommandSpec {
  std::string usage;  ///< "dsnwatch report [OPTION...] [FILE...]"
  std::string about;  ///< One or two sentences for --help.
  std::vector<OptionSpec> options;
};

/// What the user gave. An option given twice keeps all its values.
struct ParsedOptions {
  std::map<std::string, std::vector<std::string>> given;
  std::vector<std::string> positional;

  bool has(const std::string& name) const { return given.contains(name); }
  /// The last value, or `fallback`.
  std::string value(const std::string& name, std::string fallback = {}) const {
    auto found = given.find(name);
    return found == given.end() || found->second.empty() ? fallback : found->second.back();
  }
  std::vector<std::string> values(const std::string& name) const {
    auto found = given.find(name);
    return found == given.end() ? std::vector<std::string>{} : found->second;
  }
};

/// The parsed options, or the exit status where nothing is left to do: 0 after --help (printed on stdout), 2 after a
/// wrong use (message on stderr, with the nearest valid name).
std::variant<ParsedOptions, int> parse_options(const CommandSpec& spec, const std::vector<std::string>& args);

}  // namespace dsnwatch::daemon
