#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::job {

/// Parses statements. Each must be one SELECT.
struct ParseJob {
  std::vector<std::string> sql;
};

/// `tree` is DuckDB's json_serialize_sql of the statement, or "" when it could not be parsed or
/// serialized; then `error` says why and `error_offset` where (byte in the text, -1 unknown).
struct ParsedSql {
  std::string tree;
  std::string error;
  std::int64_t error_offset = -1;
};

struct ParseResult {
  std::vector<ParsedSql> statements;
};

struct NamedColumn {
  std::string name;
  std::string type;  // DuckDB's text for it
};

/// A table that exists while statements are described; empty of rows.
struct TableShape {
  std::string name;  // dotted
  std::vector<NamedColumn> columns;
};

/// One model: describe `sql`, then offer its columns as table `name` to the statements after it,
/// each under the type that a table gives it (data::type_from_duckdb). "" offers nothing.
struct DescribeStatement {
  std::string name;
  std::string sql;
};

struct DescribeJob {
  std::vector<TableShape> tables;
  std::vector<DescribeStatement> statements;
};

struct DescribedSql {
  std::vector<NamedColumn> columns;
  std::string error;               // "" when it binds; else DuckDB's message
  std::int64_t error_offset = -1;  // byte in the statement's text, -1 unknown
};

struct DescribeResult {
  std::vector<DescribedSql> statements;
};

/// Reads the footers of data files, to compare them with what the table says of them.
struct FooterJob {
  std::vector<std::string> paths;
};

struct Footer {
  std::int64_t rows = -1;  // -1: could not be read
  std::string error;
};

struct FooterResult {
  std::vector<Footer> footers;
};

}  // namespace sluice::job
