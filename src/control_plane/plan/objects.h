#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/project/analysis.h"
#include "sluice/project/graph.h"
#include "sluice/project/project.h"

namespace sluice::plan {

enum class ObjectKind { kSettings, kOptimizer, kSource, kContract, kModel };

std::string_view to_text(ObjectKind kind);

/// A part of the project that runs follow, as it was applied: `digest` changes when what it makes
/// may change. `detail` is a contract's text, for the comparison with the next one.
struct ProjectObject {
  std::string digest;
  std::string version;  // of a contract
  std::string detail;
};

/// By kind and name. The names are tables, and files for contracts.
using ProjectObjects = std::map<std::pair<std::string, std::string>, ProjectObject>;

/// Returns every object of the project as it is now.
ProjectObjects objects_of(const project::Project& project, const project::Analysis& analysis);

/// Returns those that the runs of a table follow: its source or model and its contract.
ProjectObjects objects_of_table(const project::Project& project, const project::GraphTable& table,
                                const ProjectObjects& all);

/// Compares a table's definition with the applied one.
project::DefinitionState definition_state(const project::Project& project,
                                          const project::GraphTable& table,
                                          const ProjectObjects& now, const ProjectObjects& applied);

}  // namespace sluice::plan
