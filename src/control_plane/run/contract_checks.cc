#include "sluice/run/contract_checks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/text.h"
#include "sluice/contract/path.h"
#include "sluice/job/decode_job.h"

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

namespace {

using Properties = std::map<std::string, std::string>;

constexpr std::string_view kColumnPrefix = "sluice.column.";
constexpr std::string_view kClassificationPrefix = "sluice.classification.";
constexpr const char* kVersionProperty = "sluice.contract-version";
constexpr const char* kTagsProperty = "sluice.tags";

bool is_of_contract(std::string_view property) {
  return property == kContractProperty || property == kVersionProperty ||
         property == kTagsProperty || property.starts_with(kColumnPrefix) ||
         property.starts_with(kClassificationPrefix);
}

void add_notes(const contract::ColumnNotes& notes, const data::Schema& schema,
               Properties& properties) {
  const data::Field* column = schema.find(notes.column);
  const data::Field* part = column == nullptr ? nullptr : contract::find_part(*column, notes.path);
  if (part == nullptr) {
    return;
  }
  const std::string by_id = std::string(kColumnPrefix) + std::to_string(part->id) + ".";
  if (!notes.classification.empty()) {
    properties[by_id + "classification"] = notes.classification;
    properties[std::string(kClassificationPrefix) + contract::to_text(notes.column, notes.path)] =
        notes.classification;
  }
  if (!notes.tags.empty()) {
    properties[by_id + "tags"] = base::join(notes.tags, ",");
  }
  if (notes.critical) {
    properties[by_id + "critical"] = "true";
  }
}

}  // namespace

base::Result<Properties> contract_properties(lake::Catalog& catalog, const WritePlan& plan,
                                             const contract::Contract* contract) {
  Properties properties;
  if (plan.entry) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            catalog.load_location(plan.entry->metadata_location));
    for (const auto& [name, value] : metadata->properties) {
      if (is_of_contract(name) && !value.empty()) {
        properties[name] = "";
      }
    }
  }
  if (contract == nullptr) {
    return properties;
  }
  if (contract->text.size() <= kContractBytesMax) {
    properties[kContractProperty] = contract->text;
  }
  properties[kVersionProperty] = contract->version;
  if (!contract->tags.empty()) {
    properties[kTagsProperty] = base::join(contract->tags, ",");
  }
  for (const auto* all : {&contract->notes, &contract->nested_notes}) {
    for (const contract::ColumnNotes& notes : *all) {
      add_notes(notes, plan.schema, properties);
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
