#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/deployed_contract.h"
#include "sluice/base/text.h"
#include "sluice/contract/diff.h"
#include "sluice/contract/extend.h"
#include "sluice/contract/read.h"
#include "sluice/run/schema_growth.h"
#include "sluice/storage/local_file_io.h"
#include "sluice/yaml/document.h"

namespace sluice::app {

namespace {

using base::Result;

const char* breaks(const contract::Change& change) {
  if (change.breaks_producers && change.breaks_consumers) {
    return "producers and consumers";
  }
  if (change.breaks_producers) {
    return "producers";
  }
  return change.breaks_consumers ? "consumers" : "";
}

void print(const std::vector<contract::Change>& changes, const std::string& from,
           const std::string& to) {
  const auto breaking =
      std::count_if(changes.begin(), changes.end(), [](const auto& c) { return c.breaking(); });
  for (const contract::Change& change : changes) {
    fmt::print("{:<10}{}{}\n", change.breaking() ? "breaking" : "", change.what,
               change.breaking() ? fmt::format(" (breaks {})", breaks(change)) : "");
  }
  fmt::print("{} -> {}: {} changes, {} breaking\n", from, to, changes.size(), breaking);
}

nlohmann::ordered_json to_json(const std::vector<contract::Change>& changes) {
  auto list = nlohmann::ordered_json::array();
  for (const contract::Change& change : changes) {
    list.push_back({{"what", change.what},
                    {"breaking", change.breaking()},
                    {"breaks_producers", change.breaks_producers},
                    {"breaks_consumers", change.breaks_consumers}});
  }
  return list;
}

/// Columns that data brought stay whether or not the contract declares them; a declaration must
/// agree with what the table has.
std::vector<contract::Change> add_inferred(const DeployedContract& deployed,
                                           const contract::Contract& to, contract::Contract& from) {
  std::vector<contract::Change> notes;
  const auto names = deployed.metadata->properties.find(run::kInferredProperty);
  if (names == deployed.metadata->properties.end()) {
    return notes;
  }
  for (const std::string& name : base::split(names->second, ',')) {
    const data::Field* field = deployed.metadata->current_schema().find(name);
    if (field == nullptr || from.column(name) != nullptr) {
      continue;
    }
    if (to.column(name) != nullptr) {
      contract::add_column(from, name, field->type);
      continue;
    }
    contract::Change note;
    note.what = fmt::format("column {} ({}) is not declared: it came from data, and stays", name,
                            data::to_text(field->type));
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace

Result<contract::Contract> read_contract_file(const std::string& file) {
  const auto files = storage::make_local_file_io();
  SLUICE_ASSIGN_OR_RETURN(
      std::string text,
      files->read_all(file, static_cast<std::int64_t>(yaml::kDocumentBytesMax) + 1));
  yaml::Diagnostics diagnostics;
  auto contract = contract::read_contract({file, std::move(text)}, diagnostics);
  if (!contract) {
    diagnostics.sort();
    return diagnostics.to_error();
  }
  return std::move(*contract);
}

Result<int> run_contract_diff(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const contract::Contract to, read_contract_file(line.files.back()));
  std::string from_name = line.files.front();
  std::optional<contract::Contract> from;
  std::vector<contract::Change> notes;
  if (line.files.size() == 2) {
    SLUICE_ASSIGN_OR_RETURN(from, read_contract_file(from_name));
  } else {
    SLUICE_ASSIGN_OR_RETURN(const DeployedContract deployed,
                            deployed_contract_of_file(line, line.files.front()));
    from_name = fmt::format("{} as deployed ({})", deployed.table, deployed.contract.version);
    from = deployed.contract;
    notes = add_inferred(deployed, to, *from);
  }
  std::vector<contract::Change> changes = contract::compare(*from, to);
  changes.insert(changes.end(), notes.begin(), notes.end());
  const bool breaking =
      std::any_of(changes.begin(), changes.end(), [](const auto& c) { return c.breaking(); });
  if (line.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"from", from_name},
                                              {"to", line.files.back()},
                                              {"breaking", breaking},
                                              {"changes", to_json(changes)}}
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print(changes, from_name, line.files.back());
  }
  return breaking ? 1 : 0;
}

}  // namespace sluice::app
