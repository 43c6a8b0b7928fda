#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace dsnwatch::exporters {

/// A client that sends whatever bytes a test wants and sees what comes back, byte by byte.
class RawClient {
 public:
  static constexpr int kPatienceMs = 60'000;  ///< A test that waits so long has failed.

  explicit RawClient(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    const auto port =
        static_cast<std::uint16_t>(std::strtoul(std::string(address.substr(colon + 1)).c_str(), nullptr, 10));
    const bool ipv6 = address.front() == '[';
    descriptor_ = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    const int connected = ipv6 ? connect(descriptor_, reinterpret_cast<sockaddr*>(&v6), sizeof v6)
                               : connect(descriptor_, reinterpret_cast<sockaddr*>(&v4), sizeof v4);
    if (connected != 0) throw std::runtime_error("connect to " + std::string(address));
  }
  ~RawClient() { close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False if the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next `least` bytes or more, or what came before the end.
  std::string read_some(std::size_t least = 1) {
    while (pending_.size() < least && receive()) {
    }
    return std::exchange(pending_, {});
  }

  /// What comes until the server closes; throws if it never does.
  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(pending_, {});
  }

  /// One answer with a Content-Length (or without a body, to a HEAD).
  std::string read_answer(bool head = false) {
    std::size_t end = std::string::npos;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::exchange(pending_, {});
    }
    end += 4;
    if (!head) {
      const std::size_t length = pending_.find("Content-Length: ");
      if (length < end) end += std::strtoull(pending_.c_str() + length + 16, nullptr, 10);
    }
    while (pending_.size() < end && receive()) {
    }
    std::string answer = pending_.substr(0, end);
    pending_.erase(0, end);
    return answer;
  }

  void finish_sending() { shutdown(descriptor_, SHUT_WR); }

 private:
  bool receive() {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (poll(&waiting, 1, kPatienceMs) != 1) throw std::runtime_error("nothing came from the server");
    char chunk[65536];
    const ssize_t read = recv(descriptor_, chunk, sizeof chunk, 0);
    if (read <= 0) return false;
    pending_.append(chunk, static_cast<std::size_t>(read));
    return true;
  }

  int descriptor_ = -1;
  std::string pending_;
};

/// An answer's body.
inline std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string{} : std::string(answer.substr(end + 4));
}

}  // namespace dsnwatch::exporters
