#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sluice/sql/box.h"

namespace sluice::sql {

struct Expression;
struct QueryNode;

/// A column of a relation: `relation` is an index into BoundQuery::relations, `column` one into the
/// relation's columns.
struct ColumnId {
  int relation = -1;
  int column = -1;

  friend auto operator<=>(const ColumnId&, const ColumnId&) = default;
};

/// What a name stands for once it is bound.
enum class ReferenceKind {
  kUnbound,
  kColumn,     // columns[0]
  kMerged,     // the first of `columns` that is not NULL: a USING column of a full join
  kRow,        // a whole row of a relation: all of `columns`
  kOutput,     // the expression at `output` of the same SELECT
  kParameter,  // of a lambda
};

struct Reference {
  ReferenceKind kind = ReferenceKind::kUnbound;
  std::vector<ColumnId> columns;
  int output = -1;
  bool is_field = false;  // a field of the column, not all of it
};

/// A name as written, part by part: `o.amount`. bind() fills `reference`.
struct ColumnRef {
  std::vector<std::string> names;
  Reference reference;
};

/// A literal. `type` is DuckDB's text; `text` the digits of a number or the text of a string. In
/// GROUP BY and ORDER BY a number may stand for an output column, `output` once bound.
struct Constant {
  enum class Kind { kNull, kNumber, kText, kOmitted };  // kOmitted: the missing bound of a slice
  Kind kind = Kind::kNull;
  std::string type;
  std::string text;
  int output = -1;
};

enum class SortDirection { kDefault, kAscending, kDescending };
enum class NullOrder { kDefault, kFirst, kLast };

struct OrderItem {
  Box<Expression> expression;
  SortDirection direction = SortDirection::kDefault;
  NullOrder nulls = NullOrder::kDefault;
};

/// A call of a scalar, aggregate or table function, or an operator that is one (`+`, `~~`).
struct Call {
  std::string catalog;
  std::string schema;
  std::string name;
  std::vector<Expression> arguments;  // a named one has an alias
  Box<Expression> filter;
  std::vector<OrderItem> order;
  bool distinct = false;
  bool is_operator = false;
};

enum class FrameUnit { kRows, kRange, kGroups };
enum class FrameEdge {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing
};
enum class FrameExclusion { kNothing, kCurrentRow, kGroup, kTies };

struct FrameBound {
  FrameEdge edge = FrameEdge::kUnboundedPreceding;
  FrameUnit unit = FrameUnit::kRange;  // of no meaning at an unbounded edge
  Box<Expression> distance;
};

/// A window function. Named windows have been written out by the parser.
struct Window {
  std::string catalog;
  std::string schema;
  std::string name;
  std::vector<Expression> arguments;
  std::vector<Expression> partitions;
  std::vector<OrderItem> order;
  FrameBound start;
  FrameBound end;
  FrameExclusion exclusion = FrameExclusion::kNothing;
  Box<Expression> offset;         // of lag and lead
  Box<Expression> default_value;  // of lag and lead
  Box<Expression> filter;
  std::vector<OrderItem> argument_order;
  bool ignore_nulls = false;
  bool distinct = false;
};

struct Cast {
  Box<Expression> child;
  std::string type;
  bool is_try = false;
};

struct CaseBranch {
  Box<Expression> when;
  Box<Expression> then;
};

struct Case {
  std::vector<CaseBranch> branches;
  Box<Expression> otherwise;
};

enum class ComparisonKind {
  kEqual,
  kNotEqual,
  kLess,
  kGreater,
  kLessOrEqual,
  kGreaterOrEqual,
  kDistinctFrom,
  kNotDistinctFrom,
};

struct Comparison {
  ComparisonKind kind = ComparisonKind::kEqual;
  Box<Expression> left;
  Box<Expression> right;
};

struct Conjunction {
  bool is_and = true;
  std::vector<Expression> children;
};

struct Between {
  Box<Expression> input;
  Box<Expression> lower;
  Box<Expression> upper;
};

enum class OperatorKind {
  kNot,
  kIsNull,
  kIsNotNull,
  kIn,
  kNotIn,
  kCoalesce,
  kTry,
  kUnpack,
  kExtract,        // list[1], map['key']
  kSlice,          // list[1:2]
  kStructExtract,  // struct.field of an expression
  kListOf,
  kGrouping,
};

struct Operator {
  OperatorKind kind = OperatorKind::kNot;
  std::vector<Expression> children;
};

/// `x -> x + 1`. On an argument of a function that takes no lambda, `->` is extraction from JSON.
struct Lambda {
  Box<Expression> parameters;
  Box<Expression> body;
};

struct QualifiedName {
  std::string table;  // "" when not qualified
  std::string column;
};

/// `*`, `t.*`, `COLUMNS(…)`, with what it leaves out, replaces and renames.
struct Star {
  std::string relation;
  std::vector<QualifiedName> excluded;
  std::vector<std::pair<std::string, Box<Expression>>> replaced;
  std::vector<std::pair<QualifiedName, std::string>> renamed;
  bool is_columns = false;
  Box<Expression> selector;  // of COLUMNS: a pattern, a list or a lambda
};

enum class SubqueryKind { kScalar, kExists, kNotExists, kAny };

struct Subquery {
  SubqueryKind kind = SubqueryKind::kScalar;
  ComparisonKind comparison = ComparisonKind::kEqual;  // kAny
  Box<Expression> child;                               // kAny
  Box<QueryNode> query;
};

struct Collate {
  Box<Expression> child;
  std::string collation;
};

/// `#1`, counted from 1.
struct Positional {
  std::int64_t index = 1;
  Reference reference;
};

/// One node of an expression. `offset` is a byte of the statement's text, -1 unknown.
struct Expression {
  std::variant<Constant, ColumnRef, Call, Window, Cast, Case, Comparison, Conjunction, Between,
               Operator, Lambda, Star, Subquery, Collate, Positional>
      node;
  std::string alias;
  std::int64_t offset = -1;
};

}  // namespace sluice::sql
