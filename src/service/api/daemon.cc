#include "sluice/api/daemon.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/api/protocol_error.h"
#include "sluice/api/request_path.h"

namespace sluice::api {

namespace {

constexpr std::string_view kCatalogFolder = "iceberg";
constexpr std::size_t kLoggedTargetBytes = 2048;

HttpResponse plain(int status, std::string text, std::string endpoint) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  response.endpoint = std::move(endpoint);
  return response;
}

/// A page of another site can have its name resolve to this machine; its requests name that site.
bool is_own_host(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = host.substr(0, colon);
  }
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.empty();
}

std::string_view path_of(const HttpRequest& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

}  // namespace

base::Status check_loopback(const std::string& address) {
  if (address == "127.0.0.1" || address == "::1") {
    return {};
  }
  return base::invalid_input(
      fmt::format("listening on {} is refused: beyond this machine a catalog needs TLS and tokens, "
                  "which are not built; it listens on 127.0.0.1 or ::1",
                  address));
}

Daemon::Daemon(RestCatalog& catalog, std::function<base::Status()> is_ready, telemetry::Logger& log)
    : catalog_(catalog), is_ready_(std::move(is_ready)), log_(log) {}

std::optional<HttpResponse> Daemon::answer_now(const HttpRequest& request) const {
  const std::string_view path = path_of(request);
  if (path != "/healthz" && path != "/metrics") {
    return std::nullopt;
  }
  const std::string endpoint = fmt::format("GET {}", path);
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = plain(405, "only GET\n", endpoint);
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/healthz") {
    return plain(200, "ok\n", endpoint);
  }
  HttpResponse metrics = plain(200, counters_.to_text(), endpoint);
  metrics.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return metrics;
}

HttpResponse Daemon::answer(const HttpRequest& request) {
  if (!is_own_host(request.header("host"))) {
    return refusal(
        403, "ForbiddenException",
        fmt::format("this catalog is asked as localhost, not as '{}'", request.header("host")));
  }
  if (!request.header("origin").empty()) {
    return refusal(403, "ForbiddenException", "this catalog is not for pages of other sites");
  }
  if (path_of(request) == "/readyz") {
    const base::Status ready = is_ready_();
    return ready ? plain(200, "ready\n", "GET /readyz")
                 : plain(503, ready.error().message + "\n", "GET /readyz");
  }
  auto path = parse_request_path(request.target);
  if (!path) {
    return refusal(path.error(), Subject::kEndpoint);
  }
  if (path->segments.front() != kCatalogFolder) {
    return refusal(base::not_found("there is /healthz, /readyz, /metrics and /iceberg/v1"),
                   Subject::kEndpoint);
  }
  path->segments.erase(path->segments.begin());
  return catalog_.answer(request, *path);
}

void Daemon::note(const HttpExchange& exchange) {
  counters_.add(exchange);
  const auto severity = exchange.status >= 500   ? telemetry::Severity::kError
                        : exchange.status >= 400 ? telemetry::Severity::kWarning
                                                 : telemetry::Severity::kInfo;
  log_.log(severity, "http.request",
           {{"method", exchange.method},
            {"target", exchange.target.substr(0, kLoggedTargetBytes)},
            {"endpoint", exchange.endpoint},
            {"status", std::int64_t{exchange.status}},
            {"peer", exchange.peer},
            {"request_bytes", static_cast<std::int64_t>(exchange.request_bytes)},
            {"response_bytes", static_cast<std::int64_t>(exchange.response_bytes)},
            {"took_us", exchange.took_us}});
}

void Daemon::serve(HttpServer& server, std::stop_token stop) {
  HttpHandler handler;
  handler.answer_now = [this](const HttpRequest& request) { return answer_now(request); };
  handler.answer = [this](const HttpRequest& request) { return answer(request); };
  handler.refuse = [](int status, std::string_view reason) {
    return refusal(status, status == 503 ? "ServiceUnavailableException" : "BadRequestException",
                   reason);
  };
  handler.finished = [this](const HttpExchange& exchange) { note(exchange); };
  server.serve(handler, std::move(stop));
}

}  // namespace sluice::api
