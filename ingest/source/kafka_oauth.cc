#include "ingest/source/kafka_oauth.h"

#include <array>
#include <string>

#include "ingest/source/oauth_token.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::string_view kMechanism = "OAUTHBEARER";
constexpr const char* kConfig = "sasl.oauthbearer.config";  // librdkafka gives the callback what it holds.

bool names_mechanism(std::string_view property) {
  return property == "sasl.mechanisms" || property == "sasl.mechanism";
}

void bring_token(rd_kafka_t* client, const char* path, void*) {
  const core::SystemClock clock;
  const auto token = read_oauth_token(path, clock.unix_us() / 1000);
  if (!token) {
    rd_kafka_oauthbearer_set_token_failure(client, token.error().message.c_str());
    return;
  }
  std::array<char, 512> reason{};
  const auto error = rd_kafka_oauthbearer_set_token(client, token->text.c_str(), token->expires_ms,
                                                    token->principal.c_str(), nullptr, 0, reason.data(), reason.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  rd_kafka_oauthbearer_set_token_failure(client, (std::string(path) + ": " + reason.data()).c_str());
}

}  // namespace

std::string oauth_contradiction(const KafkaSettings& settings) {
  if (settings.token_file.empty()) return {};
  for (const auto& [name, value] : settings.properties) {
    if (names_mechanism(name) && value != kMechanism) return name + " is " + value + ", a token is for OAUTHBEARER";
    if (name.starts_with("sasl.oauthbearer.") || name == "enable.sasl.oauthbearer.unsecure.jwt") {
      return "\"" + name + "\" can't be set beside \"token_file\"";
    }
  }
  return {};
}

core::Result<void> prepare_oauth(const KafkaSettings& settings, rd_kafka_conf_t* conf) {
  if (settings.token_file.empty()) return {};
  if (const std::string why = oauth_contradiction(settings); !why.empty()) return core::fail("oauthbearer: " + why);
  std::array<char, 512> reason{};
  for (const auto& [name, value] : {std::pair<const char*, std::string>("sasl.mechanisms", kMechanism),
                                    std::pair<const char*, std::string>(kConfig, settings.token_file)}) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      return core::fail(std::string("oauthbearer: ") + reason.data());
  }
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, bring_token);
  rd_kafka_conf_enable_sasl_queue(conf, 1);
  return {};
}

core::Result<void> start_oauth(const KafkaSettings& settings, rd_kafka_t* client) {
  if (settings.token_file.empty()) return {};
  const KafkaHandle<rd_kafka_error_t> error(rd_kafka_sasl_background_callbacks_enable(client));
  if (error) {
    return core::fail("oauthbearer: " + std::string(rd_kafka_error_string(error.get())) +
                      "; is \"security.protocol\" SASL_SSL or SASL_PLAINTEXT?");
  }
  return {};
}

}  // namespace dsnwatch::ingest
