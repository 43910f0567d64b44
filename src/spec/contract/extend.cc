#include "sluice/contract/extend.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/contract/draft.h"
#include "sluice/contract/read.h"

namespace sluice::contract {

namespace {

using data::TypeKind;

constexpr std::string_view kReservedPrefix = "_sluice_";
constexpr std::string_view kInferredVersion = "inferred";

/// Members of both, those of `from` first.
data::Type grown_struct(const data::Type& from, const data::Type& seen) {
  data::Type grown = from;
  for (const data::Field& member : seen.fields) {
    const auto known =
        std::find_if(grown.fields.begin(), grown.fields.end(),
                     [&](const data::Field& has) { return has.name == member.name; });
    const bool clashes = std::any_of(
        grown.fields.begin(), grown.fields.end(),
        [&](const data::Field& has) { return base::lower(has.name) == base::lower(member.name); });
    if (known != grown.fields.end()) {
      known->type = grown_type(known->type, member.type);
    } else if (!clashes) {
      grown.fields.push_back({0, member.name, member.type, false, ""});
    }
  }
  return grown;
}

}  // namespace

std::string column_problem(const Contract& contract, std::string_view name) {
  if (name.empty()) {
    return "it has no name";
  }
  if (name.find_first_of("|\n\r\t") != std::string_view::npos) {
    return "its name has a character that no column's may have";
  }
  if (name.starts_with(kReservedPrefix)) {
    return "names that begin with _sluice_ are reserved";
  }
  for (const data::Field& field : contract.schema.fields) {
    if (base::lower(field.name) == base::lower(name)) {
      return "column '" + field.name + "' differs from it in nothing but case";
    }
  }
  return "";
}

namespace {

/// What the standard's own way of declaring a column comes to.
std::optional<Contract> declared(const std::string& name, const data::Type& type) {
  DraftInput input;
  input.table = "t";
  input.columns.emplace_back();
  input.columns.back().name = name;
  input.columns.back().type = type;
  yaml::Diagnostics problems;
  auto contract =
      read_contract({"", declare_columns(input, std::string(kInferredVersion))}, problems);
  const bool same = contract && contract->schema.fields.size() == 1 &&
                    contract->schema.fields[0].name == name &&
                    data::same_shape(contract->schema.fields[0].type, type);
  if (!same) {
    contract.reset();
  }
  return contract;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Drops all that is said of a column but the column itself.
void forget_rules(Contract& contract, std::string_view column) {
  std::erase_if(contract.rules, [&](const RowRule& rule) { return rule.column == column; });
  std::erase_if(contract.notes, [&](const ColumnNotes& notes) { return notes.column == column; });
  std::erase_if(contract.nested_notes,
                [&](const ColumnNotes& notes) { return notes.column == column; });
}

}  // namespace

bool add_column(Contract& contract, const std::string& name, const data::Type& type) {
  std::optional<Contract> column = declared(name, type);
  if (!column) {
    return false;
  }
  append(contract.schema.fields, column->schema.fields);
  append(contract.rules, column->rules);
  append(contract.notes, column->notes);
  append(contract.nested_notes, column->nested_notes);
  contract.inferred.push_back(name);
  return true;
}

bool change_type(Contract& contract, const std::string& name, const data::Type& type) {
  std::optional<Contract> column = declared(name, type);
  const auto at = std::find_if(contract.schema.fields.begin(), contract.schema.fields.end(),
                               [&](const data::Field& field) { return field.name == name; });
  if (!column || at == contract.schema.fields.end()) {
    return false;
  }
  forget_rules(contract, name);
  at->type = std::move(column->schema.fields[0].type);
  append(contract.rules, column->rules);
  append(contract.notes, column->notes);
  append(contract.nested_notes, column->nested_notes);
  return true;
}

void forgive_types(Contract& contract, std::span<const std::string> keys) {
  std::set<std::string> needed(keys.begin(), keys.end());
  for (const KeyRule& key : contract.keys) {
    needed.insert(key.columns.begin(), key.columns.end());
  }
  for (const ReferenceRule& reference : contract.references) {
    needed.insert(reference.columns.begin(), reference.columns.end());
  }
  std::erase_if(contract.rules, [&](const RowRule& rule) {
    const data::Field* field = contract.column(rule.column);
    return rule.kind == RowRuleKind::kType && rule.path.empty() && field != nullptr &&
           !field->required && !data::is_nested(field->type) && !needed.contains(rule.column);
  });
}

void forget_inferred(Contract& contract) {
  std::erase_if(contract.schema.fields,
                [&](const data::Field& field) { return is_inferred(contract, field.name); });
  for (const std::string& column : contract.inferred) {
    forget_rules(contract, column);
  }
  contract.inferred.clear();
}

bool is_inferred(const Contract& contract, std::string_view column) {
  return std::find(contract.inferred.begin(), contract.inferred.end(), column) !=
         contract.inferred.end();
}

Contract inferred_contract(std::string table, std::string file) {
  Contract contract;
  contract.file = std::move(file);
  contract.id = table;
  contract.name = table;
  contract.version = kInferredVersion;
  contract.status = "active";
  contract.table = table;
  contract.object = std::move(table);
  return contract;
}

std::string columns_as_contract(const Contract& contract) {
  DraftInput input;
  input.table = contract.table;
  input.origin = "the table's columns";
  for (const data::Field& field : contract.schema.fields) {
    data::ColumnProfile column;
    column.name = field.name;
    column.type = field.type;
    input.columns.push_back(std::move(column));
  }
  return declare_columns(input, contract.version);
}

data::Type grown_type(const data::Type& from, const data::Type& seen) {
  if (from.kind == TypeKind::kStruct && seen.kind == TypeKind::kStruct) {
    return grown_struct(from, seen);
  }
  if (from.kind == seen.kind && (from.kind == TypeKind::kList || from.kind == TypeKind::kMap)) {
    data::Type grown = from;
    grown.fields.back().type = grown_type(from.fields.back().type, seen.fields.back().type);
    return grown;
  }
  if (from.kind == TypeKind::kDecimal) {
    int whole = 0;
    if (seen.kind == TypeKind::kDecimal) {
      whole = seen.precision - seen.scale;
    } else if (seen.kind == TypeKind::kInt || seen.kind == TypeKind::kLong) {
      whole = seen.kind == TypeKind::kInt ? 10 : 19;
    }
    const int precision = std::min(38, whole + from.scale);
    return precision > from.precision && whole > 0 ? data::decimal_type(precision, from.scale)
                                                   : from;
  }
  return !data::is_nested(from) && data::can_widen(from, seen) ? seen : from;
}

}  // namespace sluice::contract
