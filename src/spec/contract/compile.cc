#include "sluice/contract/compile.h"

#include <span>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/contract/internal/row_sql.h"
#include "sluice/contract/path.h"
#include "sluice/sql/quote.h"

namespace sluice::contract {

namespace {

using data::TypeKind;
using internal::broken;
using internal::kShownCharacters;
using internal::value_cast;
using sql::quote_identifier;
using sql::quote_literal;

constexpr std::string_view kDatePattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
constexpr std::string_view kTimePattern =
    "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
constexpr std::string_view kZonePattern =
    "(:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?";
constexpr std::string_view kNumberPattern = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";
constexpr std::string_view kNoNumberPattern = "(?i)[+-]?inf(inity)?|nan";

std::string call(std::string_view function, std::string_view first, std::string_view second) {
  return std::string(function) + "(" + std::string(first) + ", " + std::string(second) + ")";
}

std::string full_match(std::string_view text_sql, std::string_view pattern) {
  return call("regexp_full_match", text_sql, quote_literal(pattern));
}

std::string try_cast(std::string_view text_sql, const data::Type& type) {
  return "TRY_CAST(" + std::string(text_sql) + " AS " + data::duckdb_name(type) + ")";
}

/// Casts text of one written form only.
std::string cast_if_match(std::string_view text_sql, const data::Type& type,
                          std::string_view pattern) {
  return "CASE WHEN " + full_match(text_sql, pattern) + " THEN " + try_cast(text_sql, type) +
         " END";
}

/// DuckDB turns a number out of range into infinity; only spelled infinities may be infinite.
std::string float_cast(std::string_view text_sql, const data::Type& type) {
  const std::string cast = try_cast(text_sql, type);
  return "CASE WHEN " + full_match(text_sql, kNumberPattern) + " THEN CASE WHEN isfinite(" + cast +
         ") THEN " + cast + " END WHEN " + full_match(text_sql, kNoNumberPattern) + " THEN " +
         cast + " END";
}

std::string decimal_pattern(const data::Type& type) {
  if (type.scale == 0) {
    return "[+-]?[0-9]+(\\.0*)?";
  }
  const std::string fraction = "[0-9]{0," + std::to_string(type.scale) + "}0*";
  return "[+-]?([0-9]+(\\." + fraction + ")?|\\.[0-9]{1," + std::to_string(type.scale) + "}0*)";
}

std::string typed_literal(const std::string& value, const data::Type& type) {
  return "CAST(" + quote_literal(value) + " AS " + data::duckdb_name(type) + ")";
}

std::string literal_list(const std::vector<std::string>& values, const data::Type& type) {
  std::vector<std::string> literals;
  for (const std::string& value : values) {
    literals.push_back(type.kind == TypeKind::kString ? quote_literal(value)
                                                      : typed_literal(value, type));
  }
  return base::join(literals, ", ");
}

std::string range_violation(const RowRule& rule, const std::string& typed_sql,
                            const data::Type& type) {
  const bool closed =
      rule.minimum && rule.maximum && !rule.minimum->exclusive && !rule.maximum->exclusive;
  if (closed) {
    // One evaluation of the cast instead of two.
    return typed_sql + " NOT BETWEEN " + typed_literal(rule.minimum->value, type) + " AND " +
           typed_literal(rule.maximum->value, type);
  }
  std::string sql;
  if (rule.minimum) {
    sql = typed_sql + (rule.minimum->exclusive ? " <= " : " < ") +
          typed_literal(rule.minimum->value, type);
  }
  if (rule.maximum) {
    sql += sql.empty() ? "" : " OR ";
    sql += typed_sql + (rule.maximum->exclusive ? " >= " : " > ") +
           typed_literal(rule.maximum->value, type);
  }
  return sql;
}

std::string length_violation(const RowRule& rule, const std::string& text_sql) {
  const std::string length = "length(" + text_sql + ")";
  if (rule.length_min && rule.length_max) {
    return length + " NOT BETWEEN " + std::to_string(*rule.length_min) + " AND " +
           std::to_string(*rule.length_max);
  }
  return rule.length_min ? length + " < " + std::to_string(*rule.length_min)
                         : length + " > " + std::to_string(*rule.length_max);
}

/// Binary floating point rarely divides without a rest; a billionth of the quotient is forgiven.
std::string multiple_violation(const RowRule& rule, const std::string& typed_sql,
                               const data::Type& type) {
  const std::string step = typed_literal(rule.values.front(), type);
  if (type.kind != TypeKind::kFloat && type.kind != TypeKind::kDouble) {
    return typed_sql + " % " + step + " <> 0";
  }
  const std::string quotient = "(" + typed_sql + " / " + step + ")";
  return "abs(" + quotient + " - round(" + quotient + ")) > 1e-9 * greatest(1, abs(" + quotient +
         "))";
}

/// `<rule>|<column>|<reason>` as SQL; the reason repeats the beginning of the value.
std::string verdict_text(const RowRule& rule, const std::string& column_sql) {
  const std::string head = std::string(to_text(rule.kind)) + "|" + rule.column + "|";
  if (rule.kind == RowRuleKind::kRequired) {
    return quote_literal(head + "no value");
  }
  return "concat(" + quote_literal(head + "'") + ", left(" + column_sql + ", " +
         std::string(kShownCharacters) + "), " + quote_literal("' is not " + rule.message) + ")";
}

bool is_type_then_range(const RowRule& rule, const RowRule& next) {
  return rule.kind == RowRuleKind::kType && next.kind == RowRuleKind::kRange &&
         rule.column == next.column;
}

/// Judges both with one cast for a good row, which is what nearly every row is.
std::string type_and_range_branch(const RowRule& of_type, const RowRule& of_range,
                                  const data::Type& type, const WrittenForm* form,
                                  const std::string& text_sql) {
  const std::string typed = value_cast(text_sql, type, form);
  return " WHEN NOT coalesce(NOT (" + range_violation(of_range, typed, type) + "), " + text_sql +
         " IS NULL) THEN CASE WHEN " + typed + " IS NULL THEN " + verdict_text(of_type, text_sql) +
         " ELSE " + verdict_text(of_range, text_sql) + " END";
}

std::string column_list(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns) {
    quoted.push_back(quote_identifier(column));
  }
  return base::join(quoted, ", ");
}

std::string any_null(const std::vector<std::string>& columns) {
  std::vector<std::string> tests;
  for (const std::string& column : columns) {
    tests.push_back(quote_identifier(column) + " IS NULL");
  }
  return base::join(tests, " OR ");
}

}  // namespace

namespace internal {

std::string broken(const RowRule& rule, const data::Type& type, const std::string& text_sql,
                   const std::string& typed_sql) {
  switch (rule.kind) {
    case RowRuleKind::kRequired:
      return typed_sql + " IS NULL";
    case RowRuleKind::kType:
      return text_sql + " IS NOT NULL AND " + typed_sql + " IS NULL";
    case RowRuleKind::kMissing:
      return text_sql + " IN (" + literal_list(rule.values, {TypeKind::kString}) + ")";
    case RowRuleKind::kDomain:
      return rule.values.empty() ? typed_sql + " IS NOT NULL"
                                 : typed_sql + " NOT IN (" + literal_list(rule.values, type) + ")";
    case RowRuleKind::kRange:
      return range_violation(rule, typed_sql, type);
    case RowRuleKind::kLength:
      return length_violation(rule, typed_sql);
    case RowRuleKind::kMultiple:
      return multiple_violation(rule, typed_sql, type);
    case RowRuleKind::kFormat:
    case RowRuleKind::kPattern:
      return "NOT " + call("regexp_matches", typed_sql, quote_literal(rule.pattern));
  }
  return "false";
}

std::string value_cast(std::string_view text_sql, const data::Type& type, const WrittenForm* form) {
  if (form == nullptr) {
    return cast_expression(text_sql, type);
  }
  const std::string iso = "regexp_replace(" + std::string(text_sql) + ", " +
                          quote_literal("^" + form->pattern + "$") + ", " +
                          quote_literal(form->iso) + ")";
  return "CASE WHEN " + full_match(text_sql, form->pattern) + " THEN " + try_cast(iso, type) +
         " END";
}

}  // namespace internal

std::string cast_expression(std::string_view text_sql, const data::Type& type) {
  const std::string date(kDatePattern);
  switch (type.kind) {
    case TypeKind::kString:
      return std::string(text_sql);
    case TypeKind::kBoolean:
      return "CASE lower(" + std::string(text_sql) +
             ") WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true WHEN 'false' THEN "
             "false WHEN 'f' THEN false WHEN '0' THEN false END";
    case TypeKind::kInt:
    case TypeKind::kLong:
      return cast_if_match(text_sql, type, "[+-]?[0-9]+");
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return float_cast(text_sql, type);
    case TypeKind::kDecimal:
      return cast_if_match(text_sql, type, decimal_pattern(type));
    case TypeKind::kDate:
      return cast_if_match(text_sql, type, date);
    case TypeKind::kTime:
      return cast_if_match(text_sql, type, kTimePattern);
    case TypeKind::kTimestamp:
      return cast_if_match(text_sql, type, date + "[T ]" + std::string(kTimePattern));
    case TypeKind::kTimestamptz:
      return cast_if_match(text_sql, type,
                           date + "[T ]([01][0-9]|2[0-3]):[0-5][0-9]" + std::string(kZonePattern));
    case TypeKind::kUuid:
      return cast_if_match(text_sql, type,
                           "(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    case TypeKind::kFixed:
      return "CASE WHEN length(" + std::string(text_sql) +
             ") = " + std::to_string(2 * type.length) + " THEN " +
             cast_expression(text_sql, {TypeKind::kBinary}) + " END";
    case TypeKind::kBinary:
      return "CASE WHEN " + full_match(text_sql, "([0-9a-fA-F]{2})*") + " THEN unhex(" +
             std::string(text_sql) + ") END";
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      break;  // needs its contract, see column_cast()
  }
  return "NULL";
}

std::string verdict_expression(const Contract& contract) {
  std::vector<const RowRule*> rules;
  for (const RowRule& rule : contract.rules) {
    if (rule.severity == Severity::kError) {
      rules.push_back(&rule);
    }
  }
  return verdict_expression(contract, rules);
}

std::string verdict_expression(const Contract& contract, std::span<const RowRule* const> rules) {
  std::vector<std::string> verdicts;
  std::string branches;
  const auto end_branches = [&] {
    if (!branches.empty()) {
      verdicts.push_back("CASE" + std::exchange(branches, "") + " END");
    }
  };
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RowRule& rule = *rules[i];
    const std::string text = quote_identifier(rule.column);
    const data::Field& column = *contract.column(rule.column);
    if (data::is_nested(column.type)) {
      // One reading of the text serves all rules of the column.
      std::size_t end = i;
      while (end < rules.size() && rules[end]->column == rule.column) {
        ++end;
      }
      end_branches();
      verdicts.push_back(
          internal::nested_verdict(contract, column, rules.subspan(i, end - i), text));
      i = end - 1;
      continue;
    }
    const WrittenForm* form = find_form(contract, rule.column, {});
    if (i + 1 < rules.size() && is_type_then_range(rule, *rules[i + 1])) {
      branches += type_and_range_branch(rule, *rules[i + 1], column.type, form, text);
      ++i;
      continue;
    }
    // Whether a value is there at all is judged before what it is.
    const bool by_text = rule.kind == RowRuleKind::kRequired;
    const std::string typed = by_text ? text : value_cast(text, column.type, form);
    branches +=
        " WHEN " + broken(rule, column.type, text, typed) + " THEN " + verdict_text(rule, text);
  }
  end_branches();
  if (verdicts.size() < 2) {
    return verdicts.empty() ? "NULL" : verdicts.front();
  }
  return "coalesce(" + base::join(verdicts, ", ") + ")";
}

std::string column_cast(const Contract& contract, const data::Field& column) {
  const std::string text = quote_identifier(column.name);
  return data::is_nested(column.type)
             ? internal::nested_cast(contract, column, text)
             : value_cast(text, column.type, find_form(contract, column.name, {}));
}

std::string violation_predicate(const RowRule& rule, const data::Type& type) {
  if (rule.kind == RowRuleKind::kType) {
    return "false";
  }
  const std::string column = quote_identifier(rule.column);
  if (data::is_nested(type)) {
    return internal::nested_violation(rule, type, column);
  }
  const std::string text =
      type.kind == TypeKind::kString ? column : "CAST(" + column + " AS VARCHAR)";
  return "coalesce(" + broken(rule, type, text, column) + ", false)";
}

std::string count_violations(const RowRule& rule, const data::Type& type, std::string_view table) {
  return "SELECT count(*) FROM " + sql::quote_table(table) + " WHERE " +
         violation_predicate(rule, type);
}

std::string count_violations(const KeyRule& key, std::string_view table) {
  const std::string source = sql::quote_table(table);
  const std::string nulls = any_null(key.columns);
  const std::string repeated = "SELECT count(*) - 1 AS more FROM " + source + " WHERE NOT (" +
                               nulls + ") GROUP BY " + column_list(key.columns);
  std::string sql = "SELECT CAST(coalesce((SELECT sum(more) FROM (" + repeated + ")), 0)";
  if (key.primary) {
    sql += " + (SELECT count(*) FROM " + source + " WHERE " + nulls + ")";
  }
  return sql + " AS BIGINT)";
}

std::string rule_name(const RowRule& rule) {
  return std::string(to_text(rule.kind)) + "(" + place_of(rule) + ")";
}

std::string rule_name(const KeyRule& key) {
  return key.name + "(" + base::join(key.columns, ", ") + ")";
}

std::string rule_name(const ReferenceRule& reference) {
  return "reference(" + base::join(reference.columns, ", ") + ")";
}

}  // namespace sluice::contract
