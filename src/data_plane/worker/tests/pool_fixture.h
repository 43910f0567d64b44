#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/worker/pool.h"

namespace sluice::worker {

inline PoolOptions test_options() {
  PoolOptions options;
  options.program = SLUICE_WORKER_TEST_CHILD;
  options.workers_max = 2;
  return options;
}

inline job::Request command(std::string text, std::int64_t grant_mib = 256) {
  job::Request request;
  request.job = job::QueryJob{{}, {}, std::move(text), 0};
  request.limits.memory_bytes = grant_mib << 20;
  return request;
}

struct Answer {
  base::Result<job::Response> response;
  std::vector<std::string> rows;
};

/// Runs a command and collects its rows of text.
inline Answer ask(Pool& pool, const job::Request& request, std::stop_token stop = {},
                  std::span<const int> fds = {}) {
  std::vector<std::string> rows;
  auto response = pool.run(
      request,
      [&](data::Batch batch) -> base::Status {
        for (const data::Value& value : batch.columns.at(0).values) {
          if (const auto* text = std::get_if<std::string>(&value)) {
            rows.push_back(*text);
          }
        }
        return {};
      },
      stop, fds);
  return {std::move(response), std::move(rows)};
}

inline base::ErrorKind kind_of(const Answer& answer) {
  EXPECT_FALSE(answer.response.ok());
  return answer.response.ok() ? base::ErrorKind::kInternal : answer.response.error().kind;
}

/// Says whether this process has any child left, running or zombie.
inline bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// Waits for a condition that another thread brings about, at most five seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline std::string slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace sluice::worker
