#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/contract/compile.h"
#include "sluice/contract/internal/sql_query.h"
#include "sluice/sql/quote.h"

namespace sluice::contract {

namespace {

using sql::quote_identifier;

/// `a."x" = b."y" AND ...`
std::string pairs(const ReferenceRule& reference) {
  std::vector<std::string> equal;
  for (std::size_t i = 0; i < reference.columns.size(); ++i) {
    equal.push_back(fmt::format("referring.{} = referred.{}",
                                quote_identifier(reference.columns[i]),
                                quote_identifier(reference.target[i])));
  }
  return base::join(equal, " AND ");
}

std::string all_present(const std::vector<std::string>& columns) {
  std::vector<std::string> present;
  for (const std::string& column : columns) {
    present.push_back(quote_identifier(column) + " IS NOT NULL");
  }
  return base::join(present, " AND ");
}

/// The offence that a metric counts, as rules of a row.
std::string offence(const TableRule& rule, const Contract& contract) {
  const std::string& name = rule.columns.front();
  const data::Field* column = contract.column(name);
  std::vector<std::string> offences;
  const auto add = [&](RowRuleKind kind) {
    RowRule row;
    row.kind = kind;
    row.column = name;
    row.values = rule.values;
    row.pattern = rule.pattern;
    offences.push_back(violation_predicate(row, column->type));
  };
  if (rule.metric == Metric::kNullValues || rule.counts_null) {
    add(RowRuleKind::kRequired);
  }
  if (rule.metric == Metric::kMissingValues && !rule.values.empty()) {
    add(RowRuleKind::kMissing);
  }
  if (rule.metric == Metric::kInvalidValues && rule.has_values) {
    add(RowRuleKind::kDomain);
  }
  if (rule.metric == Metric::kInvalidValues && !rule.pattern.empty()) {
    add(RowRuleKind::kPattern);
  }
  return offences.empty() ? "false" : base::join(offences, " OR ");
}

/// A number of offenders, or their share of all rows; no rows have no offenders.
std::string number_or_share(const std::string& count, bool percent, const std::string& source) {
  return percent ? fmt::format(
                       "SELECT coalesce(100.0 * ({0}) / nullif((SELECT count(*) FROM {1}), "
                       "0), 0)",
                       count, source)
                 : count;
}

std::string with_table(std::string query, const std::string& source) {
  const std::string_view placeholder = internal::kTablePlaceholder;
  for (std::size_t at = query.find(placeholder); at != std::string::npos;
       at = query.find(placeholder, at + source.size())) {
    query.replace(at, placeholder.size(), source);
  }
  while (!query.empty() && (query.back() == ';' || query.back() == ' ' || query.back() == '\n')) {
    query.pop_back();
  }
  return query;
}

}  // namespace

std::string count_violations(const ReferenceRule& reference, std::string_view table) {
  return fmt::format(
      "SELECT count(*) FROM (SELECT * FROM {} WHERE {}) AS referring WHERE NOT EXISTS (SELECT 1 "
      "FROM {} AS referred WHERE {})",
      sql::quote_table(table), all_present(reference.columns), sql::quote_table(reference.table),
      pairs(reference));
}

std::string measure(const TableRule& rule, const Contract& contract, std::string_view table) {
  const std::string source = sql::quote_table(table);
  switch (rule.metric) {
    case Metric::kRowCount:
      return "SELECT count(*) FROM " + source;
    case Metric::kQuery:
      return with_table(rule.query, source);
    case Metric::kDuplicateValues: {
      KeyRule key;
      key.columns = rule.columns;
      return number_or_share(count_violations(key, table), rule.percent, source);
    }
    case Metric::kNullValues:
    case Metric::kMissingValues:
    case Metric::kInvalidValues:
      return number_or_share("SELECT count(*) FROM " + source + " WHERE " + offence(rule, contract),
                             rule.percent, source);
  }
  return "SELECT NULL";
}

std::string measure(const ServiceLevel& level, std::string_view table, std::string_view now) {
  return fmt::format("SELECT epoch(TIMESTAMPTZ {}) - epoch(CAST(max({}) AS TIMESTAMPTZ)) FROM {}",
                     sql::quote_literal(now), quote_identifier(level.column),
                     sql::quote_table(table));
}

}  // namespace sluice::contract
