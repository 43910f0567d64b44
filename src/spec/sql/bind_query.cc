#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sluice/base/text.h"
#include "sluice/sql/bind.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/print.h"
#include "sluice/sql/walk.h"

namespace sluice::sql {

namespace internal {

namespace {

/// The output that an integer names in GROUP BY and ORDER BY, from 0; -1 for anything else.
int position_of(const Constant& constant) {
  if (constant.kind != Constant::Kind::kNumber || constant.type != "INTEGER") {
    return -1;
  }
  int value = 0;
  const char* end = constant.text.data() + constant.text.size();
  const auto [stop, error] = std::from_chars(constant.text.data(), end, value);
  return error == std::errc() && stop == end && value > 0 ? value - 1 : -1;
}

bool binds_to_outputs(const Expression& expression) {
  const auto* star = std::get_if<Star>(&expression.node);
  return star != nullptr && star->is_columns && !star->selector && star->relation.empty();
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && base::lower(a) == base::lower(b);
}

bool same_type(std::string_view a, std::string_view b) {
  const auto bare = [](std::string_view text) {
    std::string result;
    std::copy_if(text.begin(), text.end(), std::back_inserter(result),
                 [](char c) { return c != ' ' && c != '"'; });
    result = base::lower(result);
    constexpr std::string_view kLong = "timestampwithtimezone";  // DESCRIBE's name for it
    for (std::size_t at = result.find(kLong); at != std::string::npos; at = result.find(kLong)) {
      result.replace(at, kLong.size(), "timestamptz");
    }
    return result;
  };
  return a == b || bare(a) == bare(b);
}

bool has_aggregate(const Expression& expression) {
  if (const auto* call = std::get_if<Call>(&expression.node);
      call != nullptr && is_aggregate(base::lower(call->name))) {
    return true;
  }
  if (std::holds_alternative<Subquery>(expression.node)) {
    return false;
  }
  bool found = false;
  for_each_child(expression,
                 [&](const Expression& child) { found = found || has_aggregate(child); });
  return found;
}

bool Binder::fail(std::int64_t offset, std::string message, std::string hint) {
  failure_ = {false, {offset, std::move(message)}, std::move(hint)};
  return false;
}

bool Binder::refuse(std::int64_t offset, std::string construct) {
  failure_ = {true, {offset, std::move(construct) + " is not known"}, ""};
  return false;
}

bool Binder::bind(QueryNode& query, const Scope* outer) {
  const std::size_t ctes = ctes_.size();
  for (CommonTable& cte : query.ctes) {
    if (!bind(*cte.query, outer)) {
      return false;
    }
    ctes_.push_back({cte.name, &cte});
  }
  std::vector<std::string> types;
  types.swap(output_types_);
  auto* select = std::get_if<Select>(&query.body);
  const bool bound = select != nullptr
                         ? bind_select(query, *select, outer)
                         : bind_set_operation(query, std::get<SetOperation>(query.body), outer);
  types.swap(output_types_);
  ctes_.erase(ctes_.begin() + static_cast<std::ptrdiff_t>(ctes), ctes_.end());
  return bound;
}

bool Binder::bind_select(QueryNode& query, Select& select, const Scope* outer) {
  FromNames names;
  if (select.from && !bind_table(*select.from, outer, names)) {
    return false;
  }
  select.bound_list.clear();
  if (!expand_list(select.list, &names, select.bound_list)) {
    return false;
  }
  Scope scope{outer, &names, &select.bound_list, 0, AliasRule::kAfterColumns};
  output_types_.clear();
  for (std::size_t i = 0; i < select.bound_list.size(); ++i) {
    scope.outputs_end = i;
    if (!bind_expression(select.bound_list[i], scope, true)) {
      return false;
    }
    output_types_.push_back(type_of(select.bound_list[i]));
  }
  scope.outputs_end = select.bound_list.size();
  name_outputs(query, select);
  if (select.where) {
    if (!unpack_stars(*select.where, &names) || !bind_boxed(select.where, scope)) {
      return false;
    }
  }
  if (!bind_groups(select, scope)) {
    return false;
  }
  Scope having = scope;
  having.aliases = AliasRule::kBeforeColumns;
  return bind_boxed(select.having, having) && bind_boxed(select.qualify, scope) &&
         bind_select_modifiers(query, select, scope);
}

bool Binder::bind_groups(Select& select, Scope scope) {
  for (Expression& group : select.group_by) {
    if (auto* constant = std::get_if<Constant>(&group.node)) {
      constant->output = position_of(*constant);
      if (constant->output >= static_cast<int>(select.bound_list.size())) {
        return fail(group.offset,
                    fmt::format("GROUP BY {} is beyond the {} columns of the SELECT list",
                                constant->text, select.bound_list.size()));
      }
    } else if (!bind_expression(group, scope, true)) {
      return false;
    }
  }
  return true;
}

void Binder::name_outputs(QueryNode& query, const Select& select) {
  query.outputs.clear();
  for (const Expression& item : select.bound_list) {
    OutputColumn& output = query.outputs.emplace_back();
    output.type = output_types_[query.outputs.size() - 1];
    const auto* ref = std::get_if<ColumnRef>(&item.node);
    const auto* positional = std::get_if<Positional>(&item.node);
    const Reference* reference = ref != nullptr          ? &ref->reference
                                 : positional != nullptr ? &positional->reference
                                                         : nullptr;
    if (!item.alias.empty()) {
      output.name = item.alias;
    } else if (reference != nullptr && !reference->is_field &&
               (reference->kind == ReferenceKind::kColumn ||
                reference->kind == ReferenceKind::kMerged)) {
      const ColumnId id = reference->columns.front();
      output.name = bound_.relations[static_cast<std::size_t>(id.relation)]
                        .columns[static_cast<std::size_t>(id.column)]
                        .name;
    } else if (ref != nullptr) {
      output.name = ref->names.back();
    } else {
      output.name = print(item);
      output.derived_name = true;
    }
  }
}

bool Binder::bind_order(OrderItem& item, const Scope& scope, std::size_t outputs) {
  if (binds_to_outputs(*item.expression)) {
    return true;  // ORDER BY ALL
  }
  if (auto* constant = std::get_if<Constant>(&item.expression->node)) {
    constant->output = position_of(*constant);
    if (constant->output >= static_cast<int>(outputs)) {
      return fail(item.expression->offset,
                  fmt::format("ORDER BY {} is beyond the {} columns of the SELECT list",
                              constant->text, outputs));
    }
    return true;
  }
  return bind_expression(*item.expression, scope, true);
}

bool Binder::bind_limit(Limit& limit, const Scope* outer) {
  Scope scope;
  scope.parent = outer;
  return bind_boxed(limit.count, scope) && bind_boxed(limit.offset, scope);
}

bool Binder::bind_select_modifiers(QueryNode& query, Select& select, Scope scope) {
  for (Modifier& modifier : query.modifiers) {
    if (auto* distinct = std::get_if<Distinct>(&modifier)) {
      Scope at_root = scope;
      at_root.aliases = AliasRule::kBeforeColumns;
      at_root.aliases_at_root_only = true;
      for (Expression& target : distinct->on) {
        if (auto* constant = std::get_if<Constant>(&target.node)) {
          constant->output = position_of(*constant);
        } else if (!bind_expression(target, at_root, true)) {
          return false;
        }
      }
    } else if (auto* order = std::get_if<OrderBy>(&modifier)) {
      Scope at_root = scope;
      at_root.aliases = AliasRule::kBeforeColumns;
      at_root.aliases_at_root_only = true;
      for (OrderItem& item : order->items) {
        if (!bind_order(item, at_root, select.bound_list.size())) {
          return false;
        }
      }
    } else if (!bind_limit(std::get<Limit>(modifier), scope.parent)) {
      return false;
    }
  }
  return true;
}

bool Binder::bind_set_operation(QueryNode& query, SetOperation& operation, const Scope* outer) {
  if (!bind(*operation.left, outer) || !bind(*operation.right, outer)) {
    return false;
  }
  const auto& left = operation.left->outputs;
  const auto& right = operation.right->outputs;
  query.outputs = left;
  if (operation.kind == SetKind::kUnionByName) {
    for (const OutputColumn& column : right) {
      const auto known =
          std::find_if(query.outputs.begin(), query.outputs.end(),
                       [&](const auto& o) { return same_name(o.name, column.name); });
      if (known == query.outputs.end()) {
        query.outputs.push_back(column);
      } else if (!same_type(known->type, column.type)) {
        known->type = "";
      }
    }
    return bind_set_modifiers(query);
  }
  if (left.size() != right.size()) {
    return fail(-1, fmt::format("the two sides of a set operation have {} and {} columns",
                                left.size(), right.size()));
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!same_type(left[i].type, right[i].type)) {
      query.outputs[i].type = "";
    }
  }
  return bind_set_modifiers(query);
}

bool Binder::bind_set_modifiers(QueryNode& query) {
  // The names of the outputs are all that ORDER BY sees here.
  std::vector<Expression> outputs;
  for (const OutputColumn& output : query.outputs) {
    outputs.push_back({Constant{}, output.name, -1});
  }
  const FromNames nothing;
  const Scope scope{nullptr, &nothing, &outputs, outputs.size(), AliasRule::kBeforeColumns};
  for (Modifier& modifier : query.modifiers) {
    if (auto* order = std::get_if<OrderBy>(&modifier)) {
      for (OrderItem& item : order->items) {
        if (!bind_order(item, scope, outputs.size())) {
          return false;
        }
      }
    } else if (auto* limit = std::get_if<Limit>(&modifier);
               limit != nullptr && !bind_limit(*limit, nullptr)) {
      return false;
    }
  }
  return true;
}

}  // namespace internal

std::variant<BoundQuery, Unbound> bind(Statement statement, const TableSchemas& tables) {
  BoundQuery bound;
  bound.statement = std::move(statement);
  internal::Binder binder(tables, bound);
  if (!binder.bind(*bound.statement.query, nullptr)) {
    return std::move(binder).failure();
  }
  return bound;
}

std::optional<std::string> check_outputs(BoundQuery& bound,
                                         std::span<const EngineColumn> described) {
  std::vector<OutputColumn>& outputs = bound.statement.query->outputs;
  if (outputs.size() != described.size()) {
    return fmt::format("{} columns were bound, the engine has {}", outputs.size(),
                       described.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    OutputColumn& output = outputs[i];
    const EngineColumn& engine = described[i];
    if (output.derived_name) {
      output.name = engine.name;
    } else if (output.name != engine.name) {
      return fmt::format("column {} was bound as '{}', the engine has '{}'", i + 1, output.name,
                         engine.name);
    }
    if (output.type.empty()) {
      output.type = engine.type;
    } else if (!internal::same_type(output.type, engine.type)) {
      return fmt::format("column '{}' was bound as {}, the engine has {}", output.name, output.type,
                         engine.type);
    }
  }
  return std::nullopt;
}

}  // namespace sluice::sql
