#include "sluice/app/plan_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sluice/base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kRunsShown = 40;
constexpr std::size_t kNamesShown = 8;

std::string seconds(double s) {
  return s < 10 ? fmt::format("{:.2f}", s) : base::format_count(std::llround(s));
}

std::string range_text(const plan::Range& range) {
  return fmt::format("{} ({} - {})", seconds(range.predicted), seconds(range.low),
                     seconds(range.high));
}

std::string rows_text(std::int64_t rows) { return rows < 0 ? "?" : base::format_count(rows); }

std::string bytes_text(std::int64_t bytes) {
  return base::format_bytes(static_cast<std::uint64_t>(bytes));
}

std::string names_text(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text = base::join(std::span(names).first(shown), ", ");
  if (names.size() > shown) {
    text += fmt::format(" and {} more", names.size() - shown);
  }
  return text;
}

std::string columns_text(const std::vector<plan::ColumnChange>& columns) {
  std::string text;
  for (const plan::ColumnChange& column : columns) {
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", column.column, column.change,
                        column.breaks ? " (breaks readers)" : "");
  }
  return text;
}

void print_changes(const plan::Plan& plan, std::FILE* out) {
  std::map<std::string, std::size_t> fresh;  // kinds with many new objects are counted
  for (const plan::ObjectChange& change : plan.changes) {
    fresh[change.kind] += change.change == "new" ? 1 : 0;
  }
  for (const plan::ObjectChange& change : plan.changes) {
    if (change.change != "new" || fresh[change.kind] <= kNamesShown) {
      fmt::print(out, "  {:<9} {:<32} {}\n", change.kind, change.name, change.change);
    }
  }
  for (const auto& [kind, count] : fresh) {
    if (count > kNamesShown) {
      fmt::print(out, "  {:<9} {} are new\n", kind,
                 base::format_count(static_cast<std::int64_t>(count)));
    }
  }
  if (!plan.changes.empty()) {
    fmt::print(out, "\n");
  }
}

void print_run(const plan::PlannedRun& run, std::FILE* out) {
  fmt::print(out, "{:<28} {:<7} {:>12} {:>10} {:>20}  {}\n", run.table, run.tactic,
             rows_text(run.rows_in), bytes_text(run.bytes_in), range_text(run.cpu_s), run.reason);
  fmt::print(out, "{:<28} basis: {}\n", "", run.basis);
  if (!run.columns.empty()) {
    fmt::print(out, "{:<28} columns: {}\n", "", columns_text(run.columns));
  }
}

void print_total(const plan::Plan& plan, std::FILE* out) {
  const project::Prices& prices = plan.prices;
  fmt::print(out, "\nCPU-seconds {}, seconds {}\n", range_text(plan.cpu_s),
             range_text(plan.wall_s));
  fmt::print(out, "cost        {} ({} - {}), and {} a month for what is written\n",
             format_money(plan.money.predicted, prices.currency),
             format_money(plan.money.low, prices.currency),
             format_money(plan.money.high, prices.currency),
             format_money(plan.storage_month, prices.currency));
  fmt::print(out, "            at {} {} a CPU hour, {} a GiB hour of memory, {} a GiB month{}\n",
             prices.cpu_hour, prices.currency, prices.memory_gib_hour, prices.storage_gib_month,
             prices.stated ? "" : " (assumed; say yours under 'prices' in sluice.yaml)");
}

}  // namespace

std::string format_money(double amount, const std::string& currency) {
  if (amount == 0 || amount >= 0.1) {
    return fmt::format("{:.2f} {}", amount, currency);
  }
  // Three digits that are not leading zeros.
  const int digits = std::min(12, 2 - static_cast<int>(std::floor(std::log10(amount))));
  return fmt::format("{:.{}f} {}", amount, digits, currency);
}

void print_plan(const plan::Plan& plan, std::FILE* out) {
  const std::size_t runs = plan.runs.size();
  fmt::print(out, "{} (target {}): {} {} run, {} up to date\n\n", plan.project, plan.target,
             base::format_count(static_cast<std::int64_t>(runs)),
             runs == 1 ? "table would" : "tables would", base::format_count(plan.fresh));
  print_changes(plan, out);
  if (runs > 0) {
    fmt::print(out, "{:<28} {:<7} {:>12} {:>10} {:>20}  {}\n", "table", "tactic", "rows in",
               "bytes in", "CPU-seconds", "why");
    for (std::size_t i = 0; i < std::min(runs, kRunsShown); ++i) {
      print_run(plan.runs[i], out);
    }
    if (runs > kRunsShown) {
      fmt::print(out, "and {} more, which --json lists\n", runs - kRunsShown);
    }
    print_total(plan, out);
  }
  if (!plan.affected.empty()) {
    fmt::print(out, "\nstale after it, as they are not in the plan: {}\n",
               names_text(plan.affected));
  }
  for (const std::string& file : plan.not_ready) {
    fmt::print(out, "not ready: {}\n", file);
  }
}

}  // namespace sluice::app
