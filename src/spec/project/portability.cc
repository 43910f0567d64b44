#include "sluice/project/portability.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/project/internal/variables.h"

namespace sluice::project {

namespace {

std::string message_of(const sql::PortabilityFinding& finding) {
  if (finding.rewritten) {
    return finding.construct + " is called otherwise elsewhere";
  }
  const std::string_view who = finding.spark   ? "Flink does not understand it"
                               : finding.flink ? "Spark does not understand it"
                                               : "neither Spark nor Flink understands it";
  return fmt::format("{}: {}", finding.construct, who);
}

}  // namespace

std::vector<PortabilityProblem> portability_problems(const Project& project,
                                                     const Analysis& analysis) {
  std::vector<PortabilityProblem> problems;
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const Model& model = project.models[i];
    if (model.is_seed()) {
      continue;  // rows as somebody wrote them
    }
    const ModelAnalysis& known = analysis.models[i];
    const yaml::SourceText source{model.file, model.text};
    const auto add = [&](yaml::Mark mark, std::string message, sql::PortabilityFinding finding) {
      problems.push_back({model.table,
                          {model.file, mark, std::move(message), finding.instead,
                           std::string(source.line(mark.line))},
                          std::move(finding)});
    };
    if (known.bound == nullptr) {
      sql::PortabilityFinding finding;
      finding.construct = "a statement that only DuckDB can read";
      finding.spark = finding.flink = false;
      finding.instead = known.opaque_reason;
      add(model.place(0), message_of(finding), finding);
      continue;
    }
    const sql::BoundStatement written = internal::bind_variables_of(project, model);
    for (sql::PortabilityFinding& finding :
         sql::portability_of(*known.bound->statement.query, known.sql)) {
      const auto byte =
          static_cast<std::size_t>(std::max<std::int64_t>(written.as_written(finding.offset), 0));
      std::string message = message_of(finding);
      add(model.place(std::min(byte, model.sql().size())), std::move(message), std::move(finding));
    }
  }
  return problems;
}

}  // namespace sluice::project
