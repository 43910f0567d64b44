#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/job/deliver_job.h"

namespace sluice::duck_jobs {

/// One column on its way into PostgreSQL.
struct DeliveredColumn {
  std::string name;
  std::string type;     // PostgreSQL's, as format_type() prints it
  bool nested = false;  // crosses as JSON text
  std::string value;    // DuckDB SQL over the query's column
};

/// How a column that DuckDB describes as `duckdb_type` gets into PostgreSQL: a type that tables
/// have gets its counterpart, structs, lists and maps jsonb, any other text.
DeliveredColumn delivered_column(std::string_view name, std::string_view duckdb_type);

/// Says whether a PostgreSQL column of type `there` holds each value of type `ours` unchanged or
/// refuses it.
bool holds_type(std::string_view there, std::string_view ours);

/// A table's name in PostgreSQL: quoted parts, `"sales"."orders"`.
std::string postgres_table(std::string_view schema, std::string_view name);

/// `CREATE TABLE table (...)`, with a primary key where there is a key.
std::string create_table(const std::string& table, std::span<const DeliveredColumn> columns,
                         std::span<const std::string> key);

/// The statement that moves rows from table `stage`, where nested values are text, into `table`;
/// with a key, in the place of the rows that have it.
std::string move_rows(const std::string& stage, const std::string& table,
                      std::span<const DeliveredColumn> columns,
                      std::span<const std::string> upsert_key);

}  // namespace sluice::duck_jobs
