#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

namespace dsnwatch::exporters {

/// What an exposition says, read back: name → HELP and TYPE, `name{labels}` → value. `le` is normalised, so that 1 and
/// 1.0 are the same bound. Anything that is no line of the format fails the test.
struct Exposition {
  std::map<std::string, std::string> help, type;
  std::map<std::string, double> samples;
};

namespace exposition_text {

inline std::string take_quoted(std::string_view& text) {
  std::string value;
  EXPECT_TRUE(text.starts_with('"')) << text;
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    if (text[0] == '\\' && text.size() > 1) {
      EXPECT_NE(std::string_view("\\\"n").find(text[1]), std::string_view::npos) << text;
      value += text[1] == 'n' ? '\n' : text[1];
      text.remove_prefix(2);
    } else {
      value += text[0];
      text.remove_prefix(1);
    }
  }
  EXPECT_TRUE(text.starts_with('"')) << text;
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

inline std::string take_labels(std::string_view& text) {
  std::map<std::string, std::string> labels;
  if (text.starts_with('{')) {
    text.remove_prefix(1);
    while (!text.empty() && text[0] != '}') {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) {
        ADD_FAILURE() << "no = in " << text;
        return {};
      }
      const std::string name(text.substr(0, equals));
      text.remove_prefix(equals + 1);
      std::string value = take_quoted(text);
      if (name == "le") value = std::to_string(std::strtod(value.c_str(), nullptr));
      EXPECT_TRUE(labels.emplace(name, value).second) << "label " << name << " twice";
      if (text.starts_with(',')) text.remove_prefix(1);
    }
    if (!text.empty()) text.remove_prefix(1);
  }
  std::string block;
  for (const auto& [name, value] : labels) block += name + "=" + value + ";";
  return block;
}

}  // namespace exposition_text

inline Exposition parse_exposition(const std::string& text) {
  Exposition parsed;
  EXPECT_TRUE(text.empty() || text.back() == '\n');
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      const std::size_t blank = line.find(' ', 7);
      auto& into = line[2] == 'H' ? parsed.help : parsed.type;
      EXPECT_TRUE(into.emplace(line.substr(7, blank - 7), line.substr(blank + 1)).second) << "twice: " << line;
      continue;
    }
    std::string_view rest = line;
    const std::string name(rest.substr(0, rest.find_first_of("{ ")));
    EXPECT_FALSE(name.empty()) << line;
    rest.remove_prefix(name.size());
    const std::string labels = exposition_text::take_labels(rest);
    EXPECT_TRUE(rest.starts_with(' ')) << line;
    const std::string number(rest.substr(rest.empty() ? 0 : 1));
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    EXPECT_TRUE(!number.empty() && *end == '\0') << line;
    EXPECT_TRUE(parsed.samples.emplace(name + "{" + labels + "}", value).second) << "twice: " << line;
  }
  return parsed;
}

}  // namespace dsnwatch::exporters
