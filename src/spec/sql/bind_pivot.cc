#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sluice/base/text.h"
#include "sluice/sql/internal/binder.h"
#include "sluice/sql/print.h"
#include "sluice/sql/walk.h"

namespace sluice::sql::internal {

namespace {

void collect_columns(const Expression& expression, std::set<ColumnId>& columns) {
  if (const auto* ref = std::get_if<ColumnRef>(&expression.node)) {
    columns.insert(ref->reference.columns.begin(), ref->reference.columns.end());
  }
  for_each_child(expression, [&](const Expression& child) { collect_columns(child, columns); });
}

std::string name_of(const PivotEntry& entry) {
  if (!entry.alias.empty()) {
    return entry.alias;
  }
  std::string name;
  for (const Constant& value : entry.values) {
    name += name.empty() ? "" : "_";
    name += value.kind == Constant::Kind::kNull ? "NULL"
            : value.type == "BOOLEAN"           ? base::lower(value.text)
                                                : value.text;
  }
  return name;
}

/// The names that the entries of all pivoted columns make together, the first column outermost.
std::vector<std::string> combined_names(const std::vector<PivotColumn>& columns) {
  std::vector<std::string> names = {""};
  for (const PivotColumn& column : columns) {
    std::vector<std::string> longer;
    for (const std::string& name : names) {
      for (const PivotEntry& entry : column.entries) {
        longer.push_back(name.empty() ? name_of(entry) : name + "_" + name_of(entry));
      }
    }
    names = std::move(longer);
  }
  return names;
}

Expression reference_to(const std::string& name, Reference reference) {
  return {ColumnRef{{name}, std::move(reference)}, "", -1};
}

}  // namespace

bool Binder::bind_pivot(TableRef& ref, Pivot& pivot, const Scope* outer, FromNames& names) {
  FromNames source;
  if (!bind_table(*pivot.source, outer, source)) {
    return false;
  }
  Relation relation;
  relation.kind = RelationKind::kPivot;
  relation.alias = ref.alias.empty()
                       ? (pivot.unpivot_names.empty() ? "__unnamed_pivot" : "__unnamed_unpivot")
                       : ref.alias;
  const Scope scope{outer, &source};
  if (!bind_list(pivot.aggregates, scope)) {
    return false;
  }
  std::size_t combinations = 1;
  constexpr std::size_t kCombinationsMax = 10'000;
  for (PivotColumn& column : pivot.columns) {
    if (!bind_list(column.expressions, scope)) {
      return false;
    }
    combinations *= std::max<std::size_t>(column.entries.size(), 1);
    if (combinations > kCombinationsMax) {
      return refuse(ref.offset, "a PIVOT of more than 10,000 columns");
    }
  }
  const bool made = pivot.unpivot_names.empty()
                        ? pivot_columns(pivot, source, relation)
                        : unpivot_columns(pivot, source, relation, ref.offset);
  return made && add_relation(ref, std::move(relation), "", names);
}

bool Binder::pivot_columns(const Pivot& pivot, const FromNames& source, Relation& relation) {
  std::set<ColumnId> used;
  for (const Expression& aggregate : pivot.aggregates) {
    collect_columns(aggregate, used);
  }
  for (const PivotColumn& column : pivot.columns) {
    for (const Expression& expression : column.expressions) {
      collect_columns(expression, used);
      relation.row_inputs.emplace_back(Influence::kFilter, expression);
    }
  }
  const auto add_group = [&](const std::string& name, const Reference& reference) {
    Expression value = reference_to(name, reference);
    relation.columns.push_back({name, type_of(value), "", 0, {value}});
    relation.row_inputs.emplace_back(Influence::kGroup, std::move(value));
  };
  const auto columns = visible_columns(source);
  for (const std::string& group : pivot.groups) {
    std::optional<Reference> found;
    if (!look_up_column(group, -1, source, found)) {
      return false;
    }
    if (!found) {
      return unknown_column(ColumnRef{{group}, {}}, -1, Scope{nullptr, &source});
    }
    for (const auto& [name, reference] : columns) {
      if (reference.columns == found->columns) {
        add_group(name, reference);
      }
    }
  }
  if (pivot.groups.empty()) {
    for (const auto& [name, reference] : columns) {
      if (!used.contains(reference.columns.front())) {
        add_group(name, reference);
      }
    }
  }
  for (const std::string& name : combined_names(pivot.columns)) {
    for (const Expression& aggregate : pivot.aggregates) {
      const std::string suffix = !aggregate.alias.empty()        ? aggregate.alias
                                 : pivot.aggregates.size() == 1u ? ""
                                                                 : print(aggregate);
      relation.columns.push_back({suffix.empty() ? name : fmt::format("{}_{}", name, suffix),
                                  type_of(aggregate),
                                  "",
                                  0,
                                  {aggregate}});
    }
  }
  return true;
}

bool Binder::unpivot_columns(const Pivot& pivot, const FromNames& source, Relation& relation,
                             std::int64_t offset) {
  if (pivot.columns.size() != 1) {
    return refuse(offset, "an UNPIVOT of several lists");
  }
  const PivotColumn& column = pivot.columns.front();
  std::vector<RelationColumn> values;
  for (const std::string& name : pivot.unpivot_names) {
    values.push_back({name, "", "", 0, {}});
  }
  std::set<ColumnId> taken;
  for (const PivotEntry& entry : column.entries) {
    if (entry.values.size() != values.size()) {
      return refuse(offset, "an UNPIVOT entry with another number of columns");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string& name = entry.values[i].text;
      std::optional<Reference> found;
      if (!look_up_column(name, offset, source, found)) {
        return false;
      }
      if (!found) {
        return unknown_column(ColumnRef{{name}, {}}, offset, Scope{nullptr, &source});
      }
      taken.insert(found->columns.begin(), found->columns.end());
      Expression value = reference_to(name, *found);
      if (!pivot.include_nulls) {
        relation.row_inputs.emplace_back(Influence::kFilter, value);
      }
      values[i].from.push_back(std::move(value));
    }
  }
  for (const auto& [name, reference] : visible_columns(source)) {
    if (!taken.contains(reference.columns.front())) {
      Expression value = reference_to(name, reference);
      relation.columns.push_back({name, type_of(value), "", 0, {value}});
    }
  }
  for (const std::string& name : column.unpivot_names) {
    relation.columns.push_back({name, "VARCHAR", "", 0, {}});
  }
  for (RelationColumn& value : values) {
    std::vector<const Expression*> cells;
    for (const Expression& cell : value.from) {
      cells.push_back(&cell);
    }
    value.type = common_type(cells);
    relation.columns.push_back(std::move(value));
  }
  return true;
}

}  // namespace sluice::sql::internal
