#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "sluice/api/http_server.h"
#include "sluice/api/request_counters.h"
#include "sluice/api/rest_catalog.h"
#include "sluice/telemetry/log.h"

namespace sluice::api {

/// What `sluice up` serves on its port: `/healthz`, `/readyz`, `/metrics` and the catalog under
/// `/iceberg`. Every request is logged and counted.
class Daemon {
 public:
  /// `is_ready` says what keeps the daemon from its work, if anything; asked on the thread that
  /// serves. All references outlive the daemon.
  Daemon(RestCatalog& catalog, std::function<base::Status()> is_ready, telemetry::Logger& log);

  /// Serves until `stop` is requested.
  void serve(HttpServer& server, std::stop_token stop);

  /// Answers one request; what serve() has the server ask.
  HttpResponse answer(const HttpRequest& request);
  std::optional<HttpResponse> answer_now(const HttpRequest& request) const;

 private:
  void note(const HttpExchange& exchange);

  RestCatalog& catalog_;
  std::function<base::Status()> is_ready_;
  telemetry::Logger& log_;
  RequestCounters counters_;
};

/// kInvalidInput for an address beyond this machine, where tokens and TLS would be needed.
base::Status check_loopback(const std::string& address);

}  // namespace sluice::api
