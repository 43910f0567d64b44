#include "sluice/ingest/value_checks.h"

#include <algorithm>
#include <optional>

#include "sluice/contract/compile.h"
#include "sluice/sql/quote.h"

namespace sluice::ingest {

namespace {

using contract::RowRule;
using contract::RowRuleKind;
using data::TypeKind;

/// Types whose text the decoder can read without SQL.
bool is_readable(const data::Type& type) {
  return !data::is_nested(type) && type.kind != TypeKind::kFixed && type.kind != TypeKind::kBinary;
}

std::optional<job::ValueBound> bound_of(const std::optional<contract::Bound>& bound) {
  return bound ? std::optional(job::ValueBound{bound->value, bound->exclusive}) : std::nullopt;
}

/// The rule as a check of the value; nothing where only SQL can tell.
std::optional<job::ValueCheck> check_of(const RowRule& rule, const data::Type& type) {
  const bool is_string = type.kind == TypeKind::kString;
  switch (rule.kind) {
    case RowRuleKind::kRequired:
    case RowRuleKind::kType:
      return job::ValueCheck();
    case RowRuleKind::kDomain:
      if (!rule.values.empty() &&
          (is_string || type.kind == TypeKind::kInt || type.kind == TypeKind::kLong)) {
        return job::ValueCheck{rule.values, {}, {}, {}, {}};
      }
      return std::nullopt;
    case RowRuleKind::kRange:
      if (!is_string && type.kind != TypeKind::kBoolean && type.kind != TypeKind::kUuid) {
        return job::ValueCheck{{}, bound_of(rule.minimum), bound_of(rule.maximum), {}, {}};
      }
      return std::nullopt;
    case RowRuleKind::kLength:
      if (is_string) {
        return job::ValueCheck{{}, {}, {}, rule.length_min, rule.length_max};
      }
      return std::nullopt;
    case RowRuleKind::kMissing:
    case RowRuleKind::kMultiple:
    case RowRuleKind::kFormat:
    case RowRuleKind::kPattern:
      return std::nullopt;
  }
  return std::nullopt;
}

job::DecodeColumn* find(std::vector<job::DecodeColumn>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(),
                   [&](const job::DecodeColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

/// SQL looks at a column's text, which only a string has in common with its value.
bool must_be_judged_by_text(const RowRule& rule, const data::Type& type) {
  return type.kind != TypeKind::kString && !check_of(rule, type);
}

}  // namespace

std::string divide_rules(const contract::Contract& contract,
                         std::vector<job::DecodeColumn>& columns) {
  for (job::DecodeColumn& column : columns) {
    column.plain =
        is_readable(column.type) &&
        column.cast == contract::cast_expression(sql::quote_identifier(column.name), column.type);
  }
  for (const RowRule& rule : contract.rules) {
    job::DecodeColumn* column = find(columns, rule.column);
    if (column != nullptr && rule.severity == contract::Severity::kError &&
        must_be_judged_by_text(rule, column->type)) {
      column->plain = false;
    }
  }
  std::vector<const RowRule*> rest;
  for (const RowRule& rule : contract.rules) {
    if (rule.severity != contract::Severity::kError) {
      continue;
    }
    job::DecodeColumn* column = find(columns, rule.column);
    auto check = column != nullptr && column->plain ? check_of(rule, column->type) : std::nullopt;
    if (!check) {
      rest.push_back(&rule);
    } else if (rule.kind == RowRuleKind::kRequired) {
      column->no_null = true;
    } else if (rule.kind != RowRuleKind::kType) {
      column->checks.push_back(*std::move(check));
    }
  }
  return contract::verdict_expression(contract, rest);
}

}  // namespace sluice::ingest
