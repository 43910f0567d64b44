#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/walk.h"

namespace sluice::sql::internal {

bool Binder::bind_list(std::vector<Expression>& list, const Scope& scope) {
  for (Expression& item : list) {
    if (!bind_expression(item, scope)) {
      return false;
    }
  }
  return true;
}

bool Binder::bind_boxed(Box<Expression>& expression, const Scope& scope) {
  return !expression || bind_expression(*expression, scope);
}

bool Binder::bind_expression(Expression& expression, const Scope& scope, bool is_root) {
  if (auto* ref = std::get_if<ColumnRef>(&expression.node)) {
    return bind_column(*ref, expression.offset, scope, is_root);
  }
  if (auto* call = std::get_if<Call>(&expression.node)) {
    return bind_call(*call, expression.offset, scope);
  }
  if (auto* subquery = std::get_if<Subquery>(&expression.node)) {
    return bind_subquery(*subquery, expression.offset, scope);
  }
  if (auto* lambda = std::get_if<Lambda>(&expression.node)) {
    // Outside the functions that take one it is `->` of JSON.
    return bind_boxed(lambda->parameters, scope) && bind_boxed(lambda->body, scope);
  }
  if (auto* positional = std::get_if<Positional>(&expression.node)) {
    std::int64_t left = positional->index;
    for (const auto& [name, reference] : scope.names != nullptr
                                             ? visible_columns(*scope.names)
                                             : std::vector<std::pair<std::string, Reference>>()) {
      if (--left == 0) {
        positional->reference = reference;
        return true;
      }
    }
    return fail(expression.offset, fmt::format("there is no column #{}", positional->index));
  }
  if (std::holds_alternative<Star>(expression.node)) {
    return refuse(expression.offset, "a star here");
  }
  bool bound = true;
  for_each_child(expression,
                 [&](Expression& child) { bound = bound && bind_expression(child, scope); });
  return bound;
}

bool Binder::bind_call(Call& call, std::int64_t offset, const Scope& scope) {
  const std::string name = base::lower(call.name);
  Scope inner = scope;
  if (is_aggregate(name)) {
    inner.aliases =
        scope.aliases == AliasRule::kNever ? AliasRule::kNever : AliasRule::kAfterColumns;
  }
  for (Expression& argument : call.arguments) {
    auto* lambda = std::get_if<Lambda>(&argument.node);
    const bool bound = lambda != nullptr && takes_lambda(name)
                           ? bind_lambda(*lambda, argument.offset, inner)
                           : bind_expression(argument, inner);
    if (!bound) {
      return false;
    }
  }
  if (name == "unnest" && !call.arguments.empty() &&
      (call.arguments.size() > 1 || type_of(call.arguments[0]).starts_with("STRUCT"))) {
    return refuse(offset, "unnest of a struct");
  }
  for (OrderItem& item : call.order) {
    if (!bind_boxed(item.expression, inner)) {
      return false;
    }
  }
  return bind_boxed(call.filter, inner);
}

bool Binder::bind_lambda(Lambda& lambda, std::int64_t offset, const Scope& scope) {
  std::vector<Expression*> names;
  if (auto* row = std::get_if<Call>(&lambda.parameters->node)) {
    for (Expression& argument : row->arguments) {
      names.push_back(&argument);
    }
  } else {
    names.push_back(&*lambda.parameters);
  }
  const std::size_t before = parameters_.size();
  for (Expression* parameter : names) {
    auto* ref = std::get_if<ColumnRef>(&parameter->node);
    if (ref == nullptr || ref->names.size() != 1) {
      return refuse(offset, "a lambda whose parameter is no name");
    }
    ref->reference = Reference{ReferenceKind::kParameter};
    parameters_.push_back(ref->names[0]);
  }
  const bool bound = bind_boxed(lambda.body, scope);
  parameters_.resize(before);
  return bound;
}

bool Binder::bind_subquery(Subquery& subquery, std::int64_t offset, const Scope& scope) {
  if (!bind_boxed(subquery.child, scope) || !bind(*subquery.query, &scope)) {
    return false;
  }
  if (subquery.kind == SubqueryKind::kScalar && subquery.query->outputs.size() != 1) {
    return fail(offset, fmt::format("a subquery in this place yields one column, this one {}",
                                    subquery.query->outputs.size()));
  }
  return true;
}

}  // namespace sluice::sql::internal
