#include "sluice/api/request_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice::api {

namespace {

constexpr double kUsPerSecond = 1e6;

}  // namespace

void RequestCounters::add(const HttpExchange& exchange) {
  const std::lock_guard lock(mutex_);
  ++requests_[{exchange.endpoint, exchange.status}];
  const auto bucket = std::lower_bound(kBucketsUs.begin(), kBucketsUs.end(), exchange.took_us);
  ++took_[static_cast<std::size_t>(std::distance(kBucketsUs.begin(), bucket))];
  took_us_ += exchange.took_us;
  request_bytes_ += static_cast<std::int64_t>(exchange.request_bytes);
  response_bytes_ += static_cast<std::int64_t>(exchange.response_bytes);
}

std::string RequestCounters::to_text() const {
  const std::lock_guard lock(mutex_);
  std::string text =
      "# HELP sluice_http_requests_total Requests answered, by endpoint and status.\n"
      "# TYPE sluice_http_requests_total counter\n";
  for (const auto& [key, count] : requests_) {
    text += fmt::format("sluice_http_requests_total{{endpoint=\"{}\",status=\"{}\"}} {}\n",
                        key.first, key.second, count);
  }
  text +=
      "# HELP sluice_http_request_seconds Time from a request's last byte to its answer's.\n"
      "# TYPE sluice_http_request_seconds histogram\n";
  std::int64_t below = 0;
  for (std::size_t i = 0; i < kBucketsUs.size(); ++i) {
    below += took_[i];
    text += fmt::format("sluice_http_request_seconds_bucket{{le=\"{}\"}} {}\n",
                        static_cast<double>(kBucketsUs[i]) / kUsPerSecond, below);
  }
  below += took_.back();
  text += fmt::format(
      "sluice_http_request_seconds_bucket{{le=\"+Inf\"}} {0}\n"
      "sluice_http_request_seconds_sum {1}\nsluice_http_request_seconds_count {0}\n"
      "# HELP sluice_http_request_bytes_total Bytes of request bodies.\n"
      "# TYPE sluice_http_request_bytes_total counter\nsluice_http_request_bytes_total {2}\n"
      "# HELP sluice_http_response_bytes_total Bytes of response bodies.\n"
      "# TYPE sluice_http_response_bytes_total counter\nsluice_http_response_bytes_total {3}\n",
      below, static_cast<double>(took_us_) / kUsPerSecond, request_bytes_, response_bytes_);
  return text;
}

}  // namespace sluice::api
