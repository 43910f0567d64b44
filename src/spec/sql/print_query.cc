#include "sluice/sql/internal/printer.h"

namespace sluice::sql {

namespace internal {

namespace {

std::string_view text_of(SetKind kind) {
  switch (kind) {
    case SetKind::kUnion:
    case SetKind::kUnionByName:
      return "UNION";
    case SetKind::kIntersect:
      return "INTERSECT";
    case SetKind::kExcept:
      return "EXCEPT";
  }
  return "UNION";
}

/// VALUES on its own is a `SELECT *` from it.
const Values* bare_values(const Select& select) {
  if (!select.from || select.list.size() != 1) {
    return nullptr;
  }
  const auto* star = std::get_if<Star>(&select.list.front().node);
  const bool plain = star != nullptr && !star->is_columns && star->relation.empty() &&
                     star->excluded.empty() && star->replaced.empty() && star->renamed.empty();
  return plain ? std::get_if<Values>(&select.from->node) : nullptr;
}

}  // namespace

void Printer::query(const QueryNode& node) {
  std::string_view between = "WITH ";
  for (const CommonTable& cte : node.ctes) {
    add(between);
    between = ", ";
    identifier(cte.name);
    if (!cte.column_aliases.empty()) {
      add(" (");
      identifiers(cte.column_aliases);
      add(")");
    }
    add(" AS ");
    add(cte.materialized);
    add(cte.materialized.empty() ? "(" : " (");
    query(*cte.query);
    add(")");
  }
  add(node.ctes.empty() ? "" : " ");
  if (const auto* body = std::get_if<Select>(&node.body)) {
    select(node, *body);
  } else {
    set_operation(std::get<SetOperation>(node.body));
  }
  for (const Modifier& modifier : node.modifiers) {
    if (const auto* order_by = std::get_if<OrderBy>(&modifier)) {
      add(" ORDER BY ");
      order(order_by->items);
    } else if (const auto* bound = std::get_if<Limit>(&modifier)) {
      limit(*bound);
    }
  }
}

void Printer::limit(const Limit& limit) {
  if (limit.count) {
    add(" LIMIT ");
    expression(*limit.count);
    add(limit.is_percent ? "%" : "");
  }
  if (limit.offset) {
    add(" OFFSET ");
    expression(*limit.offset);
  }
}

void Printer::values(const Values& values) {
  add("VALUES ");
  for (std::size_t row = 0; row < values.rows.size(); ++row) {
    add(row == 0 ? "(" : ", (");
    expressions(values.rows[row]);
    add(")");
  }
}

void Printer::select(const QueryNode& node, const Select& select) {
  if (const Values* rows = bare_values(select)) {
    values(*rows);
    return;
  }
  add("SELECT ");
  for (const Modifier& modifier : node.modifiers) {
    if (const auto* distinct = std::get_if<Distinct>(&modifier)) {
      add("DISTINCT ");
      if (!distinct->on.empty()) {
        add("ON (");
        expressions(distinct->on);
        add(") ");
      }
    }
  }
  expressions(select.list, true);
  if (select.from) {
    add(" FROM ");
    table(*select.from);
  }
  if (select.where) {
    add(" WHERE ");
    expression(*select.where);
  }
  groups(select);
  if (select.having) {
    add(" HAVING ");
    expression(*select.having);
  }
  if (select.qualify) {
    add(" QUALIFY ");
    expression(*select.qualify);
  }
}

void Printer::groups(const Select& select) {
  if (select.group_all) {
    add(" GROUP BY ALL");
    return;
  }
  if (select.group_sets.empty()) {
    return;
  }
  add(" GROUP BY ");
  if (select.group_sets.size() == 1 && !select.group_by.empty()) {
    expressions(select.group_by);
    return;
  }
  add("GROUPING SETS (");
  for (std::size_t set = 0; set < select.group_sets.size(); ++set) {
    add(set == 0 ? "(" : ", (");
    std::string_view comma;
    for (const std::size_t i : select.group_sets[set]) {
      add(comma);
      expression(select.group_by[i]);
      comma = ", ";
    }
    add(")");
  }
  add(")");
}

void Printer::set_operation(const SetOperation& operation) {
  add("(");
  query(*operation.left);
  add(") ");
  add(text_of(operation.kind));
  add(operation.all ? " ALL" : "");
  add(operation.kind == SetKind::kUnionByName ? " BY NAME (" : " (");
  query(*operation.right);
  add(")");
}

void Printer::alias_of(const TableRef& ref) {
  if (!ref.alias.empty()) {
    add(" AS ");
    identifier(ref.alias);
  }
  if (!ref.column_aliases.empty()) {
    add("(");
    identifiers(ref.column_aliases);
    add(")");
  }
}

void Printer::table_name(const NamedTable& table) {
  for (const std::string* part : {&table.catalog, &table.schema}) {
    if (!part->empty()) {
      identifier(*part);
      add(".");
    }
  }
  identifier(table.name);
}

void Printer::table(const TableRef& ref) {
  if (const auto* named = std::get_if<NamedTable>(&ref.node)) {
    table_name(*named);
  } else if (const auto* subquery = std::get_if<SubqueryTable>(&ref.node)) {
    add("(");
    query(*subquery->query);
    add(")");
  } else if (const auto* join_of = std::get_if<Join>(&ref.node)) {
    join(*join_of);
  } else if (const auto* function = std::get_if<TableFunction>(&ref.node)) {
    expression(*function->function);
    add(function->with_ordinality ? " WITH ORDINALITY" : "");
  } else if (const auto* rows = std::get_if<Values>(&ref.node)) {
    add("(");
    values(*rows);
    add(")");
  } else if (const auto* pivoted = std::get_if<Pivot>(&ref.node)) {
    const bool brackets = std::holds_alternative<Join>(pivoted->source->node);
    add(brackets ? "(" : "");
    table(*pivoted->source);
    add(brackets ? ")" : "");
    pivoted->unpivot_names.empty() ? pivot(*pivoted) : unpivot(*pivoted);
  }
  alias_of(ref);
}

void Printer::join(const Join& node) {
  table(*node.left);
  switch (node.kind) {
    case JoinKind::kRegular:
      add(" ");
      break;
    case JoinKind::kNatural:
      add(" NATURAL ");
      break;
    case JoinKind::kCross:
      add(" CROSS ");
      break;
    case JoinKind::kPositional:
      add(" POSITIONAL ");
      break;
    case JoinKind::kAsof:
      add(" ASOF ");
      break;
  }
  if (node.kind == JoinKind::kRegular || node.kind == JoinKind::kNatural ||
      node.kind == JoinKind::kAsof) {
    switch (node.type) {
      case JoinType::kInner:
        add("INNER ");
        break;
      case JoinType::kLeft:
        add("LEFT ");
        break;
      case JoinType::kRight:
        add("RIGHT ");
        break;
      case JoinType::kFull:
        add("FULL ");
        break;
      case JoinType::kSemi:
        add("SEMI ");
        break;
      case JoinType::kAnti:
        add("ANTI ");
        break;
    }
  }
  add("JOIN ");
  const bool brackets = std::holds_alternative<Join>(node.right->node);
  add(brackets ? "(" : "");
  table(*node.right);
  add(brackets ? ")" : "");
  if (node.condition) {
    add(" ON ");
    expression(*node.condition);
  } else if (!node.using_columns.empty()) {
    add(" USING (");
    identifiers(node.using_columns);
    add(")");
  }
}

void Printer::pivot(const Pivot& node) {
  add(" PIVOT (");
  expressions(node.aggregates, true);
  add(" FOR");
  for (const PivotColumn& column : node.columns) {
    const bool several = column.expressions.size() > 1;
    add(several ? " (" : " ");
    expressions(column.expressions);
    add(several ? ") IN (" : " IN (");
    for (std::size_t i = 0; i < column.entries.size(); ++i) {
      const PivotEntry& entry = column.entries[i];
      add(i == 0 ? "" : ", ");
      add(entry.values.size() > 1 ? "(" : "");
      for (std::size_t v = 0; v < entry.values.size(); ++v) {
        add(v == 0 ? "" : ", ");
        (*this)(entry.values[v]);
      }
      add(entry.values.size() > 1 ? ")" : "");
      if (!entry.alias.empty()) {
        add(" AS ");
        identifier(entry.alias);
      }
    }
    add(")");
  }
  if (!node.groups.empty()) {
    add(" GROUP BY ");
    identifiers(node.groups);
  }
  add(")");
}

void Printer::unpivot(const Pivot& node) {
  add(node.include_nulls ? " UNPIVOT INCLUDE NULLS (" : " UNPIVOT (");
  const bool several = node.unpivot_names.size() > 1;
  add(several ? "(" : "");
  identifiers(node.unpivot_names);
  add(several ? ") FOR" : " FOR");
  for (const PivotColumn& column : node.columns) {
    add(" ");
    identifiers(column.unpivot_names);
    add(" IN (");
    for (std::size_t i = 0; i < column.entries.size(); ++i) {
      const PivotEntry& entry = column.entries[i];
      add(i == 0 ? "" : ", ");
      add(entry.values.size() > 1 ? "(" : "");
      for (std::size_t v = 0; v < entry.values.size(); ++v) {
        add(v == 0 ? "" : ", ");
        identifier(entry.values[v].text);
      }
      add(entry.values.size() > 1 ? ")" : "");
      if (!entry.alias.empty()) {
        add(" AS ");
        identifier(entry.alias);
      }
    }
    add(")");
  }
  add(")");
}

}  // namespace internal

std::string print(const QueryNode& query, const Dialect& dialect) {
  internal::Printer printer(dialect);
  printer.query(query);
  return std::move(printer).take();
}

}  // namespace sluice::sql
