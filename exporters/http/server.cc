#include "exporters/http/server.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "exporters/http/connection.h"

namespace dsnwatch::exporters {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tl::unexpected<core::Error> cannot_listen(const ServerSettings& settings, const error_code& error) {
  std::string advice;
  if (error == asio::error::address_in_use) {
    advice = "another process has this port (a second dsnwatch?): stop it or take another one, port 0 takes a free one";
  } else if (error == asio::error::access_denied) {
    advice = "ports below 1024 need CAP_NET_BIND_SERVICE: take another one";
  } else {
    advice = "give an address of this machine, 0.0.0.0 or [::]";
  }
  return core::fail("cannot listen on " + settings.listen + ": " + error.message() + "; " + advice +
                    " (--listen HOST:PORT, or `listen:` in the configuration)");
}

core::Result<tcp::endpoint> resolve(asio::io_context& io, const ServerSettings& settings) {
  core::Result<ListenAddress> address = parse_listen_address(settings.listen);
  if (!address) return tl::unexpected(std::move(address.error()));
  if (address->host.empty()) return tcp::endpoint(tcp::v6(), address->port);
  error_code error;
  const asio::ip::address ip = asio::ip::make_address(address->host, error);
  if (!error) return tcp::endpoint(ip, address->port);
  const auto found = tcp::resolver(io).resolve(address->host, std::to_string(address->port), error);
  if (error || found.empty()) return cannot_listen(settings, error);
  return found.begin()->endpoint();
}

error_code open_and_listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool all_interfaces) {
  error_code error;
  const auto ok = [&error] { return !error; };
  acceptor.open(endpoint.protocol(), error);
  if (ok()) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (ok() && all_interfaces) acceptor.set_option(asio::ip::v6_only(false), error);
  if (ok()) acceptor.bind(endpoint, error);
  if (ok()) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

}  // namespace

class Server::Impl final : private Answerer {
 public:
  explicit Impl(ServerSettings settings) : settings_(std::move(settings)) {}
  ~Impl() override { stop(); }

  core::Result<void> listen();
  void start();
  void stop();

  std::map<std::string, Handler, std::less<>> routes;
  std::function<void(std::string_view, unsigned)> observer;
  std::string address;

 private:
  using Connections = std::list<Connection>;

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> serve(Connections::iterator connection);
  bool make_room();
  void begin_stop();

  Answer answer(const Request& request) override;
  void count(std::string_view path, unsigned status) override {
    if (observer) observer(path, status);
  }
  std::size_t& pending_bytes() override { return pending_bytes_; }

  const ServerSettings settings_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_pause_{io_};
  asio::steady_timer stop_deadline_{io_};
  Connections connections_;
  std::size_t pending_bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

core::Result<void> Server::Impl::listen() {
  core::Result<tcp::endpoint> endpoint = resolve(io_, settings_);
  if (!endpoint) return tl::unexpected(std::move(endpoint.error()));
  const bool all_interfaces = endpoint->address() == asio::ip::address(asio::ip::address_v6::any());
  error_code error = open_and_listen(acceptor_, *endpoint, all_interfaces);
  if (error == asio::error::address_family_not_supported && all_interfaces) {  // a machine without IPv6
    error = open_and_listen(acceptor_, tcp::endpoint(tcp::v4(), endpoint->port()), /*all_interfaces=*/false);
  }
  if (error) return cannot_listen(settings_, error);
  const tcp::endpoint bound = acceptor_.local_endpoint();
  address = format_address(bound.address().to_string(), bound.port());
  return {};
}

void Server::Impl::start() {
  asio::co_spawn(io_, accept_loop(), asio::detached);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "dsn/http");
    io_.run();
  });
}

void Server::Impl::stop() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] { begin_stop(); });
  thread_.join();
}

/// When the last connection is gone io_ has nothing left to do and the thread ends.
void Server::Impl::begin_stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  for (Connection& connection : connections_) connection.close(/*finish_answer=*/true);
  if (connections_.empty()) return;
  stop_deadline_.expires_after(settings_.stop_timeout);
  stop_deadline_.async_wait([this](const error_code& error) {
    if (error) return;
    for (Connection& connection : connections_) connection.close(/*finish_answer=*/false);
  });
}

asio::awaitable<void> Server::Impl::accept_loop() {
  while (!stopping_) {
    error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (stopping_) co_return;
    if (error) {
      // Out of descriptors or memory: the client waits in the backlog, and trying again at once would only burn CPU.
      accept_pause_.expires_after(std::chrono::milliseconds(100));
      co_await accept_pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (!make_room()) continue;
    const auto added =
        connections_.emplace(connections_.end(), std::move(socket), settings_, static_cast<Answerer&>(*this));
    asio::co_spawn(io_, serve(added), asio::detached);
  }
}

/// False if all connections are busy with an answer.
bool Server::Impl::make_room() {
  std::size_t open = 0;
  Connection* silent = nullptr;
  for (Connection& connection : connections_) {
    if (connection.closing()) continue;
    ++open;
    if (!connection.answering() && (!silent || connection.silent_since() < silent->silent_since())) {
      silent = &connection;
    }
  }
  if (open < settings_.max_connections) return true;
  if (silent) silent->close(/*finish_answer=*/false);
  return silent != nullptr;
}

asio::awaitable<void> Server::Impl::serve(Connections::iterator connection) {
  try {
    co_await connection->serve();
  } catch (const std::exception&) {
    // Out of memory: this client is given up, the others are not.
  }
  connections_.erase(connection);
  if (stopping_ && connections_.empty()) stop_deadline_.cancel();
}

Answer Server::Impl::answer(const Request& request) {
  const auto found = routes.find(request.path);
  Answer answer;
  if (found == routes.end()) {
    answer.status = 404;
    answer.body = "there is nothing here; / lists what is\n";
  } else {
    try {
      answer = found->second(request);
    } catch (const std::exception& error) {
      answer = Answer{};
      answer.status = 500;
      answer.body = std::string("the answer could not be made: ") + error.what() + "\n";
    }
  }
  count(found == routes.end() ? "other" : std::string_view(found->first), answer.status);
  return answer;
}

core::Result<std::unique_ptr<Server>> Server::listen(ServerSettings settings) {
  auto impl = std::make_unique<Impl>(std::move(settings));
  if (core::Result<void> listening = impl->listen(); !listening) return tl::unexpected(std::move(listening.error()));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

void Server::route(std::string path, Handler handler) {
  impl_->routes.insert_or_assign(std::move(path), std::move(handler));
}

void Server::on_answer(std::function<void(std::string_view, unsigned)> observer) {
  impl_->observer = std::move(observer);
}

void Server::start() {
  impl_->start();
}

void Server::stop() {
  impl_->stop();
}

const std::string& Server::address() const {
  return impl_->address;
}

}  // namespace dsnwatch::exporters
