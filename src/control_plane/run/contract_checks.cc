#include "sluice/run/contract_checks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/text.h"
#include "sluice/job/decode_job.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

namespace {

/// A table's metadata is written anew with each commit; a longer contract would weigh on all of
/// them.
constexpr std::size_t kContractBytesMax = std::size_t{64} << 10;

}  // namespace

data::Schema declared_schema(const project::Project& project, const project::Analysis& analysis,
                             const std::string& table) {
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    if (project.sources[i].table == table) {
      return analysis.sources[i];
    }
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    if (project.models[i].table == table) {
      return analysis.models[i].schema;
    }
  }
  return job::quarantine_schema();
}

void add_table_expectations(const contract::Contract& contract, const std::string& table,
                            const RunContext& context,
                            std::vector<quality::Expectation>& expectations) {
  auto measures = quality::measures_of(table, contract, base::format_iso8601(context.clock.now()));
  std::move(measures.begin(), measures.end(), std::back_inserter(expectations));
  auto references = quality::references_of(table, contract);
  std::move(references.begin(), references.end(), std::back_inserter(expectations));
}

base::Status add_lookups(lake::Catalog& catalog, const project::Project& project,
                         const project::Analysis& analysis, const std::string& table,
                         job::DecodeJob& job) {
  for (job::ReferenceRule& reference : job.references) {
    if (reference.table == table) {
      reference.table.clear();
      continue;
    }
    const bool offered =
        std::any_of(job.lookups.begin(), job.lookups.end(),
                    [&](const job::ScanInput& input) { return input.name == reference.table; });
    if (!offered) {
      SLUICE_ASSIGN_OR_RETURN(job::ScanInput input,
                              scan_input(catalog, reference.table,
                                         declared_schema(project, analysis, reference.table)));
      job.lookups.push_back(std::move(input));
    }
  }
  return {};
}

bool needs_existing(const job::DecodeJob& job) {
  return std::any_of(job.keys.begin(), job.keys.end(),
                     [](const job::KeyRule& key) { return !key.window_us; }) ||
         std::any_of(job.references.begin(), job.references.end(),
                     [](const job::ReferenceRule& reference) { return reference.table.empty(); });
}

std::map<std::string, std::string> contract_properties(const contract::Contract& contract,
                                                       const data::Schema& schema) {
  std::map<std::string, std::string> properties;
  if (contract.text.size() <= kContractBytesMax) {
    properties[kContractProperty] = contract.text;
  }
  properties["sluice.contract-version"] = contract.version;
  if (!contract.tags.empty()) {
    properties["sluice.tags"] = base::join(contract.tags, ",");
  }
  for (const contract::ColumnNotes& notes : contract.notes) {
    const data::Field* field = schema.find(notes.column);
    if (field == nullptr) {
      continue;
    }
    const std::string column = "sluice.column." + std::to_string(field->id) + ".";
    if (!notes.classification.empty()) {
      properties[column + "classification"] = notes.classification;
    }
    if (!notes.tags.empty()) {
      properties[column + "tags"] = base::join(notes.tags, ",");
    }
    if (notes.critical) {
      properties[column + "critical"] = "true";
    }
  }
  return properties;
}

base::Status add_contract_inputs(std::size_t contract, const std::string& table,
                                 RunContext& context, std::vector<job::ScanInput>& inputs) {
  for (const std::string& name : context.analysis.contract_reads[contract]) {
    if (name != table) {
      SLUICE_ASSIGN_OR_RETURN(job::ScanInput input,
                              scan_input(context.catalog, name,
                                         declared_schema(context.project, context.analysis, name)));
      inputs.push_back(std::move(input));
    }
  }
  return {};
}

}  // namespace sluice::run
