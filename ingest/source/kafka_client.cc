#include "ingest/source/kafka_client.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "ingest/source/kafka_oauth.h"

namespace dsnwatch::ingest {
namespace {

/// Of librdkafka: reading in batches, it takes the notice of a partition's end for a message, and goes on one message
/// too far when the group is divided anew (its issue 4844). Without the notice a position stays before control records
/// that nothing follows, which costs nothing but a lag of their number.
constexpr int kFirstVersionWithWrongEnd = 0x020100;
constexpr int kFirstVersionWithScram = 0x020601;  // Of librdkafka; before, a Kafka 4 broker refuses the right password.

/// What dsnwatch decides itself, and what to use instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kReserved = {{
    {"bootstrap.servers", "use \"brokers\""},
    {"metadata.broker.list", "use \"brokers\""},
    {"group.id", "use \"group\""},
    {"auto.offset.reset", "use \"start\" (end or beginning)"},
    {"topic.auto.offset.reset", "use \"start\" (end or beginning)"},
    {"enable.auto.commit", "offsets are committed after each checkpoint"},
    {"enable.auto.offset.store", "offsets are committed after each checkpoint"},
    {"enable.partition.eof", "librdkafka's version decides it"},
    {"partition.assignment.strategy", "it is always cooperative-sticky"},
    {"group.protocol", "it is always classic"},
}};

/// Bounds of the memory: all partition queues of a worker are one queue for these limits, plus one answer per broker. A
/// broker is asked for one answer at a time: while it waits for partitions that have nothing new, none of those that
/// lag is read, so that it must not wait long.
constexpr std::array<std::pair<const char*, const char*>, 11> kDefaults = {{
    {"client.id", "dsnwatch"},
    {"auto.offset.reset", "error"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"partition.assignment.strategy", "cooperative-sticky"},
    {"queued.min.messages", "50000"},
    {"queued.max.messages.kbytes", "8192"},
    {"fetch.max.bytes", "8388608"},
    {"max.partition.fetch.bytes", "524288"},
    {"fetch.wait.max.ms", "25"},
    {"topic.metadata.refresh.interval.ms", "30000"},
}};

/// Of newer libraries only.
constexpr std::pair<const char*, const char*> kQueueBackoff = {"fetch.queue.backoff.ms", "20"};

core::Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
  // librdkafka quotes the value.
  const std::string why = is_secret_property(name) ? "the value is not valid" : reason.data();
  return core::fail("Kafka property \"" + name + "\": " + why);
}

/// What went wrong while connecting, as librdkafka's callback told it.
struct Complaints {
  std::string last, telling;

  static void hear(rd_kafka_t*, int code, const char* reason, void* opaque) {
    Complaints& self = *static_cast<Complaints*>(opaque);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
    self.last = reason;
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL) self.telling = reason;
  }
  const std::string& best() const { return telling.empty() ? last : telling; }
};

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

bool matches(const std::string& wanted, const char* topic) {
  if (!wanted.starts_with('^')) return wanted == topic;
  regex_t pattern = {};
  if (::regcomp(&pattern, wanted.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = ::regexec(&pattern, topic, 0, nullptr, 0) == 0;
  ::regfree(&pattern);
  return found;
}

/// The first topic of the list that the cluster has; a failure for one that it does not.
core::Result<std::string> find_topics(const KafkaSettings& settings, const rd_kafka_metadata_t& metadata) {
  std::string first;
  for (const std::string& wanted : settings.topics) {
    bool found = false;
    for (int i = 0; i < metadata.topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
      if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || !matches(wanted, topic.topic)) continue;
      found = true;
      if (first.empty()) first = topic.topic;
    }
    if (!found) {
      return core::fail(settings.name + ": topic \"" + wanted +
                        "\" is not there, or may not be described by this user");
    }
  }
  return first;
}

}  // namespace

bool is_secret_property(std::string_view name) {
  constexpr std::array<std::string_view, 6> kTelling = {"password",           "secret", "ssl.key.pem", "token",
                                                        "oauthbearer.config", "jaas"};
  return std::any_of(kTelling.begin(), kTelling.end(),
                     [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

std::vector<KafkaPartition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<KafkaPartition> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  return partitions;
}

KafkaList list_of(const std::vector<KafkaPartition>& partitions) {
  KafkaList list = new_kafka_list(static_cast<int>(partitions.size()));
  for (const KafkaPartition& p : partitions) rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.number);
  return list;
}

core::Result<KafkaConf> make_kafka_conf(const KafkaSettings& settings) {
  KafkaConf conf(rd_kafka_conf_new());
  core::Result<void> done;
  for (const auto& [name, value] : kDefaults) {
    if (done) done = set(conf.get(), name, value);
  }
  const bool end_is_right = (rd_kafka_version() >> 8) < kFirstVersionWithWrongEnd;
  if (done) done = set(conf.get(), "enable.partition.eof", end_is_right ? "true" : "false");
  rd_kafka_conf_set(conf.get(), kQueueBackoff.first, kQueueBackoff.second, nullptr, 0);
  if (done) done = set(conf.get(), "bootstrap.servers", settings.brokers);
  if (done) done = set(conf.get(), "group.id", settings.group);
  if (done && !settings.instance_id.empty()) done = set(conf.get(), "group.instance.id", settings.instance_id);
  for (const auto& [name, value] : settings.properties) {
    const auto reserved =
        std::find_if(kReserved.begin(), kReserved.end(), [&](const auto& r) { return r.first == name; });
    if (reserved != kReserved.end()) {
      return core::fail("Kafka property \"" + name + "\" can't be set: " + std::string(reserved->second));
    }
    if (done) done = set(conf.get(), name, value);
  }
  if (done) done = prepare_oauth(settings, conf.get());
  if (!done) return tl::unexpected(std::move(done).error());
  return conf;
}

core::Result<KafkaClient> new_kafka_client(const KafkaSettings& settings, KafkaConf conf) {
  std::array<char, 512> reason{};
  KafkaClient client(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size()));
  if (!client) return core::fail(settings.name + ": " + reason.data());
  static_cast<void>(conf.release());  // The client's now.
  if (auto done = start_oauth(settings, client.get()); !done) return tl::unexpected(std::move(done).error());
  return client;
}

std::string known_trouble(const KafkaSettings& settings) {
  if ((rd_kafka_version() >> 8) >= kFirstVersionWithScram) return {};
  for (const auto& [name, value] : settings.properties) {
    if ((name == "sasl.mechanisms" || name == "sasl.mechanism") && value.starts_with("SCRAM")) {
      return std::string("librdkafka ") + rd_kafka_version_str() +
             " can't do SCRAM with a Kafka 4 broker: the right password is refused as invalid credentials. Use "
             "librdkafka 2.6.1 or newer, or another mechanism";
    }
  }
  return {};
}

core::Result<void> try_kafka(const KafkaSettings& settings, core::MonotonicMs timeout_ms) {
  auto conf = make_kafka_conf(settings);
  if (!conf) return tl::unexpected(std::move(conf).error());
  Complaints complaints;
  rd_kafka_conf_set_opaque(conf->get(), &complaints);
  rd_kafka_conf_set_error_cb(conf->get(), Complaints::hear);
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  const auto made = new_kafka_client(settings, std::move(*conf));
  if (!made) return tl::unexpected(made.error());
  const KafkaClient& client = *made;
  const std::string hint = known_trouble(settings).empty() ? "" : " (" + known_trouble(settings) + ")";

  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  // Until an answer, or a reason that waiting does not mend.
  while (error != RD_KAFKA_RESP_ERR_NO_ERROR && complaints.telling.empty() && Clock::now() < deadline) {
    error = rd_kafka_metadata(client.get(), 1, nullptr, &raw, 500);
    while (rd_kafka_poll(client.get(), 0) > 0) {
    }
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string& why = complaints.best().empty() ? std::string(rd_kafka_err2str(error)) : complaints.best();
    return core::fail(settings.name + ": no broker of " + settings.brokers + " can be used: " + why + hint);
  }
  const Metadata metadata(raw);
  const auto topic = find_topics(settings, *metadata);
  if (!topic) return tl::unexpected(topic.error());
  const KafkaList list = new_kafka_list();
  rd_kafka_topic_partition_list_add(list.get(), topic->c_str(), 0);
  error = rd_kafka_committed(client.get(), list.get(), static_cast<int>(timeout_ms));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[0].err;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return core::fail(settings.name + ": the offsets of group \"" + settings.group +
                    "\" can't be read: " + rd_kafka_err2str(error));
}

}  // namespace dsnwatch::ingest
