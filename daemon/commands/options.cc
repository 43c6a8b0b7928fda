#include "daemon/commands/options.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>

#include "core/nearest_name.h"
#include "daemon/commands/command.h"

namespace dsnwatch::daemon {
namespace {

/// "dsnwatch report", from the usage line: what messages begin with.
std::string command_name(const CommandSpec& spec) {
  const std::size_t first = spec.usage.find(' ');
  return spec.usage.substr(0, first == std::string::npos ? first : spec.usage.find(' ', first + 1));
}

int wrong_use(const CommandSpec& spec, const std::string& problem) {
  const std::string command = command_name(spec);
  std::fprintf(stderr, "%s: %s\nTry '%s --help'.\n", command.c_str(), problem.c_str(), command.c_str());
  return kExitUsage;
}

void print_help(const CommandSpec& spec) {
  std::printf("usage: %s\n\n%s\n\noptions:\n", spec.usage.c_str(), spec.about.c_str());
  std::size_t width = std::string_view("--help").size();
  auto left = [](const OptionSpec& option) {
    return "--" + option.name + (option.value.empty() ? "" : " " + option.value);
  };
  for (const OptionSpec& option : spec.options) width = std::max(width, left(option).size());
  auto print_row = [width](const std::string& name, const std::string& help) {
    std::printf("  %-*s  %s\n", static_cast<int>(width), name.c_str(), help.c_str());
  };
  for (const OptionSpec& option : spec.options) print_row(left(option), option.help);
  print_row("--help", "print this text");
}

const OptionSpec* find_option(const CommandSpec& spec, std::string_view name) {
  auto found =
      std::find_if(spec.options.begin(), spec.options.end(), [name](const OptionSpec& o) { return o.name == name; });
  return found == spec.options.end() ? nullptr : &*found;
}

std::string unknown_option(const CommandSpec& spec, const std::string& argument, std::string_view name) {
  std::vector<std::string> names = {"--help"};
  for (const OptionSpec& option : spec.options) names.push_back("--" + option.name);
  const std::string dashed = "--" + std::string(name);
  return "unknown option \"" + argument.substr(0, argument.find('=')) + "\"" + core::did_you_mean(dashed, names);
}

}  // namespace

std::variant<ParsedOptions, int> parse_options(const CommandSpec& spec, const std::vector<std::string>& args) {
  ParsedOptions parsed;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& argument = args[i];
    if (argument == "--") {
      parsed.positional.insert(parsed.positional.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {  // A lone "-" is standard input.
      parsed.positional.push_back(argument);
      continue;
    }
    if (argument == "--help" || argument == "-h") {
      print_help(spec);
      return kExitDone;
    }
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(argument.starts_with("--") ? 2 : 1);
    const std::string bare = name.substr(0, name.find('='));
    const OptionSpec* option = argument.starts_with("--") ? find_option(spec, bare) : nullptr;
    if (option == nullptr) return wrong_use(spec, unknown_option(spec, argument, bare));

    std::vector<std::string>& values = parsed.given[option->name];
    if (option->value.empty()) {
      if (equals != std::string::npos) return wrong_use(spec, "option \"--" + bare + "\" takes no value");
    } else if (equals != std::string::npos) {
      values.push_back(argument.substr(equals + 1));
    } else if (i + 1 < args.size() && args[i + 1] != "--") {
      values.push_back(args[++i]);
    } else {
      return wrong_use(spec, "option \"--" + bare + "\" needs a value: --" + bare + " " + option->value);
    }
  }
  return parsed;
}

}  // namespace dsnwatch::daemon
