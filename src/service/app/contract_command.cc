#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/contract/compile.h"
#include "sluice/contract/read.h"
#include "sluice/contract/standard.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

namespace {

using base::Result;

/// What is to be said of one contract file.
struct Findings {
  std::string file;
  yaml::Diagnostics standard;  // what the standard's own schema refuses
  yaml::Diagnostics all;       // that, and what Sluice cannot do or what contradicts itself
  std::optional<contract::Contract> contract;
};

Result<std::string> read_file(const std::string& file) {
  return storage::make_local_file_io()->read_all(
      file, static_cast<std::int64_t>(yaml::kDocumentBytesMax) + 1);
}

Result<Findings> examine(const std::string& file) {
  Findings findings;
  findings.file = file;
  SLUICE_ASSIGN_OR_RETURN(std::string text, read_file(file));
  yaml::Diagnostics syntax;
  const yaml::Document document = yaml::parse({file, text}, syntax);
  if (syntax.empty()) {
    contract::check_standard(document.root, findings.standard);
  }
  findings.contract = contract::read_contract({file, std::move(text)}, findings.all);
  findings.standard.sort();
  findings.all.sort();
  return findings;
}

nlohmann::ordered_json to_json(const yaml::Diagnostics& diagnostics) {
  auto list = nlohmann::ordered_json::array();
  for (const yaml::Diagnostic& diagnostic : diagnostics.items()) {
    list.push_back({{"line", diagnostic.mark.line},
                    {"column", diagnostic.mark.column},
                    {"message", diagnostic.message},
                    {"hint", diagnostic.hint}});
  }
  return list;
}

/// Every rule of a contract as it will be executed.
std::vector<std::pair<std::string, contract::Severity>> rules_of(
    const contract::Contract& contract) {
  std::vector<std::pair<std::string, contract::Severity>> rules;
  for (const contract::RowRule& rule : contract.rules) {
    const bool tells = rule.kind != contract::RowRuleKind::kRequired;
    rules.emplace_back(contract::rule_name(rule) + (tells ? ": " + rule.message : ""),
                       rule.severity);
  }
  for (const contract::KeyRule& rule : contract.keys) {
    rules.emplace_back(contract::rule_name(rule), rule.severity);
  }
  for (const contract::ReferenceRule& rule : contract.references) {
    rules.emplace_back(contract::rule_name(rule), rule.severity);
  }
  for (const contract::TableRule& rule : contract.table_rules) {
    rules.emplace_back(rule.name, rule.severity);
  }
  for (const contract::ServiceLevel& level : contract.service_levels) {
    rules.emplace_back(level.name, contract::Severity::kWarning);
  }
  return rules;
}

nlohmann::ordered_json to_json(const Findings& findings) {
  nlohmann::ordered_json json = {{"file", findings.file},
                                 {"ok", findings.contract.has_value()},
                                 {"standard", to_json(findings.standard)},
                                 {"problems", to_json(findings.all)}};
  if (findings.contract) {
    auto rules = nlohmann::ordered_json::array();
    for (const auto& [name, severity] : rules_of(*findings.contract)) {
      rules.push_back({{"rule", name}, {"severity", contract::to_text(severity)}});
    }
    auto kept = nlohmann::ordered_json::array();
    for (const contract::Kept& part : findings.contract->kept) {
      kept.push_back({{"what", part.path}, {"why", part.why}, {"line", part.mark.line}});
    }
    json["table"] = findings.contract->table;
    json["version"] = findings.contract->version;
    json["rules"] = std::move(rules);
    json["kept"] = std::move(kept);
  }
  return json;
}

void print(const Findings& findings) {
  if (!findings.contract) {
    fmt::print("{}", findings.all.to_text());
    return;
  }
  const contract::Contract& contract = *findings.contract;
  const auto rules = rules_of(contract);
  fmt::print("{} is valid: {} {}, {} columns, {} rules\n", findings.file, contract.table,
             contract.version, contract.schema.fields.size(), rules.size());
  for (const auto& [name, severity] : rules) {
    fmt::print("  {:<9}{}\n", contract::to_text(severity), name);
  }
  for (const contract::Kept& part : contract.kept) {
    fmt::print("  {:<9}{} (line {}): {}\n", "kept", part.path, part.mark.line, part.why);
  }
}

}  // namespace

Result<int> run_contract_validate(const CommandLine& line) {
  auto list = nlohmann::ordered_json::array();
  bool good = true;
  for (const std::string& file : line.files) {
    SLUICE_ASSIGN_OR_RETURN(const Findings findings, examine(file));
    good = good && findings.contract.has_value();
    if (line.json) {
      list.push_back(to_json(findings));
    } else {
      print(findings);
    }
  }
  if (line.json) {
    fmt::print("{}\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return good ? 0 : 1;
}

}  // namespace sluice::app
