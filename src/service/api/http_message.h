#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::api {

/// A request as it came; header names are in lower case.
struct HttpRequest {
  std::string method;
  std::string target;  // path and query, still encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  // address and port

  /// The first header of that name (lower case), "" when there is none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string endpoint;  // what answered, for log and counters; never sent
};

/// What happened on the wire, for log and counters.
struct HttpExchange {
  std::string method;
  std::string target;
  std::string endpoint;
  std::string peer;
  int status = 0;
  std::size_t request_bytes = 0;
  std::size_t response_bytes = 0;
  std::int64_t took_us = 0;  // from the request's last byte to the answer's
};

}  // namespace sluice::api
