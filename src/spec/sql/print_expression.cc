#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/printer.h"

namespace sluice::sql {

namespace internal {

namespace {

std::string_view text_of(ComparisonKind kind) {
  switch (kind) {
    case ComparisonKind::kEqual:
      return "=";
    case ComparisonKind::kNotEqual:
      return "!=";
    case ComparisonKind::kLess:
      return "<";
    case ComparisonKind::kGreater:
      return ">";
    case ComparisonKind::kLessOrEqual:
      return "<=";
    case ComparisonKind::kGreaterOrEqual:
      return ">=";
    case ComparisonKind::kDistinctFrom:
      return "IS DISTINCT FROM";
    case ComparisonKind::kNotDistinctFrom:
      return "IS NOT DISTINCT FROM";
  }
  return "=";
}

/// `x IS TRUE` is kept as a comparison of a cast with a boolean constant, which has no other
/// spelling.
const Cast* boolean_test(const Comparison& comparison) {
  const bool kind = comparison.kind == ComparisonKind::kDistinctFrom ||
                    comparison.kind == ComparisonKind::kNotDistinctFrom;
  const auto* right = std::get_if<Constant>(&comparison.right->node);
  const auto* left = std::get_if<Cast>(&comparison.left->node);
  const bool tested = kind && right != nullptr && right->type == "BOOLEAN" &&
                      right->kind == Constant::Kind::kNumber && left != nullptr &&
                      left->type == "BOOLEAN" && !left->is_try;
  return tested ? left : nullptr;
}

}  // namespace

const Constant* only_constant(const Expression& expression) {
  if (const auto* constant = std::get_if<Constant>(&expression.node)) {
    return constant;
  }
  if (const auto* cast = std::get_if<Cast>(&expression.node)) {
    return only_constant(*cast->child);
  }
  const auto* call = std::get_if<Call>(&expression.node);
  return call != nullptr && call->name == "trunc" && call->arguments.size() == 1
             ? only_constant(call->arguments[0])
             : nullptr;
}

void Printer::expression(const Expression& expression) {
  std::visit([this](const auto& node) { (*this)(node); }, expression.node);
}

void Printer::with_alias(const Expression& node) {
  expression(node);
  if (!node.alias.empty()) {
    add(" AS ");
    identifier(node.alias);
  }
}

void Printer::expressions(const std::vector<Expression>& list, bool with_aliases) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    add(i == 0 ? "" : ", ");
    with_aliases ? with_alias(list[i]) : expression(list[i]);
  }
}

void Printer::identifiers(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    add(i == 0 ? "" : ", ");
    identifier(names[i]);
  }
}

void Printer::operator()(const Constant& constant) {
  switch (constant.kind) {
    case Constant::Kind::kNull:
      add("NULL");
      return;
    case Constant::Kind::kNumber:
      add(constant.text);
      return;
    case Constant::Kind::kText:
      if (constant.type == "VARCHAR") {
        add(dialect_.literal(constant.text));
      } else {
        add("CAST(" + dialect_.literal(constant.text) + " AS " + dialect_.type(constant.type) +
            ")");
      }
      return;
    case Constant::Kind::kOmitted:
      return;
  }
}

void Printer::operator()(const ColumnRef& ref) {
  for (std::size_t i = 0; i < ref.names.size(); ++i) {
    add(i == 0 ? "" : ".");
    identifier(ref.names[i]);
  }
}

void Printer::function_name(std::string_view catalog, std::string_view schema,
                            std::string_view name) {
  for (const std::string_view part : {catalog, schema}) {
    if (!part.empty()) {
      identifier(part);
      add(".");
    }
  }
  identifier(dialect_.function(name));
}

void Printer::argument_of(const Call& call, const Expression& argument) {
  if (!argument.alias.empty()) {
    identifier(argument.alias);
    add(" := ");
  }
  const auto* lambda = std::get_if<Lambda>(&argument.node);
  if (lambda != nullptr && takes_lambda(base::lower(call.name))) {
    lambda_argument(*lambda);
  } else {
    expression(argument);
  }
}

void Printer::arguments(const Call& call) {
  add("(");
  add(call.distinct ? "DISTINCT " : "");
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    add(i == 0 ? "" : ", ");
    argument_of(call, call.arguments[i]);
  }
  if (!call.order.empty()) {
    add(" ORDER BY ");
    order(call.order);
  }
  add(")");
}

/// Writes calls that are no calls in other dialects: count(*), INTERVAL and EXTRACT.
bool Printer::special_form(const Call& call) {
  const std::string name = dialect_.function(call.name);
  if (name == "count" && call.name == "count_star") {
    add("count(*)");
    return true;
  }
  constexpr std::string_view kInterval = "INTERVAL ";
  if (name.starts_with(kInterval) && call.arguments.size() == 1) {
    const std::string_view unit = std::string_view(name).substr(kInterval.size());
    if (const Constant* constant = only_constant(call.arguments[0])) {
      add("INTERVAL " + dialect_.literal(constant->text) + " ");
      add(unit);
    } else {
      add("(");
      expression(call.arguments[0]);
      add(" * INTERVAL '1' ");
      add(unit);
      add(")");
    }
    return true;
  }
  const auto* part =
      call.arguments.size() == 2 ? std::get_if<Constant>(&call.arguments[0].node) : nullptr;
  if (name == "EXTRACT" && part != nullptr) {
    add("EXTRACT(" + part->text + " FROM ");
    expression(call.arguments[1]);
    add(")");
    return true;
  }
  return false;
}

void Printer::operator()(const Call& call) {
  if (call.is_operator && call.arguments.size() == 2) {
    add("(");
    expression(call.arguments[0]);
    add(" " + dialect_.function(call.name) + " ");
    expression(call.arguments[1]);
    add(")");
    return;
  }
  if (call.is_operator && call.arguments.size() == 1) {
    constexpr std::string_view kPostfix = "__postfix";
    if (call.name.ends_with(kPostfix)) {
      add("((");
      expression(call.arguments[0]);
      add(")" + call.name.substr(0, call.name.size() - kPostfix.size()) + ")");
    } else {
      add(call.name + "(");
      expression(call.arguments[0]);
      add(")");
    }
    return;
  }
  if (!special_form(call)) {
    function_name(call.catalog, call.schema, call.name);
    arguments(call);
  }
  if (call.filter) {
    add(" FILTER (WHERE ");
    expression(*call.filter);
    add(")");
  }
}

void Printer::order(const std::vector<OrderItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const OrderItem& item = items[i];
    add(i == 0 ? "" : ", ");
    const auto* star = std::get_if<Star>(&item.expression->node);
    if (star != nullptr && star->is_columns && !star->selector && star->relation.empty()) {
      add("ALL");
    } else {
      expression(*item.expression);
    }
    add(item.direction == SortDirection::kAscending    ? " ASC"
        : item.direction == SortDirection::kDescending ? " DESC"
                                                       : "");
    add(item.nulls == NullOrder::kFirst  ? " NULLS FIRST"
        : item.nulls == NullOrder::kLast ? " NULLS LAST"
                                         : "");
  }
}

void Printer::operator()(const Window& window) {
  function_name(window.catalog, window.schema, window.name);
  add("(");
  add(window.distinct ? "DISTINCT " : "");
  expressions(window.arguments);
  for (const Box<Expression>* extra : {&window.offset, &window.default_value}) {
    if (*extra) {
      add(", ");
      expression(**extra);
    }
  }
  if (!window.argument_order.empty()) {
    add(" ORDER BY ");
    order(window.argument_order);
  }
  add(window.ignore_nulls ? " IGNORE NULLS)" : ")");
  if (window.filter) {
    add(" FILTER (WHERE ");
    expression(*window.filter);
    add(")");
  }
  add(" OVER (");
  std::string_view blank;
  if (!window.partitions.empty()) {
    add("PARTITION BY ");
    expressions(window.partitions);
    blank = " ";
  }
  if (!window.order.empty()) {
    add(blank);
    add("ORDER BY ");
    order(window.order);
    blank = " ";
  }
  const bool usual = window.start.edge == FrameEdge::kUnboundedPreceding &&
                     window.end.edge == FrameEdge::kCurrentRow &&
                     window.end.unit == FrameUnit::kRange &&
                     window.exclusion == FrameExclusion::kNothing;
  if (!usual) {
    add(blank);
    frame(window);
  }
  add(")");
}

void Printer::frame(const Window& window) {
  const auto unbounded = [](const FrameBound& bound) {
    return bound.edge == FrameEdge::kUnboundedPreceding ||
           bound.edge == FrameEdge::kUnboundedFollowing;
  };
  const FrameUnit unit = unbounded(window.start) ? window.end.unit : window.start.unit;
  add(unit == FrameUnit::kRows ? "ROWS" : unit == FrameUnit::kGroups ? "GROUPS" : "RANGE");
  add(" BETWEEN ");
  frame_bound(window.start);
  add(" AND ");
  frame_bound(window.end);
  switch (window.exclusion) {
    case FrameExclusion::kNothing:
      break;
    case FrameExclusion::kCurrentRow:
      add(" EXCLUDE CURRENT ROW");
      break;
    case FrameExclusion::kGroup:
      add(" EXCLUDE GROUP");
      break;
    case FrameExclusion::kTies:
      add(" EXCLUDE TIES");
      break;
  }
}

void Printer::frame_bound(const FrameBound& bound) {
  switch (bound.edge) {
    case FrameEdge::kUnboundedPreceding:
      add("UNBOUNDED PRECEDING");
      return;
    case FrameEdge::kUnboundedFollowing:
      add("UNBOUNDED FOLLOWING");
      return;
    case FrameEdge::kCurrentRow:
      add("CURRENT ROW");
      return;
    case FrameEdge::kPreceding:
    case FrameEdge::kFollowing:
      expression(*bound.distance);
      add(bound.edge == FrameEdge::kPreceding ? " PRECEDING" : " FOLLOWING");
      return;
  }
}

void Printer::operator()(const Cast& cast) {
  add(cast.is_try ? "TRY_CAST(" : "CAST(");
  expression(*cast.child);
  add(" AS " + dialect_.type(cast.type) + ")");
}

void Printer::operator()(const Case& node) {
  add("CASE ");
  for (const CaseBranch& branch : node.branches) {
    add(" WHEN (");
    expression(*branch.when);
    add(") THEN (");
    expression(*branch.then);
    add(")");
  }
  if (node.otherwise) {
    add(" ELSE ");
    expression(*node.otherwise);
  }
  add(" END");
}

void Printer::operator()(const Comparison& comparison) {
  add("(");
  if (const Cast* tested = boolean_test(comparison)) {
    expression(*tested->child);
    add(comparison.kind == ComparisonKind::kDistinctFrom ? " IS NOT " : " IS ");
  } else {
    expression(*comparison.left);
    add(" ");
    add(text_of(comparison.kind));
    add(" ");
  }
  expression(*comparison.right);
  add(")");
}

void Printer::operator()(const Conjunction& conjunction) {
  add("(");
  for (std::size_t i = 0; i < conjunction.children.size(); ++i) {
    add(i == 0 ? "" : conjunction.is_and ? " AND " : " OR ");
    expression(conjunction.children[i]);
  }
  add(")");
}

void Printer::operator()(const Between& between) {
  add("(");
  expression(*between.input);
  add(" BETWEEN ");
  expression(*between.lower);
  add(" AND ");
  expression(*between.upper);
  add(")");
}

void Printer::subscripted(const Expression& node) {
  const auto* constant = std::get_if<Constant>(&node.node);
  const bool brackets =
      std::holds_alternative<Case>(node.node) || std::holds_alternative<Window>(node.node) ||
      (constant != nullptr && constant->kind == Constant::Kind::kNumber) ||
      (std::holds_alternative<Call>(node.node) && std::get<Call>(node.node).is_operator);
  add(brackets ? "(" : "");
  expression(node);
  add(brackets ? ")" : "");
}

void Printer::slice(const Operator& node) {
  subscripted(node.children[0]);
  add("[");
  expression(node.children[1]);
  add(":");
  if (node.children.size() > 3) {
    const auto* end = std::get_if<Constant>(&node.children[2].node);
    if (end != nullptr && end->kind == Constant::Kind::kOmitted) {
      add("-");
    } else {
      expression(node.children[2]);
    }
    add(":");
  }
  expression(node.children.back());
  add("]");
}

void Printer::operator()(const Operator& node) {
  const auto rest = [&] {
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      add(i == 1 ? "" : ", ");
      expression(node.children[i]);
    }
  };
  const Expression* first = node.children.empty() ? nullptr : &node.children.front();
  switch (node.kind) {
    case OperatorKind::kNot:
      add("(NOT ");
      expression(*first);
      add(")");
      return;
    case OperatorKind::kIsNull:
    case OperatorKind::kIsNotNull:
      add("(");
      expression(*first);
      add(node.kind == OperatorKind::kIsNull ? " IS NULL)" : " IS NOT NULL)");
      return;
    case OperatorKind::kIn:
    case OperatorKind::kNotIn:
      add("(");
      expression(*first);
      add(node.kind == OperatorKind::kIn ? " IN (" : " NOT IN (");
      rest();
      add("))");
      return;
    case OperatorKind::kCoalesce:
    case OperatorKind::kTry:
    case OperatorKind::kGrouping:
      add(node.kind == OperatorKind::kCoalesce ? "COALESCE("
          : node.kind == OperatorKind::kTry    ? "TRY("
                                               : "GROUPING(");
      expressions(node.children);
      add(")");
      return;
    case OperatorKind::kUnpack:
      add("*");
      expression(*first);
      return;
    case OperatorKind::kExtract:
      subscripted(*first);
      add("[");
      expression(node.children[1]);
      add("]");
      return;
    case OperatorKind::kSlice:
      slice(node);
      return;
    case OperatorKind::kStructExtract: {
      const auto* name = std::get_if<Constant>(&node.children[1].node);
      add("(");
      expression(*first);
      add(").");
      identifier(name != nullptr ? name->text : "");
      return;
    }
    case OperatorKind::kListOf:
      add("ARRAY[");
      expressions(node.children);
      add("]");
      return;
  }
}

void Printer::operator()(const Lambda& lambda) {
  add("(");
  expression(*lambda.parameters);
  add(" -> ");
  expression(*lambda.body);
  add(")");
}

void Printer::lambda_argument(const Lambda& lambda) {
  const auto* row = std::get_if<Call>(&lambda.parameters->node);
  if (row != nullptr && !row->schema.empty()) {
    (*this)(lambda);
    return;
  }
  add("(LAMBDA ");
  if (row != nullptr) {
    expressions(row->arguments);
  } else {
    expression(*lambda.parameters);
  }
  add(": ");
  expression(*lambda.body);
  add(")");
}

void Printer::star_changes(const Star& star) {
  const auto qualified = [&](const QualifiedName& name) {
    if (!name.table.empty()) {
      identifier(name.table);
      add(".");
    }
    identifier(name.column);
  };
  std::string_view comma;
  if (!star.excluded.empty()) {
    add(" EXCLUDE (");
    for (const QualifiedName& name : star.excluded) {
      add(comma);
      qualified(name);
      comma = ", ";
    }
    add(")");
  }
  comma = "";
  if (!star.replaced.empty()) {
    add(" REPLACE (");
    for (const auto& [name, replacement] : star.replaced) {
      add(comma);
      expression(*replacement);
      add(" AS ");
      identifier(name);
      comma = ", ";
    }
    add(")");
  }
  comma = "";
  if (!star.renamed.empty()) {
    add(" RENAME (");
    for (const auto& [name, renamed] : star.renamed) {
      add(comma);
      qualified(name);
      add(" AS ");
      identifier(renamed);
      comma = ", ";
    }
    add(")");
  }
}

void Printer::operator()(const Star& star) {
  add(star.is_columns ? "COLUMNS(" : "");
  if (star.selector) {
    expression(*star.selector);
  } else {
    if (!star.relation.empty()) {
      identifier(star.relation);
      add(".");
    }
    add("*");
    star_changes(star);
  }
  add(star.is_columns ? ")" : "");
}

void Printer::operator()(const Subquery& subquery) {
  switch (subquery.kind) {
    case SubqueryKind::kScalar:
      add("(");
      break;
    case SubqueryKind::kExists:
      add("EXISTS(");
      break;
    case SubqueryKind::kNotExists:
      add("NOT EXISTS(");
      break;
    case SubqueryKind::kAny:
      add("(");
      expression(*subquery.child);
      add(" ");
      add(text_of(subquery.comparison));
      add(" ANY(");
      break;
  }
  query(*subquery.query);
  add(subquery.kind == SubqueryKind::kAny ? "))" : ")");
}

void Printer::operator()(const Collate& collate) {
  expression(*collate.child);
  add(" COLLATE ");
  add(collate.collation);
}

void Printer::operator()(const Positional& positional) {
  add("#" + std::to_string(positional.index));
}

}  // namespace internal

std::string print(const Expression& expression, const Dialect& dialect) {
  internal::Printer printer(dialect);
  printer.expression(expression);
  return std::move(printer).take();
}

}  // namespace sluice::sql
