#include "sluice/app/run_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/text.h"

namespace sluice::app {

namespace {

using run::RunState;
using run::RunSummary;

constexpr const char* kEraseLine = "\r\x1b[2K";

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
    : out_(out), terminal_(::isatty(::fileno(out)) == 1), quiet_(quiet) {}

void RunPrinter::told(const RunSummary& summary, const std::string* stage) {
  if (quiet_) {
    return;
  }
  if (stage != nullptr) {
    active_[summary.table] = *stage;
  } else {
    active_.erase(summary.table);
    ++ended_;
    if (summary.state != RunState::kUnchanged) {
      fmt::print(out_, "{}{:<12}{:<34} {}\n", terminal_ ? kEraseLine : "",
                 run::to_text(summary.state), summary.table, facts_of(summary));
    }
    for (const std::string& note : summary.notes) {
      fmt::print(out_, "{:<12}  {}\n", "", note);
    }
    for (const std::string& problem : summary.problems) {
      fmt::print(out_, "{:<12}  problem: {}\n", "", problem);
    }
  }
  draw();
}

void RunPrinter::draw() {
  if (!terminal_) {
    std::fflush(out_);
    return;
  }
  std::string line;
  for (const auto& [table, stage] : active_) {
    line += fmt::format("  {} {}", stage, table);
  }
  fmt::print(out_, "{}{} done{}", kEraseLine, ended_, line.substr(0, 100));
  std::fflush(out_);
}

void RunPrinter::finish(const run::InvocationReport& report) {
  if (quiet_) {
    return;
  }
  if (terminal_) {
    fmt::print(out_, "{}", kEraseLine);
  }
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
