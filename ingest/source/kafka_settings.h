#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "ingest/source/file_source.h"

namespace dsnwatch::ingest {

/// One cluster and consumer group that are read.
struct KafkaSettings {
  std::string name;                 ///< Of the source, for messages and as the `source` label: "kafka:dsnwatch".
  std::string brokers;              ///< "host:port,host:port".
  std::string group;                ///< The consumer group, shared by all members.
  std::vector<std::string> topics;  ///< Names; one that begins with ^ is a regular expression.
  FileSettings::Start start = FileSettings::Start::kEnd;  ///< Where a group that is new begins.
  core::MonotonicMs look_back_ms =
      600'000;              ///< What is read without counting before a position taken over from others.
  std::string host_from;    ///< "key" or "header:NAME": the host of lines that name none; empty: none.
  std::string format_from;  ///< The same of the name of the message's format; empty: all in the source's own.
  std::vector<std::pair<std::string, std::string>> properties;  ///< librdkafka's own, secrets filled in.
  std::string token_file;   ///< Holds the token of OAUTHBEARER; empty: librdkafka's own ways.
  std::string instance_id;  ///< group.instance.id, where `properties` have none; empty: no static membership.
  std::string owner;        ///< Names the ledger that our positions are kept in; no spaces.
};

}  // namespace dsnwatch::ingest
