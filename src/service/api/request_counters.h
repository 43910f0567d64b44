#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "sluice/api/http_message.h"

namespace sluice::api {

/// Counts requests by endpoint and status and how long they took. Thread-safe.
class RequestCounters {
 public:
  void add(const HttpExchange& exchange);
  /// Writes all counters in Prometheus' text format 0.0.4.
  std::string to_text() const;

 private:
  static constexpr std::array<std::int64_t, 9> kBucketsUs = {
      500, 1'000, 2'000, 5'000, 20'000, 100'000, 500'000, 2'000'000, 10'000'000};

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::int64_t> requests_;
  std::array<std::int64_t, kBucketsUs.size() + 1> took_{};  // the last: longer than every bucket
  std::int64_t took_us_ = 0;
  std::int64_t request_bytes_ = 0;
  std::int64_t response_bytes_ = 0;
};

}  // namespace sluice::api
