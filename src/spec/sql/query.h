#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::sql {

/// A table that a query reads, as written: `silver.orders`, or `orders` without a namespace.
struct TableReference {
  std::string name;
  std::int64_t offset = -1;  // byte in the statement's text, -1 unknown
};

/// A function that a query calls, lower case. A clock keyword (`current_date`) counts as one.
struct FunctionReference {
  std::string name;
  std::int64_t offset = -1;
  bool is_table_function = false;
};

/// What a SELECT reads and calls. Names of common table expressions are resolved and not listed.
struct Query {
  std::vector<TableReference> tables;        // each name once, in order of appearance
  std::vector<FunctionReference> functions;  // each name once
  std::string fingerprint;                   // hex; equal for texts that differ in layout only
};

/// Something a query may not do in a place, with the byte where it does.
struct Problem {
  std::int64_t offset = -1;
  std::string message;
};

/// Reads a statement's tree as DuckDB's json_serialize_sql writes it. kCorrupt when it is no such
/// tree, kInvalidInput when it holds no or several statements, kUnsupported for a node kind that is
/// not known (named).
base::Result<Query> read_query(std::string_view tree);

/// Returns what keeps a query from defining a table: clock and random functions (the same inputs
/// must give the same rows), functions that read outside the project, tables without a namespace.
std::vector<Problem> model_problems(const Query& query);

}  // namespace sluice::sql
