#include "daemon/config/config.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "daemon/config/keys.h"
#include "ingest/format/format.h"

namespace dsnwatch::daemon {
namespace {

/// What stands before the dot of "limits.domains", or nothing.
std::string_view section_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

/// The names that may stand in a section ("" is the top).
std::vector<std::string_view> names_in(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Key<Config>& key : config_keys()) {
    const std::string_view of_key = section_of(key.name);
    if (of_key == section) names.push_back(section.empty() ? key.name : key.name.substr(section.size() + 1));
    const bool is_new = std::find(names.begin(), names.end(), of_key) == names.end();
    if (section.empty() && !of_key.empty() && is_new) names.push_back(of_key);
  }
  if (section.empty()) names.push_back("sources");
  return names;
}

/// Takes the pairs whose keys belong to a later version out, with a mistake that says so.
std::vector<std::pair<YAML::Node, YAML::Node>> known_pairs(YamlReader& in, const YAML::Node& map,
                                                           std::vector<std::string_view> names) {
  const auto later = later_keys();
  const auto is_later = [&](const std::string& name) {
    return std::find(later.begin(), later.end(), name) != later.end();
  };
  if (map.IsMap()) {
    for (const auto& pair : map) {
      if (!pair.first.IsScalar() || !is_later(pair.first.Scalar())) continue;
      in.mistake(pair.first.Mark(), "\"" + pair.first.Scalar() + "\" is not in this version");
      names.push_back(*std::find(later.begin(), later.end(), pair.first.Scalar()));
    }
  }
  auto pairs = in.pairs(map, names);
  std::erase_if(pairs, [&](const auto& pair) { return is_later(pair.first.Scalar()); });
  return pairs;
}

template <class Settings>
void read_key(YamlReader& in, std::span<const Key<Settings>> keys, const std::string& name, const YAML::Node& value,
              Settings& into) {
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.name == name; });
  if (key != keys.end()) key->read(in, value, into);
}

void read_sources(YamlReader& in, const YAML::Node& list, std::vector<SourceConfig>& into) {
  if (list.IsNull()) return;
  if (!list.IsSequence()) return in.mistake(list.Mark(), "expected a list, as in [{path: /var/log/mail.log}]");
  std::vector<std::string_view> names;
  for (const auto& key : source_keys()) names.push_back(key.name);
  for (const YAML::Node& item : list) {
    SourceConfig source;
    source.where = in.where(item.Mark());
    const std::size_t before = in.mistakes().size();
    for (const auto& [key, value] : known_pairs(in, item, names))
      read_key(in, source_keys(), key.Scalar(), value, source);
    if (source.path.empty() && in.mistakes().size() == before) in.mistake(item.Mark(), "a source needs a \"path\"");
    const auto format = ingest::make_format(source.format, {.time = {.timezone = source.timezone}, .default_host = {}});
    if (!format) in.mistake(item.Mark(), format.error().message);
    const auto same =
        std::find_if(into.begin(), into.end(), [&](const auto& other) { return other.path == source.path; });
    if (same != into.end()) in.mistake(item.Mark(), "path \"" + source.path + "\" is there already, at " + same->where);
    into.push_back(std::move(source));
  }
}

void read_document(YamlReader& in, const YAML::Node& document, Config& into) {
  for (const auto& [key, value] : known_pairs(in, document, names_in(""))) {
    const std::vector<std::string_view> names = names_in(key.Scalar());
    if (key.Scalar() == "sources") {
      read_sources(in, value, into.sources);
    } else if (names.empty()) {
      read_key(in, config_keys(), key.Scalar(), value, into);
    } else {
      for (const auto& [inner, inner_value] : known_pairs(in, value, names)) {
        read_key(in, config_keys(), key.Scalar() + "." + inner.Scalar(), inner_value, into);
      }
    }
  }
}

}  // namespace

core::Result<Config> read_config(const std::string& text, const std::string& file) {
  YamlReader in(file);
  Config config;
  read_document(in, in.parse(text), config);
  if (auto read = in.result(); !read) return tl::unexpected(std::move(read).error());
  return config;
}

core::Result<Config> load_config(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || (text.fail() && in.bad())) {
    return core::fail("can't read the configuration " + path + ": " + std::generic_category().message(errno));
  }
  return read_config(std::move(text).str(), path);
}

std::string show_config(const Config& config, bool with_help) {
  std::ostringstream out;
  const auto comment = [&](const auto& key, std::string_view indent) {
    if (with_help) out << indent << "# " << key.help << " (" << key.type << ")\n";
  };
  for (const auto& key : source_keys()) {
    if (with_help) out << "# " << key.name << ": " << key.help << " (" << key.type << ")\n";
  }
  out << "sources:" << (config.sources.empty() ? " []\n" : "\n");
  for (const SourceConfig& source : config.sources) {
    std::string_view indent = "  - ";
    for (const auto& key : source_keys()) {
      out << indent << key.name << ": " << key.show(source) << '\n';
      indent = "    ";
    }
  }
  std::string_view section;
  for (const auto& key : config_keys()) {
    const std::string_view of_key = section_of(key.name);
    if (of_key != section && !of_key.empty()) out << of_key << ":\n";
    section = of_key;
    const std::string_view indent = section.empty() ? "" : "  ";
    comment(key, indent);
    out << indent << key.name.substr(section.empty() ? 0 : section.size() + 1) << ": " << key.show(config) << '\n';
  }
  return std::move(out).str();
}

}  // namespace dsnwatch::daemon
