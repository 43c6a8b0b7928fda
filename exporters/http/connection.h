#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>

#include "exporters/http/route.h"
#include "exporters/http/server.h"

namespace dsnwatch::exporters {

/// What a connection needs of its server. Thread: dsn/http.
class Answerer {
 public:
  virtual ~Answerer() = default;
  /// Never throws: a handler's exception is a 500.
  virtual Answer answer(const Request& request) = 0;
  /// An answer of `status` for `path` is about to be sent.
  virtual void count(std::string_view path, unsigned status) = 0;
  /// Bytes of answers that wait for slow clients, all connections together.
  virtual std::size_t& pending_bytes() = 0;
};

/// One client: reads requests one after the other (pipelined ones too) and answers them. Thread: dsn/http.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::ip::tcp::socket socket, const ServerSettings& settings, Answerer& answerer);

  /// Runs until the client, an error, a timeout or close() ends it.
  boost::asio::awaitable<void> serve();

  /// Ends it: at once, or behind the answer that is being sent if `finish_answer`.
  void close(bool finish_answer);

  bool answering() const { return answering_; }
  bool closing() const { return closing_; }
  Clock::time_point silent_since() const { return silent_since_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> read_header(Parser& parser);
  boost::asio::awaitable<bool> send(Answer answer, const Parser& parser, bool head);
  boost::asio::awaitable<void> refuse(unsigned status, std::string_view why);
  boost::asio::awaitable<void> discard_input();
  Answer dispatch(const Parser& parser);

  const ServerSettings& settings_;
  Answerer& answerer_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  bool answering_ = false;
  bool closing_ = false;
  Clock::time_point silent_since_ = Clock::now();
};

}  // namespace dsnwatch::exporters
