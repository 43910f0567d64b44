#pragma once

#include <map>
#include <string>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/plan/plan.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/lender.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// The parts that planning reads. All outlive the call.
struct PlanningParts {
  const project::Project& project;
  const project::Analysis& analysis;
  lake::Catalog& catalog;
  storage::FileIo& files;
  const base::Clock& clock;
  const Lender* lender = nullptr;  // of a target that borrows tables
};

struct PlanningOptions {
  std::string target;
  std::string program_version;
  std::string select;
  std::string exclude;
  std::map<std::string, std::string> variables;  // as given on the command line
  bool full_refresh = false;
};

/// Says what `invoke` with the same selection would do now, at what price, and what it follows.
/// Changes nothing, and reads the metadata of tables that would run alone.
base::Result<plan::Plan> make_plan(const PlanningParts& parts, const PlanningOptions& options);

}  // namespace sluice::run
