#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/print.h"

namespace sluice::sql::internal {

namespace {

/// Gives columns of one name the suffixes that DuckDB gives them where a query becomes a table.
void deduplicate(std::vector<RelationColumn>& columns) {
  std::set<std::string> seen;
  for (RelationColumn& column : columns) {
    const std::string name = column.name;
    for (int n = 1; !seen.insert(base::lower(column.name)).second; ++n) {
      column.name = fmt::format("{}_{}", name, n);
    }
  }
}

}  // namespace

std::vector<RelationColumn> Binder::columns_of(const std::vector<OutputColumn>& outputs) {
  std::vector<RelationColumn> columns;
  for (const OutputColumn& output : outputs) {
    columns.push_back({output.name, output.type, "", 0, {}});
  }
  deduplicate(columns);
  return columns;
}

std::vector<std::pair<std::string, Reference>> Binder::visible_columns(
    const FromNames& names) const {
  std::vector<std::pair<std::string, Reference>> result;
  std::set<ColumnId> merged;
  for (const VisibleRelation& visible : names.relations) {
    const auto& columns = bound_.relations[static_cast<std::size_t>(visible.relation)].columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ColumnId id{visible.relation, static_cast<int>(i)};
      if (merged.contains(id)) {
        continue;
      }
      Reference reference{ReferenceKind::kColumn, {id}};
      for (const MergedColumn& column : names.merged) {
        if (std::find(column.all.begin(), column.all.end(), id) != column.all.end()) {
          reference = column.reference;
          merged.insert(column.all.begin(), column.all.end());
        }
      }
      result.emplace_back(columns[i].name, std::move(reference));
    }
  }
  return result;
}

bool Binder::add_relation(TableRef& ref, Relation relation, std::string schema, FromNames& names) {
  if (ref.column_aliases.size() > relation.columns.size()) {
    return fail(ref.offset,
                fmt::format("{} has {} columns, but {} names are given for them", relation.alias,
                            relation.columns.size(), ref.column_aliases.size()));
  }
  for (std::size_t i = 0; i < ref.column_aliases.size(); ++i) {
    relation.columns[i].name = ref.column_aliases[i];
  }
  columns_ += relation.columns.size();
  constexpr std::size_t kColumnsMax = 200'000;
  if (columns_ > kColumnsMax) {
    return refuse(ref.offset, "a statement over more than 200,000 columns");
  }
  ref.relation = static_cast<int>(bound_.relations.size());
  for (const VisibleRelation& other : names.relations) {
    if (same_name(other.alias, relation.alias) && same_name(other.schema, schema)) {
      return fail(ref.offset,
                  fmt::format("two tables of the FROM clause are named '{}'", relation.alias),
                  "give one of them another name with AS");
    }
  }
  names.relations.push_back({std::move(schema), relation.alias, ref.relation});
  bound_.relations.push_back(std::move(relation));
  return true;
}

bool Binder::bind_table(TableRef& ref, const Scope* outer, FromNames& names) {
  if (const auto* table = std::get_if<NamedTable>(&ref.node)) {
    return bind_named(ref, *table, names);
  }
  if (auto* subquery = std::get_if<SubqueryTable>(&ref.node)) {
    if (!bind(*subquery->query, outer)) {
      return false;
    }
    Relation relation;
    relation.kind = RelationKind::kSubquery;
    relation.query = &*subquery->query;
    relation.columns = columns_of(subquery->query->outputs);
    relation.alias = ref.alias;
    if (ref.alias.empty()) {
      const int number = ++subqueries_without_name_;
      relation.alias = number == 1 ? "unnamed_subquery" : fmt::format("unnamed_subquery{}", number);
    }
    return add_relation(ref, std::move(relation), "", names);
  }
  if (auto* join = std::get_if<Join>(&ref.node)) {
    return bind_join(*join, outer, names, ref.offset);
  }
  if (auto* function = std::get_if<TableFunction>(&ref.node)) {
    return bind_function(ref, *function, outer, names);
  }
  if (auto* values = std::get_if<Values>(&ref.node)) {
    return bind_values(ref, *values, outer, names);
  }
  return bind_pivot(ref, std::get<Pivot>(ref.node), outer, names);
}

bool Binder::bind_named(TableRef& ref, const NamedTable& table, FromNames& names) {
  Relation relation;
  relation.alias = ref.alias.empty() ? table.name : ref.alias;
  if (table.schema.empty()) {
    for (auto cte = ctes_.rbegin(); cte != ctes_.rend(); ++cte) {
      if (same_name(cte->name, table.name)) {
        relation.kind = RelationKind::kCommonTable;
        relation.query = &*cte->table->query;
        relation.columns = columns_of(cte->table->query->outputs);
        const auto& aliases = cte->table->column_aliases;
        for (std::size_t i = 0; i < std::min(aliases.size(), relation.columns.size()); ++i) {
          relation.columns[i].name = aliases[i];
        }
        return add_relation(ref, std::move(relation), "", names);
      }
    }
  }
  std::string name = table.schema.empty() ? table.name : table.schema + "." + table.name;
  if (!table.catalog.empty()) {
    name = table.catalog + "." + name;
  }
  const auto found = tables_.find(name);
  if (found == tables_.end()) {
    std::vector<std::string> known;
    for (const VisibleCte& cte : ctes_) {
      known.push_back(cte.name);
    }
    for (const auto& [other, schema] : tables_) {
      known.push_back(other);
    }
    const std::string near = base::nearest(name, known);
    return fail(ref.offset, fmt::format("there is no table '{}'", name),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  relation.table = name;
  for (const data::Field& field : found->second->fields) {
    relation.columns.push_back(
        {field.name, data::duckdb_name(field.type), field.name, field.id, {}});
  }
  return add_relation(ref, std::move(relation), ref.alias.empty() ? table.schema : "", names);
}

bool Binder::merge_columns(const std::vector<std::string>& columns, JoinType type,
                           const FromNames& left, const FromNames& right,
                           std::vector<MergedColumn>& merged, std::int64_t offset) {
  for (const std::string& name : columns) {
    std::optional<Reference> on_left;
    std::optional<Reference> on_right;
    if (!look_up_column(name, offset, left, on_left) ||
        !look_up_column(name, offset, right, on_right)) {
      return false;
    }
    if (!on_left || !on_right) {
      ColumnRef ref{{name}, {}};
      const Scope side{nullptr, on_left ? &right : &left};
      unknown_column(ref, offset, side);
      failure_.problem.message +=
          fmt::format(" on the {} side of USING", on_left ? "right" : "left");
      return false;
    }
    MergedColumn column{name, on_left->columns, {}};
    column.all.insert(column.all.end(), on_right->columns.begin(), on_right->columns.end());
    for (const MergedColumn& before : left.merged) {
      if (same_name(before.name, name)) {
        column.all.insert(column.all.end(), before.all.begin(), before.all.end());
      }
    }
    column.reference = type == JoinType::kRight  ? *on_right
                       : type == JoinType::kFull ? Reference{ReferenceKind::kMerged, column.all}
                                                 : *on_left;
    merged.push_back(std::move(column));
  }
  return true;
}

bool Binder::bind_join(Join& join, const Scope* outer, FromNames& names, std::int64_t offset) {
  FromNames left;
  FromNames right;
  if (!bind_table(*join.left, outer, left)) {
    return false;
  }
  const Scope lateral{outer, &left};
  if (!bind_table(*join.right, &lateral, right)) {
    return false;
  }
  std::vector<std::string> shared = join.using_columns;
  if (join.kind == JoinKind::kNatural) {
    for (const auto& [name, reference] : visible_columns(left)) {
      for (const auto& [other, found] : visible_columns(right)) {
        if (same_name(name, other)) {
          shared.push_back(name);
          break;
        }
      }
    }
  }
  std::vector<MergedColumn> merged;
  if (!merge_columns(shared, join.type, left, right, merged, offset)) {
    return false;
  }
  FromNames both = left;
  for (const VisibleRelation& visible : right.relations) {
    for (const VisibleRelation& other : both.relations) {
      if (same_name(other.alias, visible.alias) && same_name(other.schema, visible.schema)) {
        return fail(offset,
                    fmt::format("two tables of the FROM clause are named '{}'", visible.alias),
                    "give one of them another name with AS");
      }
    }
    both.relations.push_back(visible);
  }
  const auto replaced = [&](const MergedColumn& old) {
    return std::any_of(merged.begin(), merged.end(), [&](const MergedColumn& column) {
      return same_name(column.name, old.name);
    });
  };
  both.merged.insert(both.merged.end(), right.merged.begin(), right.merged.end());
  std::erase_if(both.merged, replaced);
  both.merged.insert(both.merged.end(), merged.begin(), merged.end());
  const Scope scope{outer, &both};
  join.using_references.clear();
  for (const MergedColumn& column : merged) {
    join.using_references.push_back(Reference{ReferenceKind::kMerged, column.all});
  }
  if (!bind_boxed(join.condition, scope)) {
    return false;
  }
  const bool left_only = join.type == JoinType::kSemi || join.type == JoinType::kAnti;
  names = left_only ? std::move(left) : std::move(both);
  return true;
}

bool Binder::bind_function(TableRef& ref, TableFunction& function, const Scope* outer,
                           FromNames& names) {
  auto& call = std::get<Call>(function.function->node);
  const std::string name = base::lower(call.name);
  if (!is_pure_table_function(name)) {
    return refuse(function.function->offset, "table function " + name);
  }
  const FromNames nothing;
  const Scope scope{outer, &nothing};
  if (!bind_list(call.arguments, scope)) {
    return false;
  }
  Relation relation;
  relation.kind = RelationKind::kFunction;
  relation.alias = ref.alias.empty() ? name : ref.alias;
  RelationColumn column{name, "", "", 0, call.arguments};
  const std::string first = call.arguments.empty() ? "" : type_of(call.arguments[0]);
  if (name == "unnest") {
    if (call.arguments.size() != 1 || first.starts_with("STRUCT")) {
      return refuse(function.function->offset, "unnest with options");
    }
    if (first.ends_with("[]")) {
      column.type = first.substr(0, first.size() - 2);
    }
  } else if (first == "INTEGER" || first == "BIGINT") {
    column.type = "BIGINT";
  }
  relation.columns.push_back(std::move(column));
  if (function.with_ordinality) {
    relation.columns.push_back({"ordinality", "BIGINT", "", 0, {}});
  }
  for (const Expression& argument : call.arguments) {
    relation.row_inputs.emplace_back(Influence::kJoin, argument);
  }
  return add_relation(ref, std::move(relation), "", names);
}

bool Binder::bind_values(TableRef& ref, Values& values, const Scope* outer, FromNames& names) {
  Relation relation;
  relation.kind = RelationKind::kValues;
  relation.alias = ref.alias.empty() ? "valueslist" : ref.alias;
  const FromNames nothing;
  const Scope scope{outer, &nothing};
  for (auto& row : values.rows) {
    if (row.size() != values.rows.front().size()) {
      return fail(ref.offset, "the rows of VALUES have different numbers of columns");
    }
    if (!bind_list(row, scope)) {
      return false;
    }
    relation.columns.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      relation.columns[i].from.push_back(row[i]);
    }
  }
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    relation.columns[i].name = fmt::format("col{}", i);
    std::vector<const Expression*> cells;
    for (const Expression& cell : relation.columns[i].from) {
      cells.push_back(&cell);
    }
    relation.columns[i].type = common_type(cells);
  }
  return add_relation(ref, std::move(relation), "", names);
}

}  // namespace sluice::sql::internal
