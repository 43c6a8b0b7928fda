#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dsnwatch::exporters {

/// A request for a registered path; the views are valid during the call of its handler.
struct Request {
  std::string_view path;         ///< "/metrics"
  std::string_view query;        ///< What followed '?', undecoded.
  bool from_prometheus = false;  ///< It carried X-Prometheus-Scrape-Timeout-Seconds.
};

struct Answer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  bool compressible = false;        ///< Worth gzip if the client takes it.
  std::function<void()> delivered;  ///< Called once the whole answer to a GET is in the socket; not after a failure.
};

/// Makes the answer to a GET; for a HEAD its body is dropped. Thread: dsn/http, one call at a time, which no other
/// client overtakes: it must not wait. An exception becomes a 500.
using Handler = std::function<Answer(const Request&)>;

}  // namespace dsnwatch::exporters
