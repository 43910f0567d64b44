#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/sql/internal/tree_reader.h"

namespace sluice::sql::internal {

namespace {

constexpr std::pair<std::string_view, ComparisonKind> kComparisons[] = {
    {"COMPARE_EQUAL", ComparisonKind::kEqual},
    {"COMPARE_NOTEQUAL", ComparisonKind::kNotEqual},
    {"COMPARE_LESSTHAN", ComparisonKind::kLess},
    {"COMPARE_GREATERTHAN", ComparisonKind::kGreater},
    {"COMPARE_LESSTHANOREQUALTO", ComparisonKind::kLessOrEqual},
    {"COMPARE_GREATERTHANOREQUALTO", ComparisonKind::kGreaterOrEqual},
    {"COMPARE_DISTINCT_FROM", ComparisonKind::kDistinctFrom},
    {"COMPARE_NOT_DISTINCT_FROM", ComparisonKind::kNotDistinctFrom},
};

constexpr std::pair<std::string_view, OperatorKind> kOperators[] = {
    {"OPERATOR_NOT", OperatorKind::kNot},
    {"OPERATOR_IS_NULL", OperatorKind::kIsNull},
    {"OPERATOR_IS_NOT_NULL", OperatorKind::kIsNotNull},
    {"COMPARE_IN", OperatorKind::kIn},
    {"COMPARE_NOT_IN", OperatorKind::kNotIn},
    {"OPERATOR_COALESCE", OperatorKind::kCoalesce},
    {"OPERATOR_TRY", OperatorKind::kTry},
    {"OPERATOR_UNPACK", OperatorKind::kUnpack},
    {"ARRAY_EXTRACT", OperatorKind::kExtract},
    {"ARRAY_SLICE", OperatorKind::kSlice},
    {"STRUCT_EXTRACT", OperatorKind::kStructExtract},
    {"ARRAY_CONSTRUCTOR", OperatorKind::kListOf},
    {"GROUPING_FUNCTION", OperatorKind::kGrouping},
};

struct FrameWord {
  std::string_view name;
  FrameEdge edge;
  FrameUnit unit;
};
constexpr FrameWord kFrameWords[] = {
    {"UNBOUNDED_PRECEDING", FrameEdge::kUnboundedPreceding, FrameUnit::kRange},
    {"UNBOUNDED_FOLLOWING", FrameEdge::kUnboundedFollowing, FrameUnit::kRange},
    {"CURRENT_ROW_RANGE", FrameEdge::kCurrentRow, FrameUnit::kRange},
    {"CURRENT_ROW_ROWS", FrameEdge::kCurrentRow, FrameUnit::kRows},
    {"CURRENT_ROW_GROUPS", FrameEdge::kCurrentRow, FrameUnit::kGroups},
    {"EXPR_PRECEDING_ROWS", FrameEdge::kPreceding, FrameUnit::kRows},
    {"EXPR_PRECEDING_RANGE", FrameEdge::kPreceding, FrameUnit::kRange},
    {"EXPR_PRECEDING_GROUPS", FrameEdge::kPreceding, FrameUnit::kGroups},
    {"EXPR_FOLLOWING_ROWS", FrameEdge::kFollowing, FrameUnit::kRows},
    {"EXPR_FOLLOWING_RANGE", FrameEdge::kFollowing, FrameUnit::kRange},
    {"EXPR_FOLLOWING_GROUPS", FrameEdge::kFollowing, FrameUnit::kGroups},
};

/// How many children an operator needs at least, for whoever prints or binds it.
std::size_t children_min(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::kExtract:
    case OperatorKind::kStructExtract:
      return 2;
    case OperatorKind::kSlice:
      return 3;
    case OperatorKind::kListOf:
      return 0;
    default:
      return 1;
  }
}

}  // namespace

Box<Expression> TreeReader::boxed(const Json& node, const char* key) {
  const Json& child = field(node, key);
  return child.is_null() ? Box<Expression>() : Box<Expression>(expression(child));
}

std::vector<Expression> TreeReader::expressions(const Json& node, const char* key) {
  std::vector<Expression> result;
  for (const Json& item : list(node, key)) {
    result.push_back(expression(item));
  }
  return result;
}

std::vector<OrderItem> TreeReader::orders(const Json& array) {
  std::vector<OrderItem> items;
  for (const Json& node : array) {
    OrderItem& item = items.emplace_back();
    const std::string direction = text(node, "type");
    item.direction = direction == "ASCENDING"    ? SortDirection::kAscending
                     : direction == "DESCENDING" ? SortDirection::kDescending
                                                 : SortDirection::kDefault;
    const std::string nulls = text(node, "null_order");
    item.nulls = nulls == "NULLS FIRST" || nulls == "NULLS_FIRST" ? NullOrder::kFirst
                 : nulls == "NULLS LAST" || nulls == "NULLS_LAST" ? NullOrder::kLast
                                                                  : NullOrder::kDefault;
    item.expression = expression(field(node, "expression"));
  }
  return items;
}

ComparisonKind TreeReader::comparison(std::string_view name) {
  for (const auto& [word, kind] : kComparisons) {
    if (word == name) {
      return kind;
    }
  }
  unsupported("comparison " + std::string(name));
  return ComparisonKind::kEqual;
}

Expression TreeReader::expression(const Json& node) {
  Expression result;
  if (!status_) {
    return result;
  }
  result.alias = text(node, "alias");
  if (const Json& at = field(node, "query_location"); at.is_number_unsigned()) {
    const auto location = at.get<std::uint64_t>();
    result.offset = location > (std::uint64_t{1} << 40) ? -1 : static_cast<std::int64_t>(location);
  }
  read_node(node, text(node, "class"), result);
  return result;
}

bool TreeReader::need(const Json& node, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!has(node, key)) {
      corrupt(key);
      return false;
    }
  }
  return true;
}

void TreeReader::read_node(const Json& node, std::string_view klass, Expression& result) {
  if (klass == "CONSTANT") {
    result.node = constant(field(node, "value"));
  } else if (klass == "COLUMN_REF") {
    result.node = ColumnRef{texts(node, "column_names"), {}};
    if (std::get<ColumnRef>(result.node).names.empty()) {
      corrupt("column_names");
    }
  } else if (klass == "FUNCTION") {
    result.node = call(node);
  } else if (klass == "WINDOW") {
    result.node = window(node);
  } else if (klass == "CASE") {
    result.node = case_of(node);
  } else if (klass == "CONJUNCTION") {
    result.node =
        Conjunction{text(node, "type") == "CONJUNCTION_AND", expressions(node, "children")};
  } else if (klass == "OPERATOR") {
    result.node = operator_of(node, text(node, "type"));
  } else if (klass == "STAR") {
    result.node = star(node);
  } else if (klass == "SUBQUERY") {
    result.node = subquery(node);
  } else if (klass == "POSITIONAL_REFERENCE") {
    const Json& index = field(node, "index");
    if (!index.is_number_unsigned() || index.get<std::uint64_t>() == 0) {
      corrupt("index");
    } else {
      result.node = Positional{static_cast<std::int64_t>(index.get<std::uint64_t>()), {}};
    }
  } else if (klass == "PARAMETER") {
    unsupported("a prepared statement's parameter");
  } else if (!read_plain_node(node, klass, result)) {
    unsupported("expression " + std::string(klass));
  }
}

bool TreeReader::read_plain_node(const Json& node, std::string_view klass, Expression& result) {
  if (klass == "CAST") {
    if (need(node, {"child", "cast_type"})) {
      result.node =
          Cast{boxed(node, "child"), type(field(node, "cast_type")), flag(node, "try_cast")};
    }
  } else if (klass == "COMPARISON") {
    if (need(node, {"left", "right"})) {
      result.node =
          Comparison{comparison(text(node, "type")), boxed(node, "left"), boxed(node, "right")};
    }
  } else if (klass == "BETWEEN") {
    if (need(node, {"input", "lower", "upper"})) {
      result.node = Between{boxed(node, "input"), boxed(node, "lower"), boxed(node, "upper")};
    }
  } else if (klass == "LAMBDA") {
    if (need(node, {"lhs", "expr"})) {
      result.node = Lambda{boxed(node, "lhs"), boxed(node, "expr")};
    }
  } else if (klass == "COLLATE") {
    if (need(node, {"child"})) {
      result.node = Collate{boxed(node, "child"), text(node, "collation")};
    }
  } else {
    return false;
  }
  return true;
}

Call TreeReader::call(const Json& node) {
  Call call;
  call.catalog = text(node, "catalog");
  call.schema = text(node, "schema");
  call.name = text(node, "function_name");
  call.arguments = expressions(node, "children");
  call.filter = boxed(node, "filter");
  if (has(node, "order_bys")) {
    call.order = orders(list(field(node, "order_bys"), "orders"));
  }
  call.distinct = flag(node, "distinct");
  call.is_operator = flag(node, "is_operator");
  if (flag(node, "export_state")) {
    unsupported("EXPORT_STATE");
  }
  return call;
}

FrameBound TreeReader::frame_bound(const Json& node, const char* kind_key,
                                   const char* distance_key) {
  FrameBound bound;
  bound.distance = boxed(node, distance_key);
  const std::string name = text(node, kind_key);
  for (const FrameWord& word : kFrameWords) {
    if (word.name == name) {
      bound.edge = word.edge;
      bound.unit = word.unit;
      const bool wants = word.edge == FrameEdge::kPreceding || word.edge == FrameEdge::kFollowing;
      if (wants != static_cast<bool>(bound.distance)) {
        corrupt(distance_key);
      }
      return bound;
    }
  }
  unsupported("window frame " + name);
  return bound;
}

Window TreeReader::window(const Json& node) {
  Window window;
  window.catalog = text(node, "catalog");
  window.schema = text(node, "schema");
  window.name = text(node, "function_name");
  window.arguments = expressions(node, "children");
  window.partitions = expressions(node, "partitions");
  window.order = orders(list(node, "orders"));
  window.start = frame_bound(node, "start", "start_expr");
  window.end = frame_bound(node, "end", "end_expr");
  const std::string exclusion = text(node, "exclude_clause");
  window.exclusion = exclusion == "CURRENT_ROW" ? FrameExclusion::kCurrentRow
                     : exclusion == "GROUP"     ? FrameExclusion::kGroup
                     : exclusion == "TIES"      ? FrameExclusion::kTies
                                                : FrameExclusion::kNothing;
  window.offset = boxed(node, "offset_expr");
  window.default_value = boxed(node, "default_expr");
  window.filter = boxed(node, "filter_expr");
  window.argument_order = orders(list(node, "arg_orders"));
  window.ignore_nulls = flag(node, "ignore_nulls");
  window.distinct = flag(node, "distinct");
  return window;
}

Case TreeReader::case_of(const Json& node) {
  Case result;
  for (const Json& check : list(node, "case_checks")) {
    result.branches.push_back(
        {expression(field(check, "when_expr")), expression(field(check, "then_expr"))});
  }
  result.otherwise = boxed(node, "else_expr");
  if (result.branches.empty()) {
    corrupt("case_checks");
  }
  return result;
}

Operator TreeReader::operator_of(const Json& node, std::string_view type) {
  for (const auto& [word, kind] : kOperators) {
    if (word == type) {
      Operator result{kind, expressions(node, "children")};
      if (result.children.size() < children_min(kind)) {
        corrupt("children");
      }
      return result;
    }
  }
  unsupported("operator " + std::string(type));
  return {};
}

QualifiedName TreeReader::qualified(const Json& node) {
  return {text(node, "table"), text(node, "column")};
}

Star TreeReader::star(const Json& node) {
  Star star;
  star.relation = text(node, "relation_name");
  star.is_columns = flag(node, "columns");
  star.selector = boxed(node, "expr");
  for (std::string& name : texts(node, "exclude_list")) {
    star.excluded.push_back({"", std::move(name)});
  }
  for (const Json& item : list(node, "qualified_exclude_list")) {
    star.excluded.push_back(qualified(item));
  }
  for (const Json& item : list(node, "replace_list")) {
    star.replaced.emplace_back(text(item, "key"), expression(field(item, "value")));
  }
  for (const Json& item : list(node, "rename_list")) {
    star.renamed.emplace_back(qualified(field(item, "key")), text(item, "value"));
  }
  return star;
}

Subquery TreeReader::subquery(const Json& node) {
  Subquery result;
  const std::string kind = text(node, "subquery_type");
  if (kind == "SCALAR") {
    result.kind = SubqueryKind::kScalar;
  } else if (kind == "EXISTS") {
    result.kind = SubqueryKind::kExists;
  } else if (kind == "NOT_EXISTS") {
    result.kind = SubqueryKind::kNotExists;
  } else if (kind == "ANY") {
    result.kind = SubqueryKind::kAny;
    result.comparison = comparison(text(node, "comparison_type"));
    result.child = boxed(node, "child");
    if (!result.child) {
      corrupt("child");
    }
  } else {
    unsupported("subquery " + kind);
  }
  result.query = statement(field(node, "subquery"));
  return result;
}

}  // namespace sluice::sql::internal
