#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/json_fields.h"
#include "sluice/sql/internal/tree_reader.h"
#include "sluice/sql/statement.h"

namespace sluice::sql {

namespace internal {

namespace {

constexpr std::string_view kTree = "query tree";
const nlohmann::json kNothing;

JoinType join_type_of(std::string_view name) {
  return name == "LEFT"                      ? JoinType::kLeft
         : name == "RIGHT"                   ? JoinType::kRight
         : name == "FULL" || name == "OUTER" ? JoinType::kFull
         : name == "SEMI"                    ? JoinType::kSemi
         : name == "ANTI"                    ? JoinType::kAnti
                                             : JoinType::kInner;
}

/// Numbers the expressions of grouping sets by where they first occur in them, as a parser would
/// that reads the sets written out.
void renumber_groups(Select& select) {
  std::vector<std::size_t> order;
  std::set<std::size_t> seen;
  for (const auto& set : select.group_sets) {
    for (const std::size_t i : set) {
      if (seen.insert(i).second) {
        order.push_back(i);
      }
    }
  }
  std::vector<std::size_t> number(select.group_by.size());
  std::vector<Expression> sorted;
  for (std::size_t n = 0; n < order.size(); ++n) {
    number[order[n]] = n;
    sorted.push_back(std::move(select.group_by[order[n]]));
  }
  select.group_by = std::move(sorted);
  for (auto& set : select.group_sets) {
    for (std::size_t& i : set) {
      i = number[i];
    }
    std::sort(set.begin(), set.end());
  }
}

}  // namespace

const TreeReader::Json& TreeReader::field(const Json& node, const char* key) {
  if (!node.is_object()) {
    corrupt(key);
    return kNothing;
  }
  const auto found = node.find(key);
  return found == node.end() ? kNothing : *found;
}

std::string TreeReader::text(const Json& node, const char* key) {
  const Json& value = field(node, key);
  if (value.is_null()) {
    return "";
  }
  if (!value.is_string()) {
    corrupt(key);
    return "";
  }
  return value.get<std::string>();
}

bool TreeReader::flag(const Json& node, const char* key) {
  const Json& value = field(node, key);
  if (!value.is_null() && !value.is_boolean()) {
    corrupt(key);
  }
  return value.is_boolean() && value.get<bool>();
}

bool TreeReader::has(const Json& node, const char* key) { return !field(node, key).is_null(); }

const TreeReader::Json& TreeReader::list(const Json& node, const char* key) {
  static const Json kEmpty = Json::array();
  const Json& value = field(node, key);
  if (!value.is_array()) {
    if (!value.is_null()) {
      corrupt(key);
    }
    return kEmpty;
  }
  return value;
}

std::vector<std::string> TreeReader::texts(const Json& node, const char* key) {
  std::vector<std::string> result;
  for (const Json& item : list(node, key)) {
    if (!item.is_string()) {
      corrupt(key);
      return {};
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

void TreeReader::corrupt(std::string_view what) {
  if (status_) {
    status_ = base::corrupt(fmt::format("{}: '{}' is not as DuckDB writes it", kTree, what));
  }
}

void TreeReader::unsupported(std::string_view construct) {
  if (status_) {
    status_ = base::unsupported(fmt::format("{} is not known", construct));
  }
}

Box<QueryNode> TreeReader::statement(const Json& node) {
  if (!list(node, "named_param_map").empty()) {
    unsupported("a prepared statement's parameter");
  }
  return query(field(node, "node"));
}

QueryNode TreeReader::query(const Json& node) {
  QueryNode result;
  if (!status_) {
    return result;
  }
  const std::string kind = text(node, "type");
  ctes(node, result);
  if (kind == "SELECT_NODE") {
    result.body = select(node);
  } else if (kind == "SET_OPERATION_NODE") {
    result.body = set_operation(node);
  } else if (kind == "RECURSIVE_CTE_NODE") {
    unsupported("WITH RECURSIVE");
  } else {
    unsupported("query node " + kind);
  }
  for (const Json& item : list(node, "modifiers")) {
    result.modifiers.push_back(modifier(item));
  }
  return result;
}

void TreeReader::ctes(const Json& node, QueryNode& query) {
  const Json& map = field(node, "cte_map");
  if (map.is_null()) {
    return;
  }
  for (const Json& entry : list(map, "map")) {
    const Json& value = field(entry, "value");
    CommonTable cte;
    cte.name = text(entry, "key");
    cte.column_aliases = texts(value, "aliases");
    cte.query = statement(field(value, "query"));
    const std::string materialized = text(value, "materialized");
    cte.materialized = materialized == "CTE_MATERIALIZE_ALWAYS"  ? "MATERIALIZED"
                       : materialized == "CTE_MATERIALIZE_NEVER" ? "NOT MATERIALIZED"
                                                                 : "";
    query.ctes.push_back(std::move(cte));
  }
}

Select TreeReader::select(const Json& node) {
  Select select;
  select.list = expressions(node, "select_list");
  if (has(node, "from_table") && text(field(node, "from_table"), "type") != "EMPTY") {
    select.from = table(field(node, "from_table"));
  }
  select.where = boxed(node, "where_clause");
  select.group_by = expressions(node, "group_expressions");
  for (const Json& set : list(node, "group_sets")) {
    std::vector<std::size_t>& indexes = select.group_sets.emplace_back();
    for (const Json& index : set) {
      if (!index.is_number_unsigned() || index.get<std::size_t>() >= select.group_by.size()) {
        corrupt("group_sets");
        return select;
      }
      indexes.push_back(index.get<std::size_t>());
    }
  }
  renumber_groups(select);
  select.group_all = text(node, "aggregate_handling") == "FORCE_AGGREGATES";
  select.having = boxed(node, "having");
  select.qualify = boxed(node, "qualify");
  if (has(node, "sample")) {
    unsupported("USING SAMPLE");
  }
  return select;
}

SetOperation TreeReader::set_operation(const Json& node) {
  SetOperation operation;
  const std::string kind = text(node, "setop_type");
  if (kind == "UNION") {
    operation.kind = SetKind::kUnion;
  } else if (kind == "UNION_BY_NAME") {
    operation.kind = SetKind::kUnionByName;
  } else if (kind == "INTERSECT") {
    operation.kind = SetKind::kIntersect;
  } else if (kind == "EXCEPT") {
    operation.kind = SetKind::kExcept;
  } else {
    unsupported("set operation " + kind);
  }
  operation.all = flag(node, "setop_all");
  if (!has(node, "left") || !has(node, "right")) {
    corrupt("setop_type");
    return operation;
  }
  operation.left = query(field(node, "left"));
  operation.right = query(field(node, "right"));
  return operation;
}

Modifier TreeReader::modifier(const Json& node) {
  const std::string kind = text(node, "type");
  if (kind == "DISTINCT_MODIFIER") {
    return Distinct{expressions(node, "distinct_on_targets")};
  }
  if (kind == "ORDER_MODIFIER") {
    return OrderBy{orders(list(node, "orders"))};
  }
  if (kind == "LIMIT_MODIFIER" || kind == "LIMIT_PERCENT_MODIFIER") {
    return Limit{boxed(node, "limit"), boxed(node, "offset"), kind == "LIMIT_PERCENT_MODIFIER"};
  }
  unsupported("result modifier " + kind);
  return Distinct{};
}

TableRef TreeReader::table(const Json& node) {
  TableRef ref;
  if (!status_) {
    return ref;
  }
  ref.alias = text(node, "alias");
  ref.column_aliases = texts(node, "column_name_alias");
  if (const Json& at = field(node, "query_location"); at.is_number_unsigned()) {
    const auto location = at.get<std::uint64_t>();
    ref.offset = location > (std::uint64_t{1} << 40) ? -1 : static_cast<std::int64_t>(location);
  }
  if (has(node, "sample")) {
    unsupported("TABLESAMPLE");
  }
  const std::string kind = text(node, "type");
  if (kind == "BASE_TABLE") {
    if (has(node, "at_clause")) {
      unsupported("AT (…) after a table");
    }
    ref.node =
        NamedTable{text(node, "catalog_name"), text(node, "schema_name"), text(node, "table_name")};
  } else if (kind == "SUBQUERY") {
    ref.node = SubqueryTable{statement(field(node, "subquery"))};
  } else if (kind == "JOIN") {
    ref.node = join(node);
  } else if (kind == "TABLE_FUNCTION") {
    const std::string ordinality = text(node, "with_ordinality");
    ref.node = TableFunction{boxed(node, "function"), ordinality == "WITH_ORDINALITY"};
    if (!std::get<TableFunction>(ref.node).function ||
        !std::holds_alternative<Call>(std::get<TableFunction>(ref.node).function->node)) {
      corrupt("function");
    }
  } else if (kind == "EXPRESSION_LIST") {
    Values values;
    for (const Json& row : list(node, "values")) {
      std::vector<Expression>& cells = values.rows.emplace_back();
      for (const Json& cell : row) {
        cells.push_back(expression(cell));
      }
    }
    ref.node = std::move(values);
  } else if (kind == "PIVOT") {
    ref.node = pivot(node);
  } else {
    unsupported("table reference " + kind);
  }
  return ref;
}

Join TreeReader::join(const Json& node) {
  Join join;
  const std::string type = text(node, "join_type");
  join.type = join_type_of(type);
  if (join.type == JoinType::kInner && type != "INNER") {
    unsupported("join type " + type);
  }
  const std::string kind = text(node, "ref_type");
  if (kind == "REGULAR") {
    join.kind = JoinKind::kRegular;
  } else if (kind == "NATURAL") {
    join.kind = JoinKind::kNatural;
  } else if (kind == "CROSS") {
    join.kind = JoinKind::kCross;
  } else if (kind == "POSITIONAL") {
    join.kind = JoinKind::kPositional;
  } else if (kind == "ASOF") {
    join.kind = JoinKind::kAsof;
  } else {
    unsupported("join " + kind);
  }
  if (!has(node, "left") || !has(node, "right")) {
    corrupt("join_type");
    return join;
  }
  join.left = table(field(node, "left"));
  join.right = table(field(node, "right"));
  join.condition = boxed(node, "condition");
  join.using_columns = texts(node, "using_columns");
  return join;
}

Pivot TreeReader::pivot(const Json& node) {
  Pivot pivot;
  if (!has(node, "source")) {
    corrupt("source");
    return pivot;
  }
  pivot.source = table(field(node, "source"));
  pivot.aggregates = expressions(node, "aggregates");
  pivot.unpivot_names = texts(node, "unpivot_names");
  pivot.groups = texts(node, "groups");
  pivot.include_nulls = flag(node, "include_nulls");
  for (const Json& item : list(node, "pivots")) {
    PivotColumn column;
    column.expressions = expressions(item, "pivot_expressions");
    column.unpivot_names = texts(item, "unpivot_names");
    if (!text(item, "pivot_enum").empty() || has(item, "subquery")) {
      unsupported("PIVOT over an ENUM or a subquery");
    }
    for (const Json& entry : list(item, "entries")) {
      PivotEntry& values = column.entries.emplace_back();
      values.alias = text(entry, "alias");
      if (has(entry, "star_expr")) {
        unsupported("a star or an expression in the IN list of PIVOT or UNPIVOT");
      }
      for (const Json& value : list(entry, "values")) {
        values.values.push_back(constant(value));
      }
    }
    pivot.columns.push_back(std::move(column));
  }
  return pivot;
}

}  // namespace internal

base::Result<Statement> read_statement(std::string_view tree) {
  constexpr int kTreeDepthMax = 1000;
  SLUICE_ASSIGN_OR_RETURN(const auto document,
                          base::parse_json(tree, internal::kTree, kTreeDepthMax));
  SLUICE_ASSIGN_OR_RETURN(const bool failed, base::json_bool(document, "error", internal::kTree));
  if (failed) {
    SLUICE_ASSIGN_OR_RETURN(const auto message,
                            base::json_string_if(document, "error_message", internal::kTree));
    return base::invalid_input(message.value_or("the statement cannot be parsed"));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto* statements,
                          base::json_array(document, "statements", internal::kTree));
  if (statements->size() != 1) {
    return base::invalid_input(
        fmt::format("expected one SELECT, found {} statements", statements->size()));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto* node,
                          base::json_object(statements->front(), "node", internal::kTree));
  internal::TreeReader reader;
  Statement statement{reader.query(*node)};
  SLUICE_RETURN_IF_ERROR(reader.status());
  return statement;
}

}  // namespace sluice::sql
