#include "sluice/contract/extend.h"

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/contract/draft.h"

namespace sluice::contract {

namespace {

using data::TypeKind;

constexpr std::string_view kReservedPrefix = "_sluice_";
constexpr std::string_view kInferredVersion = "inferred";

std::string type_message(const data::Type& type) {
  const std::string name = data::to_text(type);
  return (name.starts_with('i') ? "an " : "a ") + name;
}

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

void add_column(Contract& contract, std::string name, const data::Type& type) {
  contract.schema.fields.push_back({0, name, type, false, ""});
  ColumnNotes notes;
  notes.column = name;
  notes.name = name;
  contract.notes.push_back(std::move(notes));
  contract.inferred.push_back(name);
  change_type(contract, name, type);
}

void change_type(Contract& contract, std::string_view name, const data::Type& type) {
  for (data::Field& field : contract.schema.fields) {
    if (field.name == name) {
      field.type = type;
    }
  }
  std::erase_if(contract.rules, [&](const RowRule& rule) {
    return rule.column == name && rule.kind == RowRuleKind::kType;
  });
  if (type.kind == TypeKind::kString) {
    return;  // every text is one
  }
  RowRule rule;
  rule.kind = RowRuleKind::kType;
  rule.column = name;
  rule.message = type_message(type);
  contract.rules.push_back(std::move(rule));
}

void forget_inferred(Contract& contract) {
  const auto came_from_data = [&](std::string_view column) {
    return is_inferred(contract, column);
  };
  std::erase_if(contract.schema.fields,
                [&](const data::Field& field) { return came_from_data(field.name); });
  std::erase_if(contract.rules, [&](const RowRule& rule) { return came_from_data(rule.column); });
  std::erase_if(contract.notes,
                [&](const ColumnNotes& notes) { return came_from_data(notes.column); });
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
