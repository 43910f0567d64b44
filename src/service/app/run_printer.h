#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sluice/app/live_area.h"
#include "sluice/job/progress.h"
#include "sluice/run/invocation.h"
#include "sluice/run/table_run.h"

namespace sluice::app {

/// Prints a run as it goes: a line per table that ended and, on a terminal, below them what runs
/// now, how far it is and how long it will take. Thread-safe.
class RunPrinter {
 public:
  /// `quiet` prints nothing at all.
  RunPrinter(std::FILE* out, bool quiet);
  ~RunPrinter();
  RunPrinter(const RunPrinter&) = delete;
  RunPrinter& operator=(const RunPrinter&) = delete;

  void planned(std::size_t runs);
  void told(const run::RunSummary& summary, const run::Stage* stage);
  void progressed(const std::string& table, const job::Progress& progress);
  /// Says that a stop was asked for.
  void stopping();
  /// Prints what became of every table.
  void finish(const run::InvocationReport& report);

  bool is_live() const { return terminal_ && !quiet_; }

 private:
  using Clock = std::chrono::steady_clock;

  /// A stage that goes on.
  struct Active {
    std::string stage;
    std::int64_t input_bytes = 0;
    std::int64_t expected_us = 0;
    Clock::time_point since;
    job::Progress progress;
  };

  static std::string line_of(const std::string& table, const Active& active, Clock::time_point now);
  std::vector<std::string> lines() const;
  void print(const std::string& text);
  void join_drawer();
  void draw_now_and_then(const std::stop_token& stop);

  std::FILE* out_;
  const bool terminal_;
  const bool quiet_;
  const Clock::time_point began_ = Clock::now();
  LiveArea area_;  // the drawing thread's, as long as there is one
  std::mutex mutex_;
  std::string pending_;                   // whole lines to print for good
  std::map<std::string, Active> active_;  // by table
  std::size_t planned_ = 0;
  std::size_t ended_ = 0;
  std::condition_variable_any wake_;
  std::jthread drawer_;  // last: it ends before the rest
};

/// The report as JSON, for programs.
std::string report_json(const run::InvocationReport& report);

}  // namespace sluice::app
