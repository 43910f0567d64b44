#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"

namespace sluice::sql::internal {

int Binder::column_index(int relation, std::string_view name) const {
  const auto& columns = bound_.relations[static_cast<std::size_t>(relation)].columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (same_name(columns[i].name, name)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool Binder::look_up_column(std::string_view name, std::int64_t offset, const FromNames& from,
                            std::optional<Reference>& found) {
  for (const MergedColumn& merged : from.merged) {
    if (same_name(merged.name, name)) {
      found = merged.reference;
      return true;
    }
  }
  std::vector<std::string> holders;
  for (const VisibleRelation& visible : from.relations) {
    if (const int column = column_index(visible.relation, name); column >= 0) {
      if (!found) {
        found = Reference{ReferenceKind::kColumn, {{visible.relation, column}}};
      }
      holders.push_back(visible.alias);
    }
  }
  if (holders.size() > 1) {
    std::vector<std::string> ways;
    for (const std::string& holder : holders) {
      ways.push_back(fmt::format("{}.{}", holder, name));
    }
    return fail(
        offset,
        fmt::format("column '{}' is ambiguous: it is in {}", name, base::join(holders, " and ")),
        fmt::format("write {}", base::join(ways, " or ")));
  }
  return true;
}

bool Binder::look_up(const std::vector<std::string>& names, std::int64_t offset,
                     const FromNames& from, std::optional<Reference>& found) {
  // table.column, schema.table.column, each with fields of the column after it
  for (const std::size_t prefix : {std::size_t{1}, std::size_t{2}}) {
    if (names.size() <= prefix) {
      continue;
    }
    for (const VisibleRelation& visible : from.relations) {
      const bool named = same_name(visible.alias, names[prefix - 1]) &&
                         (prefix == 1 || same_name(visible.schema, names[0]));
      const int column = named ? column_index(visible.relation, names[prefix]) : -1;
      if (column >= 0) {
        found = Reference{ReferenceKind::kColumn, {{visible.relation, column}}};
        found->is_field = names.size() > prefix + 1;
        return true;
      }
    }
  }
  if (!look_up_column(names[0], offset, from, found)) {
    return false;
  }
  if (found) {
    found->is_field = names.size() > 1;
    return true;
  }
  if (names.size() == 1) {
    for (const VisibleRelation& visible : from.relations) {
      if (same_name(visible.alias, names[0])) {
        found = Reference{ReferenceKind::kRow, {}};
        const auto& columns = bound_.relations[static_cast<std::size_t>(visible.relation)].columns;
        for (std::size_t i = 0; i < columns.size(); ++i) {
          found->columns.push_back({visible.relation, static_cast<int>(i)});
        }
        return true;
      }
    }
  }
  return true;
}

std::optional<Reference> Binder::look_up_alias(std::string_view name, const Scope& scope) const {
  if (scope.outputs == nullptr) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < scope.outputs_end; ++i) {
    if (same_name((*scope.outputs)[i].alias, name) && !name.empty()) {
      return Reference{ReferenceKind::kOutput, {}, static_cast<int>(i)};
    }
  }
  return std::nullopt;
}

bool Binder::bind_column(ColumnRef& ref, std::int64_t offset, const Scope& scope, bool is_root) {
  if (ref.reference.kind != ReferenceKind::kUnbound) {
    return true;  // written out from a star
  }
  for (const std::string& parameter : parameters_) {
    if (same_name(parameter, ref.names[0])) {
      ref.reference = Reference{ReferenceKind::kParameter};
      return true;
    }
  }
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    const bool own = at == &scope;
    const bool root_rule = !at->aliases_at_root_only || is_root;
    std::optional<Reference> found;
    if (own && at->aliases == AliasRule::kBeforeColumns && root_rule && ref.names.size() == 1) {
      found = look_up_alias(ref.names[0], *at);
    }
    if (!found && at->names != nullptr && !look_up(ref.names, offset, *at->names, found)) {
      return false;
    }
    if (!found && own && at->aliases != AliasRule::kNever) {
      found = look_up_alias(ref.names[0], *at);
      if (found) {
        found->is_field = ref.names.size() > 1;
      }
    }
    if (found) {
      ref.reference = *std::move(found);
      return true;
    }
  }
  if (ref.names.size() == 1 && is_clock_keyword(base::lower(ref.names[0]))) {
    return refuse(offset, ref.names[0]);
  }
  return unknown_column(ref, offset, scope);
}

bool Binder::unknown_column(const ColumnRef& ref, std::int64_t offset, const Scope& scope) {
  std::vector<std::string> columns;
  std::vector<std::string> aliases;
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    if (at->names == nullptr) {
      continue;
    }
    for (const VisibleRelation& visible : at->names->relations) {
      aliases.push_back(visible.alias);
      const bool meant = ref.names.size() == 1 || same_name(visible.alias, ref.names[0]);
      for (const RelationColumn& column :
           bound_.relations[static_cast<std::size_t>(visible.relation)].columns) {
        if (meant) {
          columns.push_back(column.name);
        }
      }
    }
  }
  const std::string written = base::join(ref.names, ".");
  if (ref.names.size() > 1 && columns.empty()) {
    const std::string near = base::nearest(ref.names[0], aliases);
    return fail(
        offset,
        fmt::format("there is no table or column '{}' here, in '{}'", ref.names[0], written),
        near.empty() ? fmt::format("the FROM clause has {}", base::join(aliases, ", "))
                     : fmt::format("did you mean '{}'?", near));
  }
  const std::string& name = ref.names.size() == 1 ? ref.names[0] : ref.names[1];
  const std::string near = base::nearest(name, columns);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  constexpr std::size_t kListed = 12;
  const bool many = columns.size() > kListed;
  columns.resize(std::min(columns.size(), kListed));
  return fail(offset, fmt::format("there is no column '{}'", written),
              !near.empty() ? fmt::format("did you mean '{}'?", near)
              : columns.empty()
                  ? "nothing here has columns"
                  : fmt::format("there are {}{}", base::join(columns, ", "), many ? ", …" : ""));
}

}  // namespace sluice::sql::internal
