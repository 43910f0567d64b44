#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "sluice/api/http_message.h"
#include "sluice/base/result.h"

namespace sluice::api {

/// What a server takes at most; what is beyond gets an answer that says so.
struct HttpLimits {
  std::size_t connections_max = 64;                      // one more: 503
  std::size_t header_bytes_max = std::size_t{16} << 10;  // 431
  std::size_t body_bytes_max = std::size_t{8} << 20;     // 413
  std::size_t bodies_bytes_max = std::size_t{32} << 20;  // of all requests at once: 503
  std::int64_t header_timeout_ms = 15'000;  // also for an idle connection, which is closed
  std::int64_t body_timeout_ms = 30'000;    // 408
  std::int64_t write_timeout_ms = 30'000;   // the connection is closed
  std::int64_t stop_grace_ms = 10'000;      // for requests under way when the server stops
};

/// Who answers. `answer_now` and `finished` are called on the network thread and must not wait;
/// `answer` is called on the thread that serves, one request at a time.
struct HttpHandler {
  std::function<std::optional<HttpResponse>(const HttpRequest&)> answer_now;
  std::function<HttpResponse(const HttpRequest&)> answer;
  /// The answer to a request that the server itself refuses, in the caller's form.
  std::function<HttpResponse(int status, std::string_view reason)> refuse;
  std::function<void(const HttpExchange&)> finished;
};

/// An HTTP/1.1 server on one port. Connections live on a thread of its own, requests are answered
/// one after the other on the thread that calls serve(); at most one per connection waits.
class HttpServer {
 public:
  /// Binds; `port` 0 takes a free one. kAlreadyExists when the port is taken, kInvalidInput for an
  /// address that is none.
  static base::Result<std::unique_ptr<HttpServer>> listen(const std::string& address,
                                                          std::uint16_t port, HttpLimits limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  /// Serves until `stop` is requested: then no connection is accepted any more, requests that have
  /// begun are answered within `stop_grace_ms`, and it returns. Call once.
  void serve(const HttpHandler& handler, std::stop_token stop);

 private:
  class Network;
  explicit HttpServer(std::unique_ptr<Network> network);

  std::unique_ptr<Network> network_;
};

}  // namespace sluice::api
