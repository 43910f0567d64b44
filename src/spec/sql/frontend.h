#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/type.h"

namespace sluice::sql {

/// What the parser made of one statement: its tree as DuckDB's json_serialize_sql gives it, or ""
/// when it is no single SELECT or cannot be serialized, with the parser's message.
struct ParsedStatement {
  std::string tree;
  std::string error;
  std::int64_t error_offset = -1;  // byte in the text, -1 unknown
};

/// A column as the engine types it: `type` is DuckDB's text.
struct EngineColumn {
  std::string name;
  std::string type;
};

/// A table that statements may read, by dotted name.
struct TableShape {
  std::string name;
  std::vector<EngineColumn> columns;
};

/// A statement to describe. Its columns are then readable as table `name` by the statements after
/// it, so a project is described in one call, upstream first.
struct DescribeRequest {
  std::string name;
  std::string sql;
};

struct DescribedStatement {
  std::vector<EngineColumn> columns;
  std::string error;               // "" when the statement binds
  std::int64_t error_offset = -1;  // byte in the text, -1 unknown
};

/// The port to a parser and binder, which live in another process. A statement that is wrong is an
/// answer, not an Error; an Error means that no answer could be had (kUnavailable, kExhausted).
/// Answers come in the order asked. Thread-safe.
class Frontend {
 public:
  virtual ~Frontend() = default;

  virtual base::Result<std::vector<ParsedStatement>> parse(std::span<const std::string> sql) = 0;
  virtual base::Result<std::vector<DescribedStatement>> describe(
      std::span<const TableShape> tables, std::span<const DescribeRequest> statements) = 0;
};

}  // namespace sluice::sql
