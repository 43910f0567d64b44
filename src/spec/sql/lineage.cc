#include "sluice/sql/lineage.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/walk.h"

namespace sluice::sql {

namespace {

/// Uses of base columns, which are numbered in the order met.
using Uses = std::map<int, ColumnUses>;

void merge(Uses& into, const Uses& from) {
  for (const auto& [column, uses] : from) {
    into[column] |= uses;
  }
}

/// The values at least computed, or aggregated, from what they were.
Uses derived(Uses uses, ColumnUse kind) {
  for (auto& [column, flags] : uses) {
    if ((flags & kValueUses) != 0) {
      const bool aggregated = kind == kAggregated || (flags & kAggregated) != 0;
      flags =
          static_cast<ColumnUses>((flags & ~kValueUses) | (aggregated ? kAggregated : kComputed));
    }
  }
  return uses;
}

/// The same columns where they no longer give values.
Uses influence(Uses uses, ColumnUse kind) {
  for (auto& [column, flags] : uses) {
    if ((flags & kValueUses) != 0) {
      flags = static_cast<ColumnUses>((flags & ~kValueUses) | kind);
    }
  }
  return uses;
}

ColumnUse use_of(Influence kind) {
  switch (kind) {
    case Influence::kJoin:
      return kJoins;
    case Influence::kFilter:
      return kFilters;
    case Influence::kGroup:
      return kGroups;
    case Influence::kOrder:
      return kOrders;
  }
  return kFilters;
}

/// What a query's rows depend on, and what each of its columns does besides.
struct QueryUses {
  Uses rows;
  std::vector<Uses> outputs;
};

class Tracer {
 public:
  explicit Tracer(const BoundQuery& bound) : bound_(bound), columns_(bound.relations.size()) {}

  const QueryUses& query(const QueryNode& node);
  const std::vector<BaseColumn>& bases() const { return bases_; }

 private:
  using Outputs = std::vector<Uses>;

  Uses value(const Expression& expression, const Outputs& outputs);
  Uses value_of_call(const Call& call, const Outputs& outputs);
  Uses value_of_window(const Window& window, const Outputs& outputs);
  Uses value_of_subquery(const Subquery& subquery, const Outputs& outputs);
  Uses children(const Expression& expression, ColumnUse kind, const Outputs& outputs);
  Uses reference(const Reference& reference, const Outputs& outputs);
  const Uses& column(ColumnId id);

  QueryUses select(const QueryNode& node, const Select& select);
  QueryUses set_operation(const QueryNode& node, const SetOperation& operation);
  void rows_of(const TableRef& ref, Uses& rows);
  void rows_of_relation(const Relation& relation, Uses& rows);
  void modifiers(const QueryNode& node, QueryUses& result);
  void add(Uses& rows, const Expression& expression, ColumnUse kind, const Outputs& outputs) {
    merge(rows, influence(value(expression, outputs), kind));
  }

  const BoundQuery& bound_;
  std::unordered_map<const QueryNode*, QueryUses> queries_;
  std::vector<std::vector<std::optional<Uses>>> columns_;
  std::map<BaseColumn, int> numbers_;
  std::vector<BaseColumn> bases_;
};

const Uses& Tracer::column(ColumnId id) {
  const Relation& relation = bound_.relations[static_cast<std::size_t>(id.relation)];
  auto& known = columns_[static_cast<std::size_t>(id.relation)];
  known.resize(relation.columns.size());
  const auto index = static_cast<std::size_t>(id.column);
  if (known[index]) {
    return *known[index];
  }
  Uses uses;
  const RelationColumn& of = relation.columns[index];
  if (relation.kind == RelationKind::kTable) {
    BaseColumn base{relation.table, of.table_name};
    const auto [found, added] = numbers_.emplace(base, static_cast<int>(bases_.size()));
    if (added) {
      bases_.push_back(std::move(base));
    }
    uses[found->second] = kCopied;
  } else if (relation.query != nullptr) {
    uses = query(*relation.query).outputs[index];
  } else {
    for (const Expression& from : of.from) {
      merge(uses, value(from, {}));
    }
    if (relation.kind == RelationKind::kFunction) {
      uses = derived(std::move(uses), kComputed);
    }
  }
  known[index] = std::move(uses);
  return *known[index];
}

Uses Tracer::reference(const Reference& reference, const Outputs& outputs) {
  Uses uses;
  if (reference.kind == ReferenceKind::kOutput) {
    const auto index = static_cast<std::size_t>(reference.output);
    if (index < outputs.size()) {
      uses = outputs[index];
    }
  }
  for (const ColumnId id : reference.columns) {
    merge(uses, column(id));
  }
  const bool whole = !reference.is_field && reference.kind != ReferenceKind::kMerged &&
                     reference.kind != ReferenceKind::kRow;
  return whole ? uses : derived(std::move(uses), kComputed);
}

Uses Tracer::children(const Expression& expression, ColumnUse kind, const Outputs& outputs) {
  Uses uses;
  for_each_child(expression, [&](const Expression& child) { merge(uses, value(child, outputs)); });
  return derived(std::move(uses), kind);
}

Uses Tracer::value_of_call(const Call& call, const Outputs& outputs) {
  Uses uses;
  for (const Expression& argument : call.arguments) {
    merge(uses, value(argument, outputs));
  }
  uses = derived(std::move(uses), is_aggregate(base::lower(call.name)) ? kAggregated : kComputed);
  if (call.filter) {
    add(uses, *call.filter, kFilters, outputs);
  }
  for (const OrderItem& item : call.order) {
    add(uses, *item.expression, kOrders, outputs);
  }
  return uses;
}

Uses Tracer::value_of_window(const Window& window, const Outputs& outputs) {
  Uses uses;
  for (const Expression& argument : window.arguments) {
    merge(uses, value(argument, outputs));
  }
  for (const Box<Expression>* extra : {&window.offset, &window.default_value}) {
    if (*extra) {
      merge(uses, value(**extra, outputs));
    }
  }
  uses = derived(std::move(uses), is_aggregate(base::lower(window.name)) ? kAggregated : kComputed);
  for (const Expression& partition : window.partitions) {
    add(uses, partition, kGroups, outputs);
  }
  for (const auto* order : {&window.order, &window.argument_order}) {
    for (const OrderItem& item : *order) {
      add(uses, *item.expression, kOrders, outputs);
    }
  }
  for (const Box<Expression>* bound : {&window.start.distance, &window.end.distance}) {
    if (*bound) {
      add(uses, **bound, kOrders, outputs);
    }
  }
  if (window.filter) {
    add(uses, *window.filter, kFilters, outputs);
  }
  return uses;
}

Uses Tracer::value_of_subquery(const Subquery& subquery, const Outputs& outputs) {
  Uses uses;
  const QueryUses& inner = query(*subquery.query);
  if (subquery.kind == SubqueryKind::kScalar || subquery.kind == SubqueryKind::kAny) {
    for (const Uses& output : inner.outputs) {
      merge(uses, output);
    }
  }
  if (subquery.kind == SubqueryKind::kAny) {
    uses = derived(std::move(uses), kComputed);
    merge(uses, derived(value(*subquery.child, outputs), kComputed));
  }
  merge(uses, inner.rows);
  return uses;
}

Uses Tracer::value(const Expression& expression, const Outputs& outputs) {
  if (const auto* ref = std::get_if<ColumnRef>(&expression.node)) {
    return reference(ref->reference, outputs);
  }
  if (const auto* positional = std::get_if<Positional>(&expression.node)) {
    return reference(positional->reference, outputs);
  }
  if (const auto* constant = std::get_if<Constant>(&expression.node)) {
    const auto index = static_cast<std::size_t>(constant->output);
    return constant->output >= 0 && index < outputs.size() ? outputs[index] : Uses();
  }
  if (const auto* call = std::get_if<Call>(&expression.node)) {
    return value_of_call(*call, outputs);
  }
  if (const auto* window = std::get_if<Window>(&expression.node)) {
    return value_of_window(*window, outputs);
  }
  if (const auto* subquery = std::get_if<Subquery>(&expression.node)) {
    return value_of_subquery(*subquery, outputs);
  }
  if (std::holds_alternative<Star>(expression.node)) {  // ORDER BY ALL
    Uses all;
    for (const Uses& output : outputs) {
      merge(all, output);
    }
    return all;
  }
  return children(expression, kComputed, outputs);
}

void Tracer::rows_of_relation(const Relation& relation, Uses& rows) {
  if (relation.query != nullptr) {
    merge(rows, query(*relation.query).rows);
  }
  for (const auto& [kind, expression] : relation.row_inputs) {
    add(rows, expression, use_of(kind), {});
  }
}

void Tracer::rows_of(const TableRef& ref, Uses& rows) {
  if (const auto* join = std::get_if<Join>(&ref.node)) {
    rows_of(*join->left, rows);
    rows_of(*join->right, rows);
    if (join->condition) {
      add(rows, *join->condition, kJoins, {});
    }
    for (const Reference& compared : join->using_references) {
      merge(rows, influence(reference(compared, {}), kJoins));
    }
    return;
  }
  if (const auto* pivot = std::get_if<Pivot>(&ref.node)) {
    rows_of(*pivot->source, rows);
  }
  rows_of_relation(bound_.relations[static_cast<std::size_t>(ref.relation)], rows);
}

void Tracer::modifiers(const QueryNode& node, QueryUses& result) {
  for (const Modifier& modifier : node.modifiers) {
    if (const auto* distinct = std::get_if<Distinct>(&modifier)) {
      for (const Expression& target : distinct->on) {
        add(result.rows, target, kGroups, result.outputs);
      }
      if (distinct->on.empty()) {
        for (const Uses& output : result.outputs) {
          merge(result.rows, influence(output, kGroups));
        }
      }
    } else if (const auto* order = std::get_if<OrderBy>(&modifier)) {
      for (const OrderItem& item : order->items) {
        add(result.rows, *item.expression, kOrders, result.outputs);
      }
    } else {
      const auto& limit = std::get<Limit>(modifier);
      for (const Box<Expression>* bound : {&limit.count, &limit.offset}) {
        if (*bound) {
          add(result.rows, **bound, kFilters, {});
        }
      }
    }
  }
}

/// Says whether the expression makes several rows of one.
bool unnests(const Expression& expression) {
  const auto* call = std::get_if<Call>(&expression.node);
  if (call != nullptr && base::lower(call->name) == "unnest") {
    return true;
  }
  bool found = false;
  for_each_child(expression, [&](const Expression& child) { found = found || unnests(child); });
  return found;
}

QueryUses Tracer::select(const QueryNode& node, const Select& select) {
  QueryUses result;
  if (select.from) {
    rows_of(*select.from, result.rows);
  }
  for (const Expression& item : select.bound_list) {
    result.outputs.push_back(value(item, result.outputs));
  }
  for (std::size_t i = 0; i < select.bound_list.size(); ++i) {
    if (unnests(select.bound_list[i])) {
      merge(result.rows, influence(result.outputs[i], kJoins));
    }
    if (select.group_all && !internal::has_aggregate(select.bound_list[i])) {
      merge(result.rows, influence(result.outputs[i], kGroups));
    }
  }
  for (const Expression& group : select.group_by) {
    add(result.rows, group, kGroups, result.outputs);
  }
  for (const Box<Expression>* filter : {&select.where, &select.having, &select.qualify}) {
    if (*filter) {
      add(result.rows, **filter, kFilters, result.outputs);
    }
  }
  modifiers(node, result);
  return result;
}

QueryUses Tracer::set_operation(const QueryNode& node, const SetOperation& operation) {
  const QueryUses left = query(*operation.left);
  const QueryUses right = query(*operation.right);
  QueryUses result;
  result.rows = left.rows;
  merge(result.rows, right.rows);
  result.outputs = left.outputs;
  const bool unites = operation.kind == SetKind::kUnion || operation.kind == SetKind::kUnionByName;
  if (operation.kind == SetKind::kUnionByName) {
    result.outputs.resize(node.outputs.size());
    for (std::size_t r = 0; r < right.outputs.size(); ++r) {
      for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        if (internal::same_name(node.outputs[i].name, operation.right->outputs[r].name)) {
          merge(result.outputs[i], right.outputs[r]);
        }
      }
    }
  } else if (unites) {
    for (std::size_t i = 0; i < result.outputs.size(); ++i) {
      merge(result.outputs[i], right.outputs[i]);
    }
  }
  if (!unites || !operation.all) {
    for (const QueryUses* side : {&left, &right}) {
      for (const Uses& output : side->outputs) {
        merge(result.rows, influence(output, kGroups));
      }
    }
  }
  modifiers(node, result);
  return result;
}

const QueryUses& Tracer::query(const QueryNode& node) {
  if (const auto known = queries_.find(&node); known != queries_.end()) {
    return known->second;
  }
  const auto* plain = std::get_if<Select>(&node.body);
  QueryUses uses = plain != nullptr ? select(node, *plain)
                                    : set_operation(node, std::get<SetOperation>(node.body));
  return queries_.emplace(&node, std::move(uses)).first->second;
}

}  // namespace

std::vector<ColumnLineage> column_lineage(const BoundQuery& bound) {
  Tracer tracer(bound);
  const QueryUses& uses = tracer.query(*bound.statement.query);
  std::vector<ColumnLineage> result;
  for (std::size_t i = 0; i < uses.outputs.size(); ++i) {
    ColumnLineage& lineage = result.emplace_back();
    lineage.column = bound.outputs()[i].name;
    Uses all = uses.outputs[i];
    merge(all, uses.rows);
    for (const auto& [base, flags] : all) {
      lineage.uses[tracer.bases()[static_cast<std::size_t>(base)]] = flags;
    }
  }
  return result;
}

std::vector<std::string> to_texts(ColumnUses uses) {
  std::vector<std::string> texts;
  const std::pair<ColumnUse, const char*> names[] = {
      {kCopied, "copied"},  {kComputed, "computed"}, {kAggregated, "aggregated"}, {kJoins, "join"},
      {kFilters, "filter"}, {kGroups, "group"},      {kOrders, "order"}};
  for (const auto& [use, name] : names) {
    if ((uses & use) != 0) {
      texts.emplace_back(name);
    }
  }
  return texts;
}

}  // namespace sluice::sql
