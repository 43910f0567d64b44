#include "sluice/contract/internal/quality_rules.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "sluice/base/text.h"
#include "sluice/contract/internal/odcs_keys.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kTypes[] = {"library", "text", "sql", "custom"};
constexpr std::string_view kMetrics[] = {"nullValues", "missingValues", "invalidValues",
                                         "duplicateValues", "rowCount"};
constexpr std::string_view kOperators[] = {
    "mustBe",         "mustNotBe",           "mustBeGreaterThan", "mustBeGreaterOrEqualTo",
    "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween",     "mustNotBeBetween"};
constexpr std::string_view kSeverities[] = {"error", "warning", "info"};

/// A rule of type `library` whose threshold is none at all.
struct LibraryRule {
  const Node* node = nullptr;
  std::string name;  // as messages print it
  std::string metric;
  Severity severity = Severity::kError;
  const Node* arguments = nullptr;
};

std::string rule_title(const Node& rule, const std::string& what) {
  const Node* name = rule.find("name");
  return name != nullptr && name->is_scalar() ? "rule '" + name->text + "' (" + what + ")"
                                              : "rule " + what;
}

/// Metrics count offenders; only "none at all" can be decided row by row.
bool allows_none(const Node& rule) {
  for (const std::string_view key : {"mustBe", "mustBeLessOrEqualTo"}) {
    const Node* threshold = rule.find(key);
    if (threshold != nullptr && (threshold->text == "0" || threshold->text == "0.0")) {
      return true;
    }
  }
  const Node* below = rule.find("mustBeLessThan");
  const Node* unit = rule.find("unit");
  const bool counts_rows = unit == nullptr || unit->text == "rows";
  return below != nullptr && below->text == "1" && counts_rows;
}

std::string operators_of(const Node& rule) {
  std::string text;
  for (const std::string_view name : kOperators) {
    if (const Node* threshold = rule.find(name)) {
      text += text.empty() ? "" : ", ";
      text += std::string(name) + (threshold->is_scalar() ? " " + threshold->text : "");
    }
  }
  return text;
}

Severity read_severity(const Node& rule, Reader& reader) {
  const Node* node = rule.find("severity");
  if (node == nullptr) {
    return Severity::kError;
  }
  const std::optional<std::string> text = reader.choice(*node, "severity", kSeverities);
  return text && *text != "error" ? Severity::kWarning : Severity::kError;
}

/// Returns the metric under its present name. ODCS 3.0 says `rule` and a few other words.
std::optional<std::string> read_metric(const Node& rule, Reader& reader) {
  const Node* node = rule.find("metric");
  if (node == nullptr) {
    node = rule.find("rule");
  }
  if (node == nullptr) {
    reader.add(rule, "a rule of type library lacks 'metric'");
    return std::nullopt;
  }
  std::optional<std::string> metric = reader.text(*node, "metric");
  if (!metric) {
    return std::nullopt;
  }
  if (*metric == "duplicateCount" || *metric == "duplicates") {
    return "duplicateValues";
  }
  if (*metric == "rowCount") {
    reader.add(*node, rule_title(rule, *metric) + " cannot be executed yet",
               "rules over rows, keys and columns can");
    return std::nullopt;
  }
  if (std::find(std::begin(kMetrics), std::end(kMetrics), *metric) == std::end(kMetrics)) {
    const std::vector<std::string> names(std::begin(kMetrics), std::end(kMetrics));
    const std::string near = base::nearest(*metric, names);
    reader.add(*node, rule_title(rule, *metric) + " cannot be executed: no such metric",
               near.empty() ? "" : "did you mean '" + near + "'?");
    return std::nullopt;
  }
  return metric;
}

std::optional<LibraryRule> read_library_rule(const Node& rule, Reader& reader) {
  const std::optional<std::string> metric = read_metric(rule, reader);
  if (!metric) {
    return std::nullopt;
  }
  LibraryRule library;
  library.node = &rule;
  library.metric = *metric;
  library.name = rule_title(rule, *metric);
  library.severity = read_severity(rule, reader);
  library.arguments = rule.find("arguments");
  if (library.arguments != nullptr && !reader.expect_map(*library.arguments, "arguments")) {
    return std::nullopt;
  }
  if (!allows_none(rule)) {
    const std::string operators = operators_of(rule);
    reader.add(rule,
               operators.empty() ? library.name + " has no threshold"
                                 : library.name + " with " + operators + " cannot be executed yet",
               "a rule that allows none at all can: mustBe: 0");
    return std::nullopt;
  }
  return library;
}

/// Reads one entry of a `quality` list; nullopt when it is prose or was refused.
std::optional<LibraryRule> read_rule(const Node& rule, Reader& reader) {
  if (!reader.expect_map(rule, "a quality rule")) {
    return std::nullopt;
  }
  reader.check_known_keys(rule, "a quality rule", kQualityKeys);
  std::string type = rule.find("query") != nullptr ? "sql" : "library";
  if (const Node* declared = rule.find("type")) {
    const std::optional<std::string> read = reader.choice(*declared, "the rule's type", kTypes);
    if (!read) {
      return std::nullopt;
    }
    type = *read;
  }
  if (type == "text") {
    return std::nullopt;  // prose by the standard's definition, nothing that could be executed
  }
  if (type == "sql" || type == "custom") {
    reader.add(rule, rule_title(rule, "of type " + type) + " cannot be executed yet",
               "say it as a metric, or test it in a model");
    return std::nullopt;
  }
  return read_library_rule(rule, reader);
}

void check_arguments(const LibraryRule& rule, std::span<const std::string_view> known,
                     Reader& reader) {
  if (rule.arguments != nullptr) {
    reader.check_known_keys(*rule.arguments, "the arguments of " + rule.name, known);
  }
}

void add_invalid_values(const LibraryRule& rule, ColumnRules& column, Reader& reader) {
  constexpr std::string_view kArguments[] = {"validValues", "pattern"};
  check_arguments(rule, kArguments, reader);
  const Node* values = rule.arguments == nullptr ? nullptr : rule.arguments->find("validValues");
  const Node* pattern = rule.arguments == nullptr ? nullptr : rule.arguments->find("pattern");
  if (values == nullptr && pattern == nullptr) {
    reader.add(*rule.node, rule.name + " needs arguments.validValues or arguments.pattern");
  }
  if (values != nullptr) {
    column.add_domain(*values, rule.severity);
  }
  if (pattern != nullptr) {
    column.add_pattern(*pattern, rule.severity);
  }
}

void add_missing_values(const LibraryRule& rule, ColumnRules& column, Reader& reader) {
  constexpr std::string_view kArguments[] = {"missingValues"};
  check_arguments(rule, kArguments, reader);
  const Node* values = rule.arguments == nullptr ? nullptr : rule.arguments->find("missingValues");
  if (values == nullptr) {
    column.add_required(rule.node->mark, rule.severity);
    return;
  }
  column.add_missing(*values, rule.severity);
}

}  // namespace

void read_column_quality(const Node& quality, ColumnRules& column, std::vector<KeyRule>& keys,
                         Reader& reader) {
  if (!reader.expect_list(quality, "quality")) {
    return;
  }
  for (const Node& entry : quality.children) {
    const std::optional<LibraryRule> rule = read_rule(entry, reader);
    if (!rule) {
      continue;
    }
    if (rule->metric == "invalidValues") {
      add_invalid_values(*rule, column, reader);
    } else if (rule->metric == "missingValues") {
      add_missing_values(*rule, column, reader);
    } else if (rule->metric == "nullValues") {
      check_arguments(*rule, {}, reader);
      column.add_required(entry.mark, rule->severity);
    } else {
      check_arguments(*rule, {}, reader);
      keys.push_back({"unique", {column.column()}, false, rule->severity, entry.mark});
    }
  }
}

void read_table_quality(const Node& quality, const std::map<std::string, std::string>& column_of,
                        std::vector<KeyRule>& keys, Reader& reader) {
  if (!reader.expect_list(quality, "quality")) {
    return;
  }
  constexpr std::string_view kArguments[] = {"properties"};
  for (const Node& entry : quality.children) {
    const std::optional<LibraryRule> rule = read_rule(entry, reader);
    if (!rule) {
      continue;
    }
    check_arguments(*rule, kArguments, reader);
    const Node* columns =
        rule->arguments == nullptr ? nullptr : rule->arguments->find("properties");
    if (rule->metric != "duplicateValues" || columns == nullptr) {
      reader.add(entry, rule->name + " cannot be executed on a table",
                 rule->metric == "duplicateValues" ? "name the columns in arguments.properties"
                                                   : "declare it on the property");
      continue;
    }
    const auto names = reader.texts(*columns, "arguments.properties");
    if (!names) {
      continue;
    }
    KeyRule key{"unique", {}, false, rule->severity, entry.mark};
    for (const std::string& name : *names) {
      const auto column = column_of.find(name);
      if (column == column_of.end()) {
        reader.add(*columns, rule->name + " names the unknown property '" + name + "'");
        continue;
      }
      key.columns.push_back(column->second);
    }
    if (key.columns.empty()) {
      reader.add(*columns, rule->name + " names no property");
      continue;
    }
    keys.push_back(std::move(key));
  }
}

}  // namespace sluice::contract::internal
