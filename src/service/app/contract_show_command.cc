#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/app/deployed_contract.h"
#include "sluice/base/text.h"
#include "sluice/contract/read.h"
#include "sluice/run/contract_checks.h"

namespace sluice::app {

namespace {

using base::Result;

/// The tables of the project that hold to a contract.
std::vector<std::string> tables_with(const project::Project& project, std::size_t contract) {
  std::vector<std::string> tables;
  for (const project::Source& source : project.sources) {
    if (source.contract == contract) {
      tables.push_back(source.table);
    }
  }
  for (const project::Model& model : project.models) {
    if (model.expectations == contract) {
      tables.push_back(model.table);
    }
  }
  return tables;
}

/// The newest measurement of each rule of a table.
struct Measurement {
  std::string rule;
  std::string severity;
  std::string found;
  bool passed = false;
  std::string at;
};

Result<std::vector<Measurement>> measurements(metastore::Database& database,
                                              const std::string& table) {
  SLUICE_ASSIGN_OR_RETURN(
      auto query, database.prepare(
                      "SELECT expectation, severity, violations, measured, threshold, passed, "
                      "judged_at FROM quality_results AS q WHERE table_name = ? AND judged_at = "
                      "(SELECT max(judged_at) FROM quality_results WHERE table_name = q.table_name "
                      "AND expectation = q.expectation) ORDER BY expectation"));
  query.bind(1, table);
  std::vector<Measurement> found;
  for (;;) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return found;
    }
    Measurement one;
    one.rule = query.get_text(0);
    one.severity = query.get_text(1);
    one.found = query.get_text(4).empty()
                    ? base::format_count(query.get_int(2)) + " broken"
                    : "measured " + (query.is_null(3) ? "nothing" : query.get_text(3));
    one.passed = query.get_int(5) != 0;
    one.at = base::format_iso8601({query.get_int(6)});
    found.push_back(std::move(one));
  }
}

const contract::ColumnNotes* notes_of(const contract::Contract& contract,
                                      const std::string& column) {
  for (const contract::ColumnNotes& notes : contract.notes) {
    if (notes.column == column) {
      return &notes;
    }
  }
  return nullptr;
}

nlohmann::ordered_json to_json(const DeployedContract& deployed,
                               const std::vector<Measurement>& results) {
  auto columns = nlohmann::ordered_json::array();
  for (const data::Field& field : deployed.contract.schema.fields) {
    const contract::ColumnNotes* notes = notes_of(deployed.contract, field.name);
    columns.push_back({{"name", field.name},
                       {"type", data::to_text(field.type)},
                       {"required", field.required},
                       {"classification", notes == nullptr ? "" : notes->classification},
                       {"tags", notes == nullptr ? std::vector<std::string>() : notes->tags},
                       {"description", field.doc}});
  }
  auto parts = nlohmann::ordered_json::array();
  for (const contract::ColumnNotes& notes : deployed.contract.nested_notes) {
    parts.push_back(
        {{"name", notes.name}, {"classification", notes.classification}, {"tags", notes.tags}});
  }
  auto levels = nlohmann::ordered_json::array();
  for (const contract::ServiceLevel& level : deployed.contract.service_levels) {
    levels.push_back({{"name", level.name}, {"column", level.column}, {"limit_s", level.limit_s}});
  }
  auto rules = nlohmann::ordered_json::array();
  for (const Measurement& one : results) {
    rules.push_back({{"rule", one.rule},
                     {"severity", one.severity},
                     {"found", one.found},
                     {"passed", one.passed},
                     {"at", one.at}});
  }
  return {{"table", deployed.table},
          {"version", deployed.contract.version},
          {"columns", std::move(columns)},
          {"parts", std::move(parts)},
          {"service_levels", std::move(levels)},
          {"results", std::move(rules)}};
}

void print(const DeployedContract& deployed, const std::vector<Measurement>& results) {
  fmt::print("{} holds to {} {}\n\n", deployed.table, deployed.contract.file,
             deployed.contract.version);
  fmt::print("{:<24}{:<18}{:<10}{:<16}{}\n", "column", "type", "", "classification",
             "tags, description");
  for (const data::Field& field : deployed.contract.schema.fields) {
    const contract::ColumnNotes* notes = notes_of(deployed.contract, field.name);
    const std::string tags = notes == nullptr ? "" : base::join(notes->tags, ", ");
    fmt::print("{:<24}{:<18}{:<10}{:<16}{}{}{}\n", field.name, data::to_text(field.type),
               field.required ? "required" : "", notes == nullptr ? "" : notes->classification,
               tags, tags.empty() || field.doc.empty() ? "" : "; ", field.doc);
    for (const contract::ColumnNotes& part : deployed.contract.nested_notes) {
      if (part.column == field.name) {
        fmt::print("  {:<50}{:<16}{}\n", part.name, part.classification,
                   base::join(part.tags, ", "));
      }
    }
  }
  for (const contract::ServiceLevel& level : deployed.contract.service_levels) {
    fmt::print("service level {}\n", level.name);
  }
  if (!results.empty()) {
    fmt::print("\n");
  }
  for (const Measurement& one : results) {
    fmt::print("{:<8}{:<9}{}: {} ({})\n", one.passed ? "met" : "broken", one.severity, one.rule,
               one.found, one.at);
  }
}

}  // namespace

Result<DeployedContract> deployed_contract(Workspace& workspace, const std::string& table) {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, workspace.catalog().find(name));
  if (!entry) {
    return base::not_found(fmt::format("there is no table {} yet", table));
  }
  DeployedContract deployed;
  deployed.table = table;
  SLUICE_ASSIGN_OR_RETURN(deployed.metadata,
                          workspace.catalog().load_location(entry->metadata_location));
  const auto text = deployed.metadata->properties.find(run::kContractProperty);
  if (text == deployed.metadata->properties.end() || text->second.empty()) {
    return base::not_found(fmt::format("{} records no contract", table));
  }
  yaml::Diagnostics diagnostics;
  auto contract = contract::read_contract({table + " (deployed)", text->second}, diagnostics);
  if (!contract) {
    return diagnostics.to_error();
  }
  deployed.contract = std::move(*contract);
  return deployed;
}

Result<DeployedContract> deployed_contract_of_file(const CommandLine& line,
                                                   const std::string& file) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  const project::Project& project = workspace->project();
  std::error_code error;
  for (std::size_t i = 0; i < project.contracts.size(); ++i) {
    if (!std::filesystem::equivalent(project.root / project.contracts[i].file, file, error)) {
      continue;
    }
    const auto tables = tables_with(project, i);
    if (!tables.empty()) {
      return deployed_contract(*workspace, tables.front());
    }
  }
  return base::not_found(
      fmt::format("{} is no contract of this project; give two files to compare them", file));
}

Result<int> run_contract_show(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const DeployedContract deployed,
                          deployed_contract(*workspace, line.table));
  SLUICE_ASSIGN_OR_RETURN(const auto results, measurements(workspace->database(), line.table));
  if (line.json) {
    fmt::print(
        "{}\n",
        to_json(deployed, results).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print(deployed, results);
  }
  return 0;
}

}  // namespace sluice::app
