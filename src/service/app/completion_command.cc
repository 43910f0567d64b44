#include <fmt/format.h>

#include "sluice/app/commands.h"
#include "sluice/app/workspace.h"

namespace sluice::app {

base::Result<int> run_completion(const CommandLine& line) {
  if (!line.script.empty()) {
    fmt::print("{}", line.script);
    return 0;
  }
  // Names of the project's tables, for the scripts.
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  for (const project::Source& source : workspace->project().sources) {
    fmt::print("{}\n", source.table);
  }
  for (const project::Model& model : workspace->project().models) {
    fmt::print("{}\n", model.table);
  }
  return 0;
}

}  // namespace sluice::app
