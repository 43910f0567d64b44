#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/text.h"
#include "sluice/dbt/import.h"

namespace sluice::dbt {

namespace {

std::string yaml_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool has(const std::vector<const ColumnTest*>& tests, std::string_view kind, bool warns) {
  return std::any_of(tests.begin(), tests.end(), [&](const ColumnTest* test) {
    return test->kind == kind && test->warns == warns;
  });
}

/// A library rule of severity warning, which records and lets pass.
std::string warning(std::string_view metric, const std::string& arguments) {
  return fmt::format(
      "          - type: library\n            metric: {}\n{}            mustBe: 0\n"
      "            severity: warning\n",
      metric, arguments);
}

std::string valid_values(const ColumnTest& test) {
  std::vector<std::string> values;
  for (const std::string& value : test.values) {
    values.push_back(yaml_text(value));
  }
  return fmt::format("            arguments: {{ validValues: [{}] }}\n", base::join(values, ", "));
}

std::string quality(const std::vector<const ColumnTest*>& tests) {
  std::string rules;
  for (const ColumnTest* test : tests) {
    if (test->kind == "accepted_values") {
      const std::string rule = warning("invalidValues", valid_values(*test));
      rules += test->warns ? rule : rule.substr(0, rule.find("            severity"));
    } else if (test->warns && test->kind == "not_null") {
      rules += warning("nullValues", "");
    } else if (test->warns && test->kind == "unique") {
      rules += warning("duplicateValues", "");
    }
  }
  return rules.empty() ? "" : "        quality:\n" + rules;
}

std::string relationships(const std::vector<const ColumnTest*>& tests) {
  std::string lines;
  for (const ColumnTest* test : tests) {
    if (test->kind == "relationships") {
      lines += fmt::format("          - to: {}.{}\n", test->to_table, test->to_column);
    }
  }
  return lines.empty() ? "" : "        relationships:\n" + lines;
}

}  // namespace

std::string contract_text(const ImportedTable& table,
                          const std::vector<std::pair<std::string, std::string>>& types,
                          bool needed) {
  std::string properties;
  bool worth_it = needed || !table.tests.empty();
  for (const auto& [column, type] : types) {
    std::vector<const ColumnTest*> tests;
    for (const ColumnTest& test : table.tests) {
      if (base::lower(test.column) == base::lower(column)) {
        tests.push_back(&test);
      }
    }
    const auto described =
        std::find_if(table.columns.begin(), table.columns.end(), [&](const auto& one) {
          return base::lower(one.name) == base::lower(column) && !one.description.empty();
        });
    properties += fmt::format("      - name: {}\n        physicalType: {}\n", yaml_text(column),
                              yaml_text(type));
    if (described != table.columns.end()) {
      worth_it = true;
      properties += "        description: " + yaml_text(described->description) + "\n";
    }
    properties += has(tests, "not_null", false) ? "        required: true\n" : "";
    properties += has(tests, "unique", false) ? "        unique: true\n" : "";
    properties += quality(tests);
    properties += relationships(tests);
  }
  if (!worth_it || types.empty()) {
    return "";
  }
  const std::string name = table.table.substr(table.table.find('.') + 1);
  return fmt::format(
      "# From the tests and descriptions of {}\napiVersion: v3.2.0\nkind: DataContract\nid: {}\n"
      "version: 1.0.0\nstatus: active\nschema:\n  - name: {}\n    physicalName: {}\n"
      "    properties:\n{}",
      table.from, table.table, name, table.table, properties);
}

}  // namespace sluice::dbt
