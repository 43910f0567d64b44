#pragma once

#include <map>
#include <string>

#include "sluice/base/result.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/sql/frontend.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project::internal {

/// Finds the tables and columns that the contracts' relationships name: by the name or id of
/// another contract's schema object, or by its table's name. Fills ReferenceRule::table and
/// `target`.
void resolve_references(Project& project, yaml::Diagnostics& diagnostics);

/// Binds the SQL of the contracts' rules to the tables that they judge, and fills
/// Analysis::contract_reads. A query that does not bind, yields no single number, reads what is no
/// table of the project or may answer differently another time is reported. `tables` are those of
/// sources; models are taken from the analysis.
base::Status check_contract_queries(const Project& project,
                                    const std::map<std::string, data::Schema>& tables,
                                    sql::Frontend& frontend, Analysis& analysis,
                                    yaml::Diagnostics& diagnostics);

}  // namespace sluice::project::internal
