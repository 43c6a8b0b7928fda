#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "exporters/http/listen_address.h"
#include "exporters/http/route.h"

namespace dsnwatch::exporters {

struct ServerSettings {
  std::string listen{kDefaultListen};
  std::size_t max_connections = 64;  ///< One more closes the one that has been silent longest.
  std::uint32_t max_header_bytes = 8 * 1024;
  std::size_t max_pending_bytes = 64 << 20;  ///< Answers that slow clients have not read yet; above it: 503.
  std::chrono::milliseconds idle_timeout{120'000};
  std::chrono::milliseconds header_timeout{10'000};  ///< From a request's first byte to the end of its header.
  std::chrono::milliseconds write_timeout{60'000};
  std::chrono::milliseconds stop_timeout{5'000};  ///< How long stop() lets answers be finished.
};

/// The daemon's only HTTP server: GET and HEAD of registered paths, HTTP/1.1 with keep-alive, bounded in connections,
/// header size, time and memory, so that neither slow clients nor garbage keep Prometheus out.
///
/// Owned by the daemon. One thread, `dsn/http`, between start() and stop(), runs everything, handlers included.
class Server {
 public:
  /// Binds and listens; clients wait in the backlog until start(). Fails with what to do if the address is taken.
  static core::Result<std::unique_ptr<Server>> listen(ServerSettings settings);
  ~Server();  ///< As stop().

  /// Answers `path` from now on. Before start().
  void route(std::string path, Handler handler);

  /// Is told of every answer: the registered path, or "other"; the status. Before start(). Thread: dsn/http.
  void on_answer(std::function<void(std::string_view path, unsigned status)> observer);

  void start();

  /// Takes no more requests, finishes the answers under way and ends the thread. Thread: any but dsn/http.
  void stop();

  /// What is really bound, port 0 resolved: "127.0.0.1:25571", "[::1]:39017".
  const std::string& address() const;
  std::string url() const { return "http://" + address(); }

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::exporters
