#pragma once

#include "core/result.h"
#include "ingest/source/kafka_client.h"
#include "ingest/source/kafka_settings.h"

namespace dsnwatch::ingest {

// OAUTHBEARER with a token out of a file (KafkaSettings.token_file), which others renew, as Kubernetes does: read when
// librdkafka wants one, which is at the start and after four fifths of a token's life, or every ten seconds while
// there is none.

/// A sentence about properties that contradict it, else empty.
std::string oauth_contradiction(const KafkaSettings& settings);

/// Before the client is made.
core::Result<void> prepare_oauth(const KafkaSettings& settings, rd_kafka_conf_t* conf);

/// Afterwards: tokens are read on librdkafka's own thread, so that none waits for a thread of ours that asks brokers.
core::Result<void> start_oauth(const KafkaSettings& settings, rd_kafka_t* client);

}  // namespace dsnwatch::ingest
