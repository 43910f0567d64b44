#pragma once

#include <map>
#include <string>

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/sql/variables.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Values that the command line gives, by name.
using GivenVariables = std::map<std::string, std::string>;

/// Reads `vars` of sluice.yaml, then what the target in use says otherwise, then what was given.
/// kNotFound, with the nearest name, for a given variable that is not declared; kInvalidInput when
/// the text given is not of the variable's type.
base::Status read_variables(const yaml::Node& root, const std::string& target,
                            const GivenVariables& given, Project& project, yaml::Reader& reader);

/// Looks `vars.name` up in the project, anything else in `env`. The project must outlive it.
yaml::EnvLookup with_variables(yaml::EnvLookup env, const Project& project);

/// Writes the value as an SQL expression of its type: `CAST(7 AS BIGINT)`, `DATE '2013-01-01'`.
std::string sql_literal(const Variable& variable);

/// Puts the project's variables into a model's statement.
sql::BoundStatement bind_variables_of(const Project& project, const Model& model);

}  // namespace sluice::project::internal
