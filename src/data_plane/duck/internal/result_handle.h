#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <vector>

#include "sluice/duck/functions.h"
#include "sluice/duck/result.h"

namespace sluice::duck {

/// How DuckDB stores the values of a column: its type id, and that of each part of a nested type.
struct StoredType {
  int id = 0;
  std::vector<StoredType> parts;
};

struct QueryResult::Handle {
  duckdb_result result{};
  bool streaming = false;
  std::vector<ResultColumn> columns;
  std::vector<StoredType> types;  // per column
  std::shared_ptr<FunctionErrors> errors;

  ~Handle() { duckdb_destroy_result(&result); }
};

/// Maps DuckDB's logical type to the table type that its values are read as, if there is one.
std::optional<data::Type> readable_type(duckdb_logical_type type);

/// Describes a type that readable_type() names.
StoredType stored_type(duckdb_logical_type type);

/// Reads one value as the table type that stands for its stored one.
data::Value read_value(const ColumnView& column, std::size_t row, const StoredType& stored,
                       const data::Type& type);

}  // namespace sluice::duck
