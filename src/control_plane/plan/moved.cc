#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/plan/plan.h"

namespace sluice::plan {

namespace {

using Lines = std::vector<std::string>;

void compare_objects(const Plan& planned, const Plan& now, Lines& lines) {
  for (const auto& [name, digest] : planned.objects) {
    const auto found = now.objects.find(name);
    // What is missing belongs to a table that does not run now, which is told below.
    if (found != now.objects.end() && found->second != digest) {
      lines.push_back(fmt::format("{} changed", name));
    }
  }
}

void compare_files(const PlannedRun& planned, const PlannedRun& now, Lines& lines) {
  std::set<std::string> seen;
  for (const PlannedFile& file : planned.files) {
    seen.insert(file.name);
    const auto same = std::find(now.files.begin(), now.files.end(), file);
    const auto named = std::find_if(now.files.begin(), now.files.end(),
                                    [&](const PlannedFile& one) { return one.name == file.name; });
    if (same == now.files.end()) {
      lines.push_back(fmt::format("{}: file {} {}", planned.table, file.name,
                                  named == now.files.end() ? "is gone" : "changed"));
    }
  }
  for (const PlannedFile& file : now.files) {
    if (!seen.contains(file.name)) {
      lines.push_back(fmt::format("{}: new file {}", planned.table, file.name));
    }
  }
}

void compare_snapshots(const PlannedRun& planned, const PlannedRun& now, Lines& lines) {
  if (planned.snapshot != now.snapshot) {
    lines.push_back(fmt::format("table {} is at snapshot {}, not at {}", planned.table,
                                now.snapshot.value_or(0), planned.snapshot.value_or(0)));
  }
  for (const auto& [table, snapshot] : now.inputs) {
    const auto before = planned.inputs.find(table);
    if (before == planned.inputs.end() || before->second != snapshot) {
      lines.push_back(
          fmt::format("table {}, which {} reads, has a new snapshot", table, planned.table));
    }
  }
}

void compare_price(const PlannedRun& planned, const PlannedRun& now, Lines& lines) {
  if (now.cpu_s.predicted < planned.cpu_s.low || now.cpu_s.predicted > planned.cpu_s.high) {
    lines.push_back(fmt::format(
        "the price of {} left its interval: {:.3f} CPU-seconds, planned were {:.3f} to {:.3f}",
        planned.table, now.cpu_s.predicted, planned.cpu_s.low, planned.cpu_s.high));
  }
}

void compare_sheet(const project::Prices& planned, const project::Prices& now, Lines& lines) {
  if (planned.currency != now.currency || planned.cpu_hour != now.cpu_hour ||
      planned.memory_gib_hour != now.memory_gib_hour ||
      planned.storage_gib_month != now.storage_gib_month) {
    lines.emplace_back("the prices in sluice.yaml changed");
  }
}

}  // namespace

std::vector<std::string> moved(const Plan& planned, const Plan& now) {
  Lines lines;
  if (planned.program_version != now.program_version) {
    lines.push_back(fmt::format("this is sluice {}, the plan was made by {}", now.program_version,
                                planned.program_version));
  }
  compare_objects(planned, now, lines);
  compare_sheet(planned.prices, now.prices, lines);
  for (const PlannedRun& run : planned.runs) {
    const PlannedRun* again = now.find(run.table);
    if (again == nullptr) {
      lines.push_back(fmt::format("{} would not run now: it is up to date, or gone", run.table));
      continue;
    }
    compare_files(run, *again, lines);
    compare_snapshots(run, *again, lines);
    compare_price(run, *again, lines);
  }
  for (const PlannedRun& run : now.runs) {
    if (planned.find(run.table) == nullptr) {
      lines.push_back(fmt::format("{} would run, too: {}", run.table, run.reason));
    }
  }
  return lines;
}

}  // namespace sluice::plan
