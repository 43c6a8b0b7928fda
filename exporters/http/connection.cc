#include "exporters/http/connection.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <ctime>
#include <utility>

#include "exporters/http/accept_encoding.h"
#include "exporters/http/gzip.h"

namespace dsnwatch::exporters {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr unsigned kHttp11 = 11;

/// RFC 9110 section 5.6.7; in English whatever the locale.
std::string http_date() {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                   kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// The path and query of a request target: origin form, or the absolute form that a proxy sends (RFC 9112 section 3.2).
Request split_target(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    const std::size_t slash = target.find('/', kScheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  const std::size_t mark = target.find('?');
  Request request;
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  return request;
}

bool allows_gzip(const http::fields& header) {
  std::string joined;  // RFC 9110 section 5.3: repeated fields are one list
  const auto [first, last] = header.equal_range(http::field::accept_encoding);
  for (auto field = first; field != last; ++field) {
    if (!joined.empty()) joined += ',';
    joined += field->value();
  }
  return prefers_gzip(joined);
}

http::response<http::string_body> make_response(const Answer& answer, unsigned version) {
  http::response<http::string_body> response;
  response.version(version);
  response.result(answer.status);
  response.set(http::field::date, http_date());
  response.set(http::field::server, "dsnwatch");
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  return response;
}

/// Counts an answer's bytes as pending for as long as it lives.
class PendingBytes {
 public:
  PendingBytes(std::size_t& total, std::size_t bytes) : total_(total), bytes_(bytes) { total_ += bytes_; }
  ~PendingBytes() { total_ -= bytes_; }
  PendingBytes(const PendingBytes&) = delete;
  PendingBytes& operator=(const PendingBytes&) = delete;

 private:
  std::size_t& total_;
  std::size_t bytes_;
};

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const ServerSettings& settings, Answerer& answerer)
    : settings_(settings),
      answerer_(answerer),
      stream_(std::move(socket)),
      buffer_(std::size_t{settings.max_header_bytes} * 2) {}

void Connection::close(bool finish_answer) {
  closing_ = true;
  if (!answering_ || !finish_answer) stream_.close();
}

asio::awaitable<void> Connection::serve() {
  bool alive = true;
  while (alive && !closing_) {
    alive = co_await serve_one();  // g++ 12 traps if this stands in the condition, behind &&
  }
  stream_.close();
}

asio::awaitable<bool> Connection::serve_one() {
  Parser parser;
  parser.header_limit(settings_.max_header_bytes);
  parser.body_limit(boost::none);  // bodies are never read
  const bool readable = co_await read_header(parser);
  if (!readable) co_return false;

  const http::verb method = parser.get().method();
  Answer answer;
  if (method != http::verb::get && method != http::verb::head) {
    answerer_.count("other", 405);
    answer.status = 405;
    answer.body = "only GET and HEAD are answered here\n";
  } else {
    answer = dispatch(parser);
  }
  // A request with a body is answered, but its body is not read: the connection can't go on.
  const bool keep_alive = co_await send(std::move(answer), parser, method == http::verb::head);
  if (keep_alive && parser.is_done()) co_return true;
  if (!closing_) co_await discard_input();
  co_return false;
}

/// False: the connection is over, with a refusal where the client sent something that is no request.
asio::awaitable<bool> Connection::read_header(Parser& parser) {
  error_code error;
  silent_since_ = Clock::now();
  if (buffer_.size() == 0) {
    constexpr std::size_t kChunk = 2048;
    stream_.expires_after(settings_.idle_timeout);
    const std::size_t read =
        co_await stream_.async_read_some(buffer_.prepare(kChunk), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    buffer_.commit(read);
  }
  stream_.expires_after(settings_.header_timeout);
  co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_return true;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    co_await refuse(431, "the request's header is too large\n");
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    co_await refuse(400, "this is not an HTTP/1.1 request; this port speaks plain HTTP\n");
  }
  co_return false;
}

Answer Connection::dispatch(const Parser& parser) {
  if (answerer_.pending_bytes() > settings_.max_pending_bytes) {
    answerer_.count("other", 503);
    Answer busy;
    busy.status = 503;
    busy.body = "too many answers wait for slow clients; try again\n";
    return busy;
  }
  Request request = split_target(parser.get().target());
  request.from_prometheus = parser.get().find("X-Prometheus-Scrape-Timeout-Seconds") != parser.get().end();
  return answerer_.answer(request);
}

/// True if the connection may go on.
asio::awaitable<bool> Connection::send(Answer answer, const Parser& parser, bool head) {
  const http::fields& fields = parser.get();
  Response response = make_response(answer, parser.get().version());
  if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
  if (answer.status == 503) response.set(http::field::retry_after, "1");
  if (answer.compressible) {
    response.set(http::field::vary, "Accept-Encoding");
    if (std::optional<std::string> packed = allows_gzip(fields) ? gzip(answer.body) : std::nullopt) {
      response.set(http::field::content_encoding, "gzip");
      answer.body = std::move(*packed);
    }
  }
  response.body() = std::move(answer.body);
  response.prepare_payload();
  response.keep_alive(parser.get().keep_alive() && parser.is_done() && !closing_);

  answering_ = true;
  const PendingBytes pending(answerer_.pending_bytes(), response.body().size());
  stream_.expires_after(settings_.write_timeout);
  error_code error;
  http::response_serializer<http::string_body> serializer(response);
  if (head) {
    co_await http::async_write_header(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await http::async_write(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
  }
  answering_ = false;
  if (error) co_return false;
  if (!head && answer.delivered) answer.delivered();
  co_return response.keep_alive();
}

/// The answer to what is no request.
asio::awaitable<void> Connection::refuse(unsigned status, std::string_view why) {
  answerer_.count("other", status);
  Answer answer;
  answer.status = status;
  Response response = make_response(answer, kHttp11);
  response.body() = why;
  response.prepare_payload();
  response.keep_alive(false);
  answering_ = true;
  stream_.expires_after(settings_.header_timeout);
  error_code error;
  co_await http::async_write(stream_, response, asio::redirect_error(asio::use_awaitable, error));
  answering_ = false;
  if (!error && !closing_) co_await discard_input();
}

/// Says that nothing more comes, then reads away what the client still sends: closing a socket with unread input resets
/// the connection, and the client would lose the answer.
asio::awaitable<void> Connection::discard_input() {
  constexpr std::size_t kMost = 256 * 1024;
  constexpr std::chrono::seconds kPatience{2};
  error_code error;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  stream_.expires_after(kPatience);
  silent_since_ = Clock::now();
  std::array<char, 4096> scratch;
  for (std::size_t total = 0; !error && total < kMost;) {
    total += co_await stream_.async_read_some(asio::buffer(scratch), asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace dsnwatch::exporters
