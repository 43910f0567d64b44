#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/sql/expression.h"

namespace sluice::sql {

struct TableRef;

/// A table, or a common table expression of that name.
struct NamedTable {
  std::string catalog;
  std::string schema;
  std::string name;
};

struct SubqueryTable {
  Box<QueryNode> query;
};

enum class JoinType { kInner, kLeft, kRight, kFull, kSemi, kAnti };
enum class JoinKind { kRegular, kNatural, kCross, kPositional, kAsof };

/// bind() fills `using_references` with what each USING or NATURAL column compares.
struct Join {
  JoinType type = JoinType::kInner;
  JoinKind kind = JoinKind::kRegular;
  Box<TableRef> left;
  Box<TableRef> right;
  Box<Expression> condition;
  std::vector<std::string> using_columns;
  std::vector<Reference> using_references;
};

/// `range(10)`, `unnest(list)`; `function` is a Call.
struct TableFunction {
  Box<Expression> function;
  bool with_ordinality = false;
};

struct Values {
  std::vector<std::vector<Expression>> rows;
};

struct PivotEntry {
  std::vector<Constant> values;
  std::string alias;
};

struct PivotColumn {
  std::vector<Expression> expressions;     // of PIVOT
  std::vector<std::string> unpivot_names;  // of UNPIVOT: the columns that get the names
  std::vector<PivotEntry> entries;
};

/// PIVOT, or UNPIVOT when `unpivot_names` (the columns that get the values) is not empty.
struct Pivot {
  Box<TableRef> source;
  std::vector<Expression> aggregates;
  std::vector<std::string> unpivot_names;
  std::vector<PivotColumn> columns;
  std::vector<std::string> groups;
  bool include_nulls = false;
};

/// One item of a FROM clause. `relation` is its index in BoundQuery::relations once bound; -1 for
/// joins.
struct TableRef {
  std::variant<NamedTable, SubqueryTable, Join, TableFunction, Values, Pivot> node;
  std::string alias;
  std::vector<std::string> column_aliases;
  std::int64_t offset = -1;
  int relation = -1;
};

/// A column that a query yields. Once bound, `name` is DuckDB's; `type` is its text, "" unknown.
/// `derived_name` says that the name was not written but follows from the expression.
struct OutputColumn {
  std::string name;
  std::string type;
  bool derived_name = false;
};

struct Distinct {
  std::vector<Expression> on;
};
struct OrderBy {
  std::vector<OrderItem> items;
};
struct Limit {
  Box<Expression> count;
  Box<Expression> offset;
  bool is_percent = false;
};
using Modifier = std::variant<Distinct, OrderBy, Limit>;

struct CommonTable {
  std::string name;
  std::vector<std::string> column_aliases;
  Box<QueryNode> query;
  std::string materialized;  // "", "MATERIALIZED", "NOT MATERIALIZED"
};

/// `group_sets` are indexes into `group_by`. bind() fills `bound_list`: the SELECT list with stars
/// written out, one expression for each output column.
struct Select {
  std::vector<Expression> list;
  Box<TableRef> from;
  Box<Expression> where;
  std::vector<Expression> group_by;
  std::vector<std::vector<std::size_t>> group_sets;
  bool group_all = false;
  Box<Expression> having;
  Box<Expression> qualify;
  std::vector<Expression> bound_list;
};

enum class SetKind { kUnion, kUnionByName, kIntersect, kExcept };

struct SetOperation {
  SetKind kind = SetKind::kUnion;
  bool all = false;
  Box<QueryNode> left;
  Box<QueryNode> right;
};

/// A query with its common table expressions and what is done to its rows. bind() fills `outputs`.
struct QueryNode {
  std::vector<CommonTable> ctes;
  std::variant<Select, SetOperation> body;
  std::vector<Modifier> modifiers;  // in the order in which they apply
  std::vector<OutputColumn> outputs;
};

/// One SELECT statement.
struct Statement {
  Box<QueryNode> query;
};

/// Reads a statement's tree as DuckDB's json_serialize_sql writes it. kCorrupt when it is no such
/// tree, kInvalidInput when it holds no or several statements, kUnsupported for a construct that
/// is not known (named in the message).
base::Result<Statement> read_statement(std::string_view tree);

}  // namespace sluice::sql
