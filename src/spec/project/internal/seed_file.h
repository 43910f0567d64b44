#pragma once

#include <string>

#include "sluice/contract/contract.h"
#include "sluice/data/csv_table.h"
#include "sluice/project/project.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project::internal {

/// One file of seeds/: rows kept with the project. It is a model whose SELECT is its rows, so
/// whatever holds for models holds for it: a changed file replaces the table in one commit, an
/// unchanged one does nothing, a contract of the table's name judges it.
struct Seed {
  Model model;
  data::CsvTable rows;
};

/// Reads `seeds/<name>.csv` as the table `seeds.<name>`, `seeds/<namespace>/<name>.csv` as
/// `<namespace>.<name>`. What is wrong with it is a diagnostic.
Seed read_seed(std::string file, std::string_view text, yaml::Diagnostics& diagnostics);

/// Writes the model's SELECT. A column has the type that the contract (if any) gives it, else the
/// narrowest that all its values have.
void write_select(Seed& seed, const contract::Contract* contract);

}  // namespace sluice::project::internal
