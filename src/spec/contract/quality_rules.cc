#include "sluice/contract/internal/quality_rules.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "sluice/base/text.h"
#include "sluice/contract/internal/sql_query.h"
#include "sluice/contract/internal/threshold.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kTypes[] = {"library", "text", "sql", "custom"};
constexpr std::pair<std::string_view, Metric> kMetrics[] = {
    {"nullValues", Metric::kNullValues},
    {"missingValues", Metric::kMissingValues},
    {"invalidValues", Metric::kInvalidValues},
    {"duplicateValues", Metric::kDuplicateValues},
    {"rowCount", Metric::kRowCount},
    {"duplicateCount", Metric::kDuplicateValues},  // ODCS 3.0
    {"duplicates", Metric::kDuplicateValues}};
constexpr std::string_view kSeverities[] = {"error", "warning", "info"};
constexpr std::string_view kUnits[] = {"rows", "percent"};
/// Keys that say when or how others should check. Sluice judges every rule at every run.
constexpr std::string_view kKeptKeys[] = {"schedule", "scheduler", "method", "businessImpact"};

/// A rule of type `library` or `sql` with what all of them have.
struct Rule {
  const Node* node = nullptr;
  std::string title;  // as messages print it
  std::string given;  // the name that the contract gives it
  Metric metric = Metric::kRowCount;
  Severity severity = Severity::kError;
  Threshold threshold;
  bool percent = false;
  const Node* arguments = nullptr;
};

std::string given_name(const Node& rule) {
  const Node* name = rule.find("name");
  return name != nullptr && name->is_scalar() ? name->text : "";
}

std::string rule_title(const Node& rule, const std::string& what) {
  const std::string name = given_name(rule);
  return name.empty() ? "rule " + what : "rule '" + name + "' (" + what + ")";
}

Severity read_severity(const Node& rule, Reader& reader) {
  const Node* node = rule.find("severity");
  if (node == nullptr) {
    return Severity::kError;
  }
  const std::optional<std::string> text = reader.choice(*node, "severity", kSeverities);
  return text && *text != "error" ? Severity::kWarning : Severity::kError;
}

bool read_percent(const Node& rule, Reader& reader) {
  const Node* node = rule.find("unit");
  if (node == nullptr) {
    return false;
  }
  const std::optional<std::string> unit = reader.choice(*node, "unit", kUnits);
  return unit && *unit == "percent";
}

/// ODCS 3.0 says `rule` where later versions say `metric`.
std::optional<Metric> read_metric(const Node& rule, std::string& word, Reader& reader) {
  const Node* node = rule.find("metric");
  if (node == nullptr) {
    node = rule.find("rule");
  }
  if (node == nullptr) {
    reader.add(rule, "a rule of type library lacks 'metric'");
    return std::nullopt;
  }
  const std::optional<std::string> text = reader.text(*node, "metric");
  if (!text) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const auto& [name, metric] : kMetrics) {
    if (name == *text) {
      word = *text;
      return metric;
    }
    names.emplace_back(name);
  }
  const std::string near = base::nearest(*text, names);
  reader.add(*node, rule_title(rule, *text) + " cannot be executed: no such metric",
             near.empty() ? "" : "did you mean '" + near + "'?");
  return std::nullopt;
}

void keep_prose(const Node& rule, const std::string& title, std::vector<Kept>& kept) {
  for (const std::string_view key : kKeptKeys) {
    if (rule.find(key) != nullptr) {
      kept.push_back({title + ": " + std::string(key),
                      key.starts_with("schedule") ? "rules are judged at every run" : "information",
                      rule.key_mark(key)});
    }
  }
}

std::optional<std::string> read_type(const Node& rule, Reader& reader) {
  if (const Node* declared = rule.find("type")) {
    return reader.choice(*declared, "the rule's type", kTypes);
  }
  return rule.find("query") != nullptr ? "sql" : "library";
}

/// Reads one entry of a `quality` list; nullopt when it is prose or was refused.
std::optional<Rule> read_rule(const Node& node, std::vector<Kept>& kept, Reader& reader) {
  if (!reader.expect_map(node, "a quality rule")) {
    return std::nullopt;
  }
  const std::optional<std::string> type = read_type(node, reader);
  if (!type) {
    return std::nullopt;
  }
  if (*type == "text") {
    // Prose by the standard's definition, nothing that could be executed.
    const std::string name = given_name(node);
    kept.push_back(
        {"rule of type text" + (name.empty() ? "" : " '" + name + "'"), "information", node.mark});
    return std::nullopt;
  }
  if (*type == "custom") {
    const Node* engine = node.find("engine");
    reader.add(node,
               rule_title(node, "of type custom") + " cannot be executed: it is for the engine '" +
                   (engine == nullptr ? "" : engine->text) + "'",
               "say it as a metric or as type: sql");
    return std::nullopt;
  }
  Rule rule;
  rule.node = &node;
  rule.given = given_name(node);
  std::string word = "of type sql";
  if (*type == "sql") {
    rule.metric = Metric::kQuery;
  } else if (const auto metric = read_metric(node, word, reader)) {
    rule.metric = *metric;
  } else {
    return std::nullopt;
  }
  rule.title = rule_title(node, word);
  rule.severity = read_severity(node, reader);
  rule.percent = read_percent(node, reader);
  rule.arguments = node.find("arguments");
  keep_prose(node, rule.title, kept);
  const std::optional<Threshold> threshold = read_threshold(node, rule.title, reader);
  if (!threshold ||
      (rule.arguments != nullptr && !reader.expect_map(*rule.arguments, "arguments"))) {
    return std::nullopt;
  }
  rule.threshold = *threshold;
  if (rule.percent && (rule.metric == Metric::kRowCount || rule.metric == Metric::kQuery)) {
    reader.add(*node.find("unit"), rule.title + " cannot be a percentage: of what?");
    return std::nullopt;
  }
  return rule;
}

void check_arguments(const Rule& rule, std::span<const std::string_view> known, Reader& reader) {
  if (rule.arguments != nullptr) {
    reader.check_known_keys(*rule.arguments, "the arguments of " + rule.title, known);
  }
}

const Node* argument(const Rule& rule, std::string_view key) {
  return rule.arguments == nullptr ? nullptr : rule.arguments->find(key);
}

TableRule table_rule(const Rule& rule, std::vector<std::string> columns) {
  TableRule made;
  made.metric = rule.metric;
  made.columns = std::move(columns);
  made.percent = rule.percent;
  made.threshold = rule.threshold;
  made.severity = rule.severity;
  made.mark = rule.node->mark;
  if (const Node* dimension = rule.node->find("dimension")) {
    made.dimension = dimension->text;
  }
  const std::string of = made.columns.empty() ? "" : "(" + base::join(made.columns, ", ") + ")";
  made.name = !rule.given.empty() ? rule.given
                                  : std::string(to_text(rule.metric)) + of + " " +
                                        to_text(rule.threshold) + (rule.percent ? " %" : "");
  return made;
}

/// A rule that one row can break by itself becomes a rule of the column.
bool is_row_rule(const Rule& rule) { return allows_none(rule.threshold, rule.percent); }

void add_invalid_values(const Rule& rule, ColumnRules& column, QualityRules& rules,
                        Reader& reader) {
  constexpr std::string_view kArguments[] = {"validValues", "pattern"};
  check_arguments(rule, kArguments, reader);
  const Node* values = argument(rule, "validValues");
  const Node* pattern = argument(rule, "pattern");
  if (values == nullptr && pattern == nullptr) {
    reader.add(*rule.node, rule.title + " needs arguments.validValues or arguments.pattern");
    return;
  }
  if (is_row_rule(rule)) {
    if (values != nullptr) {
      column.add_domain(*values, rule.severity);
    }
    if (pattern != nullptr) {
      column.add_pattern(*pattern, rule.severity);
    }
    return;
  }
  TableRule made = table_rule(rule, {column.column()});
  if (values != nullptr) {
    made.has_values = true;
    made.values = column.values(*values, "validValues").value_or(std::vector<std::string>());
  }
  if (pattern != nullptr) {
    made.pattern = column.pattern(*pattern).value_or("");
  }
  rules.table_rules.push_back(std::move(made));
}

void add_missing_values(const Rule& rule, ColumnRules& column, QualityRules& rules,
                        Reader& reader) {
  constexpr std::string_view kArguments[] = {"missingValues"};
  check_arguments(rule, kArguments, reader);
  const Node* values = argument(rule, "missingValues");
  if (is_row_rule(rule)) {
    if (values == nullptr) {
      column.add_required(rule.node->mark, rule.severity);
    } else {
      column.add_missing(*values, rule.severity);
    }
    return;
  }
  TableRule made = table_rule(rule, {column.column()});
  made.counts_null = values == nullptr;
  if (values != nullptr && reader.expect_list(*values, "missingValues")) {
    for (const Node& item : values->children) {
      if (item.is_null()) {
        made.counts_null = true;
      } else if (auto text = reader.text(item, "each of missingValues")) {
        made.values.push_back(std::move(*text));
      }
    }
  }
  rules.table_rules.push_back(std::move(made));
}

void add_query(const Rule& rule, const std::string& property_sql, QualityRules& rules,
               Reader& reader) {
  check_arguments(rule, {}, reader);
  const Node* query = reader.required(*rule.node, "query", "a rule of type sql");
  const std::optional<std::string> text =
      query == nullptr ? std::nullopt : reader.text(*query, "query");
  if (!text) {
    return;
  }
  TableRule made = table_rule(rule, {});
  std::string unknown;
  made.query = bind_placeholders(*text, property_sql, unknown);
  if (!unknown.empty()) {
    reader.add(*query, rule.title + " has the unknown placeholder '${" + unknown + "}'",
               property_sql.empty() ? "${object} is the table"
                                    : "${object} is the table, ${property} the column");
    return;
  }
  made.mark = query->mark;
  rules.table_rules.push_back(std::move(made));
}

}  // namespace

void read_column_quality(const Node& quality, ColumnRules& column, QualityRules& rules,
                         Reader& reader) {
  if (!reader.expect_list(quality, "quality")) {
    return;
  }
  for (const Node& entry : quality.children) {
    const std::optional<Rule> rule = read_rule(entry, rules.kept, reader);
    if (!rule) {
      continue;
    }
    if (!rule->given.empty()) {
      rules.names.emplace_back(rule->given, entry.find("name")->mark);
    }
    switch (rule->metric) {
      case Metric::kInvalidValues:
        add_invalid_values(*rule, column, rules, reader);
        break;
      case Metric::kMissingValues:
        add_missing_values(*rule, column, rules, reader);
        break;
      case Metric::kQuery:
        add_query(*rule, quoted_column(column.column()), rules, reader);
        break;
      case Metric::kRowCount:
        reader.add(entry, rule->title + " cannot be executed on a property",
                   "declare it on the schema object");
        break;
      case Metric::kNullValues:
        check_arguments(*rule, {}, reader);
        if (is_row_rule(*rule)) {
          column.add_required(entry.mark, rule->severity);
        } else {
          rules.table_rules.push_back(table_rule(*rule, {column.column()}));
        }
        break;
      case Metric::kDuplicateValues:
        check_arguments(*rule, {}, reader);
        if (is_row_rule(*rule)) {
          rules.keys.push_back({"unique", {column.column()}, false, rule->severity, entry.mark});
        } else {
          rules.table_rules.push_back(table_rule(*rule, {column.column()}));
        }
        break;
    }
  }
}

namespace {

/// The columns of a rule over several properties; empty when none could be had.
std::vector<std::string> argument_columns(const Rule& rule,
                                          const std::map<std::string, std::string>& column_of,
                                          Reader& reader) {
  constexpr std::string_view kArguments[] = {"properties"};
  check_arguments(rule, kArguments, reader);
  const Node* columns = argument(rule, "properties");
  if (columns == nullptr) {
    reader.add(*rule.node, rule.title + " cannot be executed on a table",
               "name the columns in arguments.properties");
    return {};
  }
  const auto names = reader.texts(*columns, "arguments.properties");
  std::vector<std::string> found;
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const auto column = column_of.find(name);
    if (column == column_of.end()) {
      std::vector<std::string> known;
      for (const auto& [property, unused] : column_of) {
        known.push_back(property);
      }
      const std::string near = base::nearest(name, known);
      reader.add(*columns, rule.title + " names the unknown property '" + name + "'",
                 near.empty() ? "" : "did you mean '" + near + "'?");
      return {};
    }
    found.push_back(column->second);
  }
  if (names && found.empty()) {
    reader.add(*columns, rule.title + " names no property");
  }
  return found;
}

}  // namespace

void read_table_quality(const Node& quality, const std::map<std::string, std::string>& column_of,
                        QualityRules& rules, Reader& reader) {
  if (!reader.expect_list(quality, "quality")) {
    return;
  }
  for (const Node& entry : quality.children) {
    const std::optional<Rule> rule = read_rule(entry, rules.kept, reader);
    if (!rule) {
      continue;
    }
    if (!rule->given.empty()) {
      rules.names.emplace_back(rule->given, entry.find("name")->mark);
    }
    if (rule->metric == Metric::kQuery) {
      add_query(*rule, "", rules, reader);
      continue;
    }
    if (rule->metric == Metric::kRowCount) {
      check_arguments(*rule, {}, reader);
      rules.table_rules.push_back(table_rule(*rule, {}));
      continue;
    }
    if (rule->metric != Metric::kDuplicateValues) {
      reader.add(entry, rule->title + " cannot be executed on a table",
                 "declare it on the property");
      continue;
    }
    std::vector<std::string> columns = argument_columns(*rule, column_of, reader);
    if (columns.empty()) {
      continue;
    }
    if (is_row_rule(*rule)) {
      rules.keys.push_back({"unique", std::move(columns), false, rule->severity, entry.mark});
    } else {
      rules.table_rules.push_back(table_rule(*rule, std::move(columns)));
    }
  }
}

}  // namespace sluice::contract::internal
