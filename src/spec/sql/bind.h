#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "sluice/data/schema.h"
#include "sluice/sql/frontend.h"
#include "sluice/sql/query.h"
#include "sluice/sql/statement.h"

namespace sluice::sql {

/// The columns of every table that a statement may read, by dotted name.
using TableSchemas = std::map<std::string, const data::Schema*>;

enum class RelationKind { kTable, kCommonTable, kSubquery, kFunction, kValues, kPivot };

/// What a column or the rows of a relation depend on besides values.
enum class Influence { kJoin, kFilter, kGroup, kOrder };

/// A column of a relation. `from` are the bound expressions that its values come from: VALUES,
/// functions, PIVOT.
struct RelationColumn {
  std::string name;        // as the FROM clause may have renamed it
  std::string type;        // DuckDB's text, "" unknown
  std::string table_name;  // kTable: the table's name for it
  int field_id = 0;        // kTable: its Iceberg id, 0 unknown
  std::vector<Expression> from;
};

/// One occurrence of a table, subquery or function in a FROM clause. `query` is what a subquery or
/// common table expression yields its columns from, and outlives moves of the BoundQuery.
struct Relation {
  RelationKind kind = RelationKind::kTable;
  std::string alias;
  std::string table;  // kTable: its dotted name
  std::vector<RelationColumn> columns;
  const QueryNode* query = nullptr;
  std::vector<std::pair<Influence, Expression>> row_inputs;  // kFunction, kPivot
};

/// A statement whose every name is resolved. Moves, does not copy: relations point into it.
struct BoundQuery {
  Statement statement;
  std::vector<Relation> relations;

  BoundQuery() = default;
  BoundQuery(BoundQuery&&) = default;
  BoundQuery& operator=(BoundQuery&&) = default;

  const std::vector<OutputColumn>& outputs() const { return statement.query->outputs; }
};

/// Why a statement is not bound: it is wrong (`problem`, with what to do in `hint`), or it uses a
/// construct that the binder does not know, which `problem` names.
struct Unbound {
  bool is_unsupported = false;
  Problem problem;
  std::string hint;
};

/// Resolves every name in the statement and gives each query its output columns.
std::variant<BoundQuery, Unbound> bind(Statement statement, const TableSchemas& tables);

/// Compares the outputs with what the engine says that the statement yields: the same columns in
/// the same order with the same types. Names that follow from expressions and types that are not
/// known are taken from the engine. Returns what differs, or nullopt.
std::optional<std::string> check_outputs(BoundQuery& bound,
                                         std::span<const EngineColumn> described);

}  // namespace sluice::sql
