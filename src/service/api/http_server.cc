#include "sluice/api/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "sluice/base/bounded_queue.h"
#include "sluice/base/text.h"

namespace sluice::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
/// The default buffer of Beast grows by little steps, which makes large bodies dear.
constexpr std::size_t kReadBufferBytes = std::size_t{64} << 10;
constexpr auto kDrainFor = std::chrono::seconds(2);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
using Clock = std::chrono::steady_clock;

std::string text_of(const tcp::endpoint& endpoint) {
  error_code error;
  return fmt::format("{}:{}", endpoint.address().to_string(error), endpoint.port());
}

HttpRequest request_of(Request&& message, const std::string& peer) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(base::lower(std::string(field.name_string())),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = peer;
  return request;
}

/// What a failed read means to the client: 0 when nobody waits for an answer.
int status_of(const error_code& error) {
  if (error == http::error::header_limit) {
    return 431;
  }
  if (error == http::error::body_limit) {
    return 413;
  }
  const bool malformed =
      error.category() == make_error_code(http::error::end_of_stream).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message;
  return malformed ? 400 : 0;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 408:
      return "the request did not arrive in time";
    case 413:
      return "the request's body is larger than this server takes";
    case 431:
      return "the request's headers are larger than this server takes";
    case 503:
      return "the server has as much to do as it takes; try again in a moment";
    default:
      return "this is not a well-formed HTTP/1.1 request";
  }
}

/// Bytes of bodies that requests under way may hold together.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes) : left_(bytes) {}
  bool take(std::size_t bytes) {
    if (bytes > left_) {
      return false;
    }
    left_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) { left_ += bytes; }

 private:
  std::size_t left_;
};

/// A request on its way to the serving thread and back.
struct Errand {
  Errand(const asio::any_io_executor& executor, HttpRequest asked)
      : request(std::move(asked)), answered(executor, asio::steady_timer::time_point::max()) {}

  HttpRequest request;
  HttpResponse response;
  asio::steady_timer answered;  // cancelled, on the network thread, once there is a response
};

}  // namespace

class HttpServer::Network {
 public:
  explicit Network(HttpLimits limits)
      : limits_(limits),
        bodies_(limits.bodies_bytes_max),
        acceptor_(context_),
        pause_(context_),
        grace_(context_),
        errands_(limits.connections_max) {}

  base::Status bind(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return port_; }
  void serve(const HttpHandler& handler, std::stop_token stop);

 private:
  struct Connection : std::enable_shared_from_this<Connection> {
    explicit Connection(tcp::socket socket)
        : stream(std::move(socket)), deadline(stream.get_executor()) {}

    /// Ends reads that are not done by then. Unlike the stream's own time-out it leaves the socket
    /// open, so that the client can be told.
    void expect_within(std::int64_t ms);

    beast::tcp_stream stream;
    asio::steady_timer deadline;
    std::uint64_t deadlines = 0;  // set so far
    bool late = false;            // the last one has passed
    std::string peer;
    beast::flat_buffer buffer;
    bool idle = true;      // no byte of a request has been read
    bool refused = false;  // before all of its last request was read
  };

  asio::awaitable<void> accept();
  asio::awaitable<void> converse(tcp::socket socket);
  asio::awaitable<bool> exchange(Connection& connection);
  asio::awaitable<void> drain(Connection& connection);
  asio::awaitable<int> read(Connection& connection, Request& message, std::size_t& budget);
  asio::awaitable<HttpResponse> answer(HttpRequest request);
  asio::awaitable<bool> write(Connection& connection, HttpResponse response, unsigned version,
                              bool head, bool keep_alive);
  void begin_stop();

  const HttpLimits limits_;
  asio::io_context context_{1};
  BodyBudget bodies_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::steady_timer grace_;
  std::uint16_t port_ = 0;
  const HttpHandler* handler_ = nullptr;
  std::set<Connection*> connections_;
  base::BoundedQueue<std::shared_ptr<Errand>> errands_;
  bool stopping_ = false;
};

void HttpServer::Network::Connection::expect_within(std::int64_t ms) {
  late = false;
  deadline.expires_after(std::chrono::milliseconds(ms));
  deadline.async_wait([self = weak_from_this(), mine = ++deadlines](error_code error) {
    const auto connection = self.lock();
    if (!error && connection != nullptr && connection->deadlines == mine) {
      connection->late = true;
      connection->stream.cancel();
    }
  });
}

base::Status HttpServer::Network::bind(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return base::invalid_input(fmt::format("'{}' is not an IP address", address));
  }
  const tcp::endpoint endpoint(parsed, port);
  const bool bound = !acceptor_.open(endpoint.protocol(), error) &&
                     !acceptor_.set_option(asio::socket_base::reuse_address(true), error) &&
                     !acceptor_.bind(endpoint, error) &&
                     !acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return base::already_exists(fmt::format(
        "port {} of {} is taken; choose another with --port, or 0 for a free one", port, address));
  }
  if (!bound) {
    return base::from_errno(error.value(), fmt::format("listening on {}:{}", address, port));
  }
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

asio::awaitable<void> HttpServer::Network::accept() {
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (stopping_) {
      break;
    }
    if (error) {
      // Out of descriptors, most likely: those who have one must be served first.
      pause_.expires_after(kAcceptPause);
      co_await pause_.async_wait(kAwait);
      continue;
    }
    asio::co_spawn(context_, converse(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> HttpServer::Network::converse(tcp::socket socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  const auto shared = std::make_shared<Connection>(std::move(socket));
  Connection& connection = *shared;
  connection.peer = text_of(peer);
  error = connection.stream.socket().set_option(tcp::no_delay(true), error);
  if (connections_.size() >= limits_.connections_max) {
    HttpResponse full = handler_->refuse(503, reason_of(503));
    co_await write(connection, std::move(full), 11, false, false);
  } else {
    connections_.insert(&connection);
    connection.buffer.reserve(kReadBufferBytes);
    bool more = true;
    while (more && !stopping_) {
      more = co_await exchange(connection);
    }
    if (connection.refused) {
      co_await drain(connection);
    }
    connections_.erase(&connection);
  }
  error = connection.stream.socket().shutdown(tcp::socket::shutdown_both, error);
}

/// Reads on for a moment after a refusal: a socket that is closed with bytes unread is reset, and
/// the client would not see why.
asio::awaitable<void> HttpServer::Network::drain(Connection& connection) {
  error_code error;
  error = connection.stream.socket().shutdown(tcp::socket::shutdown_send, error);
  connection.stream.expires_after(kDrainFor);
  bool more = true;
  while (more && !stopping_) {
    connection.buffer.clear();
    auto [read_error, bytes] = co_await connection.stream.async_read_some(
        connection.buffer.prepare(kReadBufferBytes), kAwait);
    more = !read_error;
  }
}

/// Reads one request's head and body; 0 when it is there, else the status to refuse it with, or -1
/// when nobody waits for an answer.
asio::awaitable<int> HttpServer::Network::read(Connection& connection, Request& message,
                                               std::size_t& budget) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser.body_limit(limits_.body_bytes_max);
  beast::tcp_stream& stream = connection.stream;
  stream.expires_never();
  connection.expect_within(limits_.header_timeout_ms);
  auto [head_error, head_bytes] =
      co_await http::async_read_header(stream, connection.buffer, parser, kAwait);
  if (head_error) {
    const bool began = head_bytes > 0 || connection.buffer.size() > 0;
    if (connection.late && began) {
      co_return 408;
    }
    const int status = status_of(head_error);
    co_return status == 0 ? -1 : status;
  }
  connection.idle = false;
  if (!parser.is_done()) {
    const auto length = parser.content_length();
    const std::size_t wanted = length ? static_cast<std::size_t>(*length) : limits_.body_bytes_max;
    if (!bodies_.take(wanted)) {
      co_return 503;
    }
    budget = wanted;
  }
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
    stream.expires_after(std::chrono::milliseconds(limits_.write_timeout_ms));
    auto [sent_error, sent] = co_await http::async_write(stream, go_on, kAwait);
    if (sent_error) {
      co_return -1;
    }
  }
  stream.expires_never();
  connection.expect_within(limits_.body_timeout_ms);
  auto [body_error, body_bytes] =
      co_await http::async_read(stream, connection.buffer, parser, kAwait);
  if (body_error) {
    const int status = connection.late ? 408 : status_of(body_error);
    co_return status == 0 ? -1 : status;
  }
  connection.deadline.cancel();
  message = parser.release();
  co_return 0;
}

/// False when the connection has come to its end.
asio::awaitable<bool> HttpServer::Network::exchange(Connection& connection) {
  Request message;
  std::size_t budget = 0;
  connection.idle = connection.buffer.size() == 0;
  const int refused = co_await read(connection, message, budget);
  connection.idle = false;
  if (refused < 0) {
    bodies_.give_back(budget);
    co_return false;
  }
  const Clock::time_point began = Clock::now();
  HttpExchange told;
  told.peer = connection.peer;
  HttpResponse response;
  const unsigned version = refused == 0 ? message.version() : 11;
  const bool head = message.method() == http::verb::head;
  bool keep_alive = refused == 0 && message.keep_alive();
  if (refused > 0) {
    connection.refused = true;
    response = handler_->refuse(refused, reason_of(refused));
  } else {
    HttpRequest request = request_of(std::move(message), connection.peer);
    told.method = request.method;
    told.target = request.target;
    told.request_bytes = request.body.size();
    if (auto now = handler_->answer_now(request)) {
      response = std::move(*now);
    } else {
      response = co_await answer(std::move(request));
    }
  }
  bodies_.give_back(budget);
  keep_alive = keep_alive && !stopping_;
  told.endpoint = response.endpoint;
  told.status = response.status;
  told.response_bytes = response.body.size();
  const bool sent = co_await write(connection, std::move(response), version, head, keep_alive);
  told.took_us =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count();
  handler_->finished(told);
  co_return sent&& keep_alive;
}

asio::awaitable<HttpResponse> HttpServer::Network::answer(HttpRequest request) {
  auto errand = std::make_shared<Errand>(context_.get_executor(), std::move(request));
  if (!errands_.try_push(errand)) {
    co_return handler_->refuse(503, reason_of(503));
  }
  // The serving thread's answer is posted to this thread, so it cannot come before the wait.
  co_await errand->answered.async_wait(kAwait);
  co_return std::move(errand->response);
}

asio::awaitable<bool> HttpServer::Network::write(Connection& connection, HttpResponse response,
                                                 unsigned version, bool head, bool keep_alive) {
  Response message(static_cast<http::status>(response.status), version);
  message.set(http::field::server, "sluice");
  for (const auto& [name, value] : response.headers) {
    message.set(name, value);
  }
  const bool empty = response.status == 204 || response.status == 304;
  if (!empty) {
    message.set(http::field::content_type, response.content_type);
    message.body() = std::move(response.body);
    message.prepare_payload();
  }
  message.keep_alive(keep_alive);
  if (head) {
    message.body().clear();  // the length stays what a GET would have
  }
  connection.stream.expires_after(std::chrono::milliseconds(limits_.write_timeout_ms));
  auto [error, bytes] = co_await http::async_write(connection.stream, message, kAwait);
  co_return !error;
}

void HttpServer::Network::begin_stop() {
  stopping_ = true;
  error_code error;
  error = acceptor_.close(error);
  pause_.cancel();
  for (Connection* connection : connections_) {
    if (connection->idle) {
      connection->stream.cancel();
    }
  }
  grace_.expires_after(std::chrono::milliseconds(limits_.stop_grace_ms));
  grace_.async_wait([this](error_code) { context_.stop(); });
}

void HttpServer::Network::serve(const HttpHandler& handler, std::stop_token stop) {
  handler_ = &handler;
  asio::co_spawn(context_, accept(), asio::detached);
  const std::stop_callback on_stop(stop,
                                   [this] { asio::post(context_, [this] { begin_stop(); }); });
  std::jthread network([this] {
    while (!stopping_ || !connections_.empty()) {
      if (context_.run_one() == 0) {
        break;
      }
    }
    errands_.close();
  });
  while (auto errand = errands_.pop()) {
    (*errand)->response = handler.answer((*errand)->request);
    asio::post(context_, [done = std::move(*errand)] { done->answered.cancel(); });
  }
}

HttpServer::HttpServer(std::unique_ptr<Network> network) : network_(std::move(network)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::listen(const std::string& address,
                                                             std::uint16_t port,
                                                             HttpLimits limits) {
  auto network = std::make_unique<Network>(limits);
  SLUICE_RETURN_IF_ERROR(network->bind(address, port));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(network)));
}

std::uint16_t HttpServer::port() const { return network_->port(); }

void HttpServer::serve(const HttpHandler& handler, std::stop_token stop) {
  network_->serve(handler, std::move(stop));
}

}  // namespace sluice::api
