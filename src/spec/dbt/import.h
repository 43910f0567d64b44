#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::dbt {

/// Something of the dbt project that has no equal here, or only in part.
struct LeftOver {
  std::string file;    // of the dbt project
  std::string what;    // `macro cents_to_dollars`
  std::string reason;  // and what to do about it

  friend bool operator==(const LeftOver&, const LeftOver&) = default;
};

/// A test of one column, or of a model, as dbt's YAML declares it.
struct ColumnTest {
  std::string column;               // "" for a test of the model
  std::string kind;                 // unique, not_null, accepted_values, relationships
  std::vector<std::string> values;  // accepted_values
  std::string to_table;             // relationships, our name
  std::string to_column;            // relationships
  bool warns = false;               // severity: warn
};

struct ColumnDescription {
  std::string name;
  std::string description;
  std::string data_type;  // as written, "" when it is not
};

/// A model, seed or source table after the import, with what its contract will hold.
struct ImportedTable {
  std::string table;  // `marts.orders`
  std::string file;   // `models/marts/orders.sql`, as made
  std::string from;   // file of the dbt project
  std::string description;
  std::vector<ColumnDescription> columns;
  std::vector<ColumnTest> tests;
  bool typed = false;  // a seed whose properties give a column its type
};

/// What an import makes of a dbt project. `files` are ours, by path relative to the new project;
/// the contracts of `tables` are not among them, since they need the columns' types.
struct Import {
  std::string name;
  std::map<std::string, std::string> files;
  std::vector<ImportedTable> models;
  std::vector<ImportedTable> seeds;
  std::vector<ImportedTable> sources;
  std::vector<LeftOver> left;
};

/// Reads a dbt project (dbt 1.x: dbt_project.yml, models, seeds, macros, tests, snapshots) and
/// turns it into the files of one of ours. What cannot be is listed, never dropped in silence.
/// kNotFound: no dbt_project.yml; kInvalidInput: it is damaged.
base::Result<Import> import_project(const std::filesystem::path& root);

/// Writes the contract that holds a table to its tests and carries its descriptions. `types` are
/// the columns of the table in order, each with its type as ODCS's physicalType takes it. Returns
/// "" when there is nothing to hold it to and nothing to describe, unless it is `needed` all the
/// same; and "" without columns.
std::string contract_text(const ImportedTable& table,
                          const std::vector<std::pair<std::string, std::string>>& types,
                          bool needed = false);

}  // namespace sluice::dbt
