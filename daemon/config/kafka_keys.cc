#include "daemon/config/kafka_keys.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/units.h"
#include "ingest/source/kafka_client.h"
#include "ingest/source/kafka_field.h"

namespace dsnwatch::daemon {
namespace {

constexpr core::MonotonicMs kMostLookBackMs = 86'400'000;

void read_properties(YamlReader& in, const YAML::Node& node, std::vector<KafkaProperty>& into) {
  constexpr std::array<std::string_view, 2> kFrom = {"file", "env"};
  into.clear();
  for (const auto& [key, value] : in.pairs(node, {})) {
    KafkaProperty property;
    property.name = key.Scalar();
    if (!value.IsMap()) {
      in.text(value, property.value);
    } else {
      for (const auto& [from, place] : in.pairs(value, kFrom)) {
        property.kind = from.Scalar() == "file" ? KafkaProperty::Kind::kFile : KafkaProperty::Kind::kEnvironment;
        in.text(place, property.value);
      }
      if (value.size() != 1) in.mistake(value.Mark(), "expected {file: PATH} or {env: NAME}");
    }
    into.push_back(std::move(property));
  }
}

void read_field(YamlReader& in, const YAML::Node& node, std::string& into) {
  in.text(node, into);
  if (!ingest::KafkaField::is_valid(into)) in.mistake(node.Mark(), "expected key, or header:NAME");
}

void read_oauthbearer(YamlReader& in, const YAML::Node& node, KafkaConfig& into) {
  constexpr std::array<std::string_view, 1> kNames = {"token_file"};
  for (const auto& [key, value] : in.pairs(node, kNames)) in.text(value, into.token_file);
  if (into.token_file.empty()) in.mistake(node.Mark(), "oauthbearer needs a \"token_file\"");
}

}  // namespace

void read_kafka(YamlReader& in, const YAML::Node& node, SourceConfig& into) {
  constexpr std::array<std::string_view, 8> kNames = {"brokers",   "topics",      "group",       "look_back",
                                                      "host_from", "format_from", "oauthbearer", "properties"};
  KafkaConfig kafka;
  const std::size_t before = in.mistakes().size();
  for (const auto& [key, value] : in.pairs(node, kNames)) {
    if (key.Scalar() == "brokers") in.text(value, kafka.brokers);
    if (key.Scalar() == "topics") in.texts(value, kafka.topics);
    if (key.Scalar() == "group") in.text(value, kafka.group);
    if (key.Scalar() == "look_back") in.duration(value, 0, kMostLookBackMs, kafka.look_back_ms);
    if (key.Scalar() == "host_from") read_field(in, value, kafka.host_from);
    if (key.Scalar() == "format_from") read_field(in, value, kafka.format_from);
    if (key.Scalar() == "oauthbearer") read_oauthbearer(in, value, kafka);
    if (key.Scalar() == "properties") read_properties(in, value, kafka.properties);
  }
  if (in.mistakes().size() == before) {
    if (kafka.brokers.empty()) in.mistake(node.Mark(), "kafka needs \"brokers\", as in \"k1:9092,k2:9092\"");
    if (kafka.topics.empty()) in.mistake(node.Mark(), "kafka needs \"topics\", as in [mail] or [\"^mail-.*\"]");
    if (kafka.group.empty()) in.mistake(node.Mark(), "kafka needs a \"group\"");
    if (!kafka.host_from.empty() && kafka.host_from == kafka.format_from) {
      in.mistake(node.Mark(), "\"host_from\" and \"format_from\" can't both be " + kafka.host_from);
    }
  }
  into.kafka = std::move(kafka);
}

std::string show_kafka(const SourceConfig& source) {
  if (!source.kafka) return {};
  const KafkaConfig& kafka = *source.kafka;
  YAML::Emitter out;
  out << YAML::Flow << YAML::BeginMap;
  out << YAML::Key << "brokers" << YAML::Value << kafka.brokers << YAML::Key << "topics" << YAML::Value << kafka.topics;
  out << YAML::Key << "group" << YAML::Value << kafka.group << YAML::Key << "look_back" << YAML::Value
      << format_duration(kafka.look_back_ms) << YAML::Key << "host_from" << YAML::Value << kafka.host_from << YAML::Key
      << "format_from" << YAML::Value << kafka.format_from << YAML::Key << "properties" << YAML::Value
      << YAML::BeginMap;
  for (const KafkaProperty& property : kafka.properties) {
    out << YAML::Key << property.name << YAML::Value;
    if (property.kind != KafkaProperty::Kind::kValue) {
      out << YAML::BeginMap << YAML::Key << (property.kind == KafkaProperty::Kind::kFile ? "file" : "env")
          << YAML::Value << property.value << YAML::EndMap;
    } else {
      out << (ingest::is_secret_property(property.name) ? std::string("<hidden>") : property.value);
    }
  }
  out << YAML::EndMap << YAML::EndMap;
  std::string text = out.c_str();
  // The emitter breaks long lines.
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace dsnwatch::daemon
