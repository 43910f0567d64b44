#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <vector>

#include "sluice/duck/functions.h"
#include "sluice/duck/result.h"

namespace sluice::duck {

struct QueryResult::Handle {
  duckdb_result result{};
  bool streaming = false;
  std::vector<ResultColumn> columns;
  std::vector<int> types;  // DuckDB's type id per column
  std::shared_ptr<FunctionErrors> errors;

  ~Handle() { duckdb_destroy_result(&result); }
};

/// Maps DuckDB's logical type to the table type that its values are read as, if there is one.
std::optional<data::Type> readable_type(duckdb_logical_type type);

}  // namespace sluice::duck
