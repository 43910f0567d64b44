#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "sluice/run/invocation.h"
#include "sluice/run/table_run.h"

namespace sluice::app {

/// Prints a run as it goes: on a terminal one line that is rewritten, elsewhere a line per event.
class RunPrinter {
 public:
  /// `total` runs are expected; `quiet` prints nothing until the end.
  RunPrinter(std::FILE* out, bool quiet);

  void told(const run::RunSummary& summary, const std::string* stage);
  /// Prints what became of every table.
  void finish(const run::InvocationReport& report);

 private:
  void draw();

  std::FILE* out_;
  bool terminal_;
  bool quiet_;
  std::map<std::string, std::string> active_;
  std::size_t ended_ = 0;
};

/// The report as JSON, for programs.
std::string report_json(const run::InvocationReport& report);

}  // namespace sluice::app
