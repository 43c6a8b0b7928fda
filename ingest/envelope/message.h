#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/attempt.h"

namespace dsnwatch::ingest {

/// A message of a broker: one or several log lines in any envelope, or one JSON record (which may hold several lines).
/// All views must stay valid until the call that takes the message returns; nothing is copied before it is parsed.
struct Message {
  std::string_view bytes;
  std::string_view host;  ///< From the message's key or a header: where the lines name none. May be empty.
  std::int64_t time_us = core::kNoTime;  ///< The broker's stamp: where neither line nor record has a time.
  std::string_view format = {};          ///< The format's name from the message's key or a header. May be empty.
};

/// Keys of JSON records that go before those known by themselves; "a.b" means key b of object a, or a key "a.b". Empty:
/// none.
struct EnvelopeKeys {
  std::string message;
  std::string host;
  std::string time;
};

}  // namespace dsnwatch::ingest
