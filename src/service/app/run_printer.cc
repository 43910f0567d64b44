#include "sluice/app/run_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::app {

namespace {

using run::RunState;
using run::RunSummary;

constexpr std::chrono::milliseconds kDrawEvery{200};
constexpr std::size_t kLinesMax = 8;
constexpr double kShareMax = 0.99;     // what is left to do may be small, but it is not nothing
constexpr double kShareTrusted = 0.1;  // below, a share says too little of the time that is left

std::string facts_of(const RunSummary& summary) {
  switch (summary.state) {
    case RunState::kPublished: {
      std::string text = fmt::format("{} {}", base::format_count(summary.rows),
                                     summary.rows == 1 ? "row" : "rows");
      if (summary.refused > 0) {
        text += fmt::format(", {} refused", base::format_count(summary.refused));
      }
      return text + fmt::format(", {}, {} ({:.1f} CPU-s, {})",
                                base::format_bytes(static_cast<std::uint64_t>(summary.bytes)),
                                base::format_duration_us(summary.wall_us),
                                static_cast<double>(summary.cpu_us) / 1e6, summary.reason);
    }
    case RunState::kUnchanged:
    case RunState::kBlocked:
    case RunState::kCancelled:
      return summary.reason;
    default:
      return summary.error;
  }
}

}  // namespace

RunPrinter::RunPrinter(std::FILE* out, bool quiet)
    : out_(out), terminal_(::isatty(::fileno(out)) == 1), quiet_(quiet), area_(out) {
  if (is_live()) {
    drawer_ = std::jthread([this](const std::stop_token& stop) { draw_now_and_then(stop); });
  }
}

RunPrinter::~RunPrinter() { join_drawer(); }

/// What is left to print is printed, and the area is gone.
void RunPrinter::join_drawer() {
  if (drawer_.joinable()) {
    drawer_ = {};
    area_.show(std::exchange(pending_, ""), {});
  }
}

void RunPrinter::draw_now_and_then(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::string above;
    std::vector<std::string> shown;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kDrawEvery, [this] { return !pending_.empty(); });
      above = std::exchange(pending_, "");
      shown = lines();
    }
    area_.show(above, shown);
  }
}

void RunPrinter::planned(std::size_t runs) {
  const std::lock_guard lock(mutex_);
  planned_ = runs;
}

void RunPrinter::progressed(const std::string& table, const job::Progress& progress) {
  const std::lock_guard lock(mutex_);
  if (const auto found = active_.find(table); found != active_.end()) {
    found->second.progress = progress;
  }
}

void RunPrinter::stopping() { print("stopping; once more to end at once\n"); }

/// What is read of the input tells how far a decode is, which reads every byte once; a model reads
/// the columns that it needs, so that only the time that it took before says more.
std::string RunPrinter::line_of(const std::string& table, const Active& active,
                                Clock::time_point now) {
  const std::int64_t elapsed_us =
      std::chrono::duration_cast<std::chrono::microseconds>(now - active.since).count();
  const auto bytes = [](std::int64_t count) {
    return base::format_bytes(static_cast<std::uint64_t>(count));
  };
  std::string line =
      fmt::format("{:<8} {:<28} {:>9}", active.stage, table, base::format_duration_us(elapsed_us));
  double share = -1;
  std::int64_t left_us = -1;
  if (active.stage == "decode" && active.input_bytes > 0) {
    share = std::min(kShareMax, static_cast<double>(active.progress.read_bytes) /
                                    static_cast<double>(active.input_bytes));
    line += fmt::format("  {:>2.0f} % of {}", share * 100, bytes(active.input_bytes));
  } else if (active.progress.read_bytes > 0) {
    line += fmt::format("  {} read", bytes(active.progress.read_bytes));
  }
  if (share >= kShareTrusted) {
    left_us = static_cast<std::int64_t>(static_cast<double>(elapsed_us) * (1 - share) / share);
  } else if (active.expected_us > 0) {
    left_us = active.expected_us - elapsed_us;
  }
  if (left_us > 0) {
    line += fmt::format(", about {} left", base::format_duration_us(left_us));
  } else if (active.expected_us > 0) {
    line += fmt::format(", took {} before", base::format_duration_us(active.expected_us));
  }
  return line;
}

std::vector<std::string> RunPrinter::lines() const {
  const Clock::time_point now = Clock::now();
  std::vector<std::string> lines;
  for (const auto& [table, active] : active_) {
    if (lines.size() == kLinesMax) {
      lines.push_back(fmt::format("and {} more", active_.size() - kLinesMax));
      break;
    }
    lines.push_back(line_of(table, active, now));
  }
  const std::int64_t elapsed_us =
      std::chrono::duration_cast<std::chrono::microseconds>(now - began_).count();
  lines.push_back(
      fmt::format("{} of {} done, {}", ended_, planned_, base::format_duration_us(elapsed_us)));
  return lines;
}

/// Whole lines that stay.
void RunPrinter::print(const std::string& text) {
  if (!is_live()) {
    fmt::print(out_, "{}", text);
    std::fflush(out_);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    pending_ += text;
  }
  wake_.notify_all();
}

void RunPrinter::told(const RunSummary& summary, const run::Stage* stage) {
  if (quiet_) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (stage != nullptr) {
      active_[summary.table] = {
          stage->name, stage->input_bytes, stage->expected_us, Clock::now(), {}};
      return;
    }
    active_.erase(summary.table);
    ++ended_;
  }
  std::string text;
  if (summary.state != RunState::kUnchanged) {
    text = fmt::format("{:<12}{:<34} {}\n", run::to_text(summary.state), summary.table,
                       facts_of(summary));
  }
  for (const std::string& note : summary.notes) {
    text += fmt::format("{:<12}  {}\n", "", note);
  }
  for (const std::string& problem : summary.problems) {
    text += fmt::format("{:<12}  problem: {}\n", "", problem);
  }
  if (!text.empty()) {
    print(text);
  }
}

void RunPrinter::finish(const run::InvocationReport& report) {
  if (quiet_) {
    return;
  }
  join_drawer();
  for (const std::string& line : report.repaired) {
    fmt::print(out_, "repaired    {}\n", line);
  }
  const auto count = [&](auto wanted) {
    return std::count_if(report.runs.begin(), report.runs.end(), wanted);
  };
  const auto published =
      count([](const RunSummary& run) { return run.state == RunState::kPublished; });
  const auto unchanged =
      count([](const RunSummary& run) { return run.state == RunState::kUnchanged; });
  const auto others = static_cast<std::ptrdiff_t>(report.runs.size()) - published - unchanged;
  fmt::print(out_, "{} published, {} unchanged, {} not up to date, in {}\n", published, unchanged,
             others, base::format_duration_us(report.wall_us));
}

std::string report_json(const run::InvocationReport& report) {
  nlohmann::ordered_json document;
  document["invocation"] = report.id.text;
  document["ok"] = report.ok();
  document["cancelled"] = report.cancelled;
  document["wall_s"] = static_cast<double>(report.wall_us) / 1e6;
  document["repaired"] = report.repaired;
  document["runs"] = nlohmann::ordered_json::array();
  for (const RunSummary& summary : report.runs) {
    nlohmann::ordered_json run;
    run["id"] = summary.id.text;
    run["table"] = summary.table;
    run["state"] = run::to_text(summary.state);
    run["reason"] = summary.reason;
    run["error"] = summary.error;
    run["tactic"] = summary.tactic;
    run["rows"] = summary.rows;
    run["refused"] = summary.refused;
    run["bytes"] = summary.bytes;
    run["wall_s"] = static_cast<double>(summary.wall_us) / 1e6;
    run["cpu_s"] = static_cast<double>(summary.cpu_us) / 1e6;
    run["memory_peak_bytes"] = summary.memory_peak_bytes;
    if (summary.snapshot_id) {
      run["snapshot_id"] = *summary.snapshot_id;
    }
    run["notes"] = summary.notes;
    run["problems"] = summary.problems;
    document["runs"].push_back(std::move(run));
  }
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sluice::app
