#include "exporters/http/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>

#include "exporters/http/listen_address.h"

namespace dsnwatch::exporters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// Where a server that listens on `host` can be reached from its own machine.
std::string reachable_host(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

asio::awaitable<Fetched> fetch(beast::tcp_stream& stream, std::string host, std::uint16_t port, std::string path) {
  tcp::resolver resolver(stream.get_executor());
  const auto endpoints = co_await resolver.async_resolve(host, std::to_string(port), asio::use_awaitable);
  co_await stream.async_connect(endpoints, asio::use_awaitable);

  http::request<http::empty_body> request(http::verb::get, path, /*HTTP/1.1*/ 11);
  request.set(http::field::host, format_address(host, port));
  request.keep_alive(false);
  co_await http::async_write(stream, request, asio::use_awaitable);

  constexpr std::size_t kMostBody = 64 * 1024;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBody);
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return Fetched{parser.get().result_int(), std::move(parser.get().body())};
}

std::string message_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    return error.code().message();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

core::Result<Fetched> http_get(std::string_view listen, std::string_view path, std::chrono::milliseconds timeout) {
  core::Result<ListenAddress> address = parse_listen_address(listen);
  if (!address) return tl::unexpected(std::move(address.error()));
  const std::string host = reachable_host(address->host);

  asio::io_context io{1};
  beast::tcp_stream stream(io);
  stream.expires_after(timeout);
  Fetched fetched;
  std::exception_ptr failure;
  asio::co_spawn(io, fetch(stream, host, address->port, std::string(path)),
                 [&](std::exception_ptr thrown, Fetched result) {
                   failure = thrown;
                   fetched = std::move(result);
                 });
  io.run();
  if (failure) {
    return core::fail("no answer from http://" + format_address(host, address->port) + std::string(path) + ": " +
                      message_of(failure));
  }
  return fetched;
}

}  // namespace dsnwatch::exporters
