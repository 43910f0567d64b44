#pragma once

#include <string>
#include <vector>

#include "sluice/project/analysis.h"
#include "sluice/sql/portability.h"

namespace sluice::project {

/// A construct of a model that another engine does not take as it is written, at its place in the
/// model's file.
struct PortabilityProblem {
  std::string model;
  yaml::Diagnostic place;  // its message names the construct and the engines
  sql::PortabilityFinding finding;
};

/// Lists them model by model. A model whose statement is known to the engine alone (see
/// ModelAnalysis::opaque) is one itself.
std::vector<PortabilityProblem> portability_problems(const Project& project,
                                                     const Analysis& analysis);

}  // namespace sluice::project
