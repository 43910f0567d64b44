#include "sluice/run/schema_growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "sluice/base/text.h"
#include "sluice/contract/extend.h"
#include "sluice/data/provenance.h"
#include "sluice/ingest/file_landing.h"
#include "sluice/ingest/infer_request.h"
#include "sluice/lake/landed_files.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kNamesShown = 5;
constexpr std::int64_t kSampleRows = 10'000;
constexpr std::int64_t kSampleBytes = std::int64_t{8} << 20;
constexpr int kUnboundId = 1'000'000'000;  // of columns that no file has

bool evolves(const project::Source& source) {
  return source.schema_changes == project::SchemaChanges::kEvolve;
}

std::string some_names(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text = base::join(std::span<const std::string>(names).first(shown), ", ");
  return shown == names.size() ? text : text + fmt::format(" and {} more", names.size() - shown);
}

/// A contract that no other source or model is held to.
contract::Contract& own_contract(project::Project& project, project::Source& source) {
  const auto uses = [&](const std::optional<std::size_t>& index) {
    return index == source.contract;
  };
  const auto sources =
      std::count_if(project.sources.begin(), project.sources.end(),
                    [&](const project::Source& other) { return uses(other.contract); });
  const auto models =
      std::count_if(project.models.begin(), project.models.end(),
                    [&](const project::Model& model) { return uses(model.expectations); });
  if (sources + models > 1) {
    contract::Contract copy = project.contracts[*source.contract];
    source.contract = project.contracts.size();
    project.contracts.push_back(std::move(copy));
  }
  return project.contracts[*source.contract];
}

/// Files that the next run will most likely read.
Result<job::InferJob> waiting_files(const project::Source& source, const AdoptParts& parts) {
  if (parts.catalog == nullptr) {
    SLUICE_ASSIGN_OR_RETURN(const auto found,
                            ingest::find_source_files(parts.files, source, parts.raw_root));
    return ingest::infer_request(source, found);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto landed,
                          lake::list_pending(parts.catalog->database(), source.table));
  if (!landed.empty()) {
    return ingest::infer_request(source, landed);
  }
  ingest::FileLanding landing(parts.files, parts.catalog->database(), parts.clock,
                              {parts.raw_root, "", 0}, source);
  SLUICE_ASSIGN_OR_RETURN(const ingest::LandingLook look, landing.look());
  return ingest::infer_request(source, look.ready);
}

/// Adds columns that a sample of what lies there for a source has.
Status add_waiting(const project::Source& source, const AdoptParts& parts,
                   contract::Contract& contract) {
  SLUICE_ASSIGN_OR_RETURN(job::InferJob job, waiting_files(source, parts));
  if (job.files.empty()) {
    return {};
  }
  job.rows_max = contract.schema.fields.empty() ? job.rows_max : kSampleRows;
  job.bytes_max = contract.schema.fields.empty() ? job.bytes_max : kSampleBytes;
  const auto response = parts.engine.execute({std::move(job), parts.limits},
                                             [](data::Batch) { return Status(); }, {});
  if (!response) {
    // A file that cannot be read is told by the run that meets it.
    const base::ErrorKind kind = response.error().kind;
    const bool is_of_file =
        kind == base::ErrorKind::kNotFound || kind == base::ErrorKind::kUnauthorized;
    return is_of_file ? Status() : Status(response.error());
  }
  const auto* seen = std::get_if<job::InferResult>(&response->answer);
  if (seen == nullptr) {
    return base::internal_error("an inference was not answered with its result");
  }
  contract = grow_contract(contract, *seen, !evolves(source)).contract;
  return {};
}

/// Adds a column that was not known; why not is a note.
void add_new(const data::ColumnProfile& column, bool all_columns, Growth& growth,
             std::vector<std::string>& empty) {
  if (!column.known && column.misfits == 0 && !all_columns) {
    empty.push_back(column.name);
    return;
  }
  std::string problem = contract::column_problem(growth.contract, column.name);
  if (problem.empty() && !contract::add_column(growth.contract, column.name, column.type)) {
    problem = "no contract can declare " + data::to_text(column.type);
  }
  if (!problem.empty()) {
    growth.rest_is_empty = false;
    growth.notes.push_back(fmt::format("column '{}' cannot be added: {}", column.name, problem));
    return;
  }
  growth.changed = true;
  growth.added.push_back(fmt::format("{} ({})", column.name, data::to_text(column.type)));
}

bool too_many_for_one_table(const contract::Contract& contract, const job::InferResult& seen) {
  const auto fresh = std::count_if(
      seen.columns.begin(), seen.columns.end(),
      [&](const data::ColumnProfile& column) { return contract.column(column.name) == nullptr; });
  return static_cast<std::int64_t>(contract.schema.fields.size()) + fresh > job::kInferColumnsMax;
}

void widen(const data::ColumnProfile& column, Growth& growth) {
  const data::Type before = growth.contract.column(column.name)->type;
  const data::Type grown = contract::grown_type(before, column.type);
  if (!column.known || data::same_shape(before, grown) || !data::can_widen(before, grown)) {
    return;
  }
  if (!contract::change_type(growth.contract, column.name, grown)) {
    return;
  }
  growth.changed = true;
  growth.notes.push_back(fmt::format("column {}: {} is now {}", column.name, data::to_text(before),
                                     data::to_text(grown)));
}

}  // namespace

bool may_have_more_columns(const project::Source& source) {
  return source.inferred || evolves(source);
}

void offer_as_bound(const data::Schema& bound, data::Schema& offered) {
  std::vector<data::Field> fields;
  int next_id = kUnboundId;
  for (const data::Field& field : bound.fields) {
    const data::Field* there = offered.find(field.name);
    fields.push_back(there != nullptr ? *there : field);
    if (there == nullptr) {
      fields.back().id = next_id++;
      fields.back().required = false;
    }
  }
  offered.fields = std::move(fields);
}

Status adopt_stored_columns(lake::Catalog& catalog, const project::Source& source,
                            contract::Contract& contract) {
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(source.table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
  if (!entry) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry->metadata_location));
  for (const data::Field& field : metadata->current_schema().fields) {
    const bool is_ours = field.name == data::kFileColumn || field.name == data::kLineColumn;
    if (is_ours || source.renames.contains(field.name)) {
      continue;
    }
    const bool is_new = contract.column(field.name) == nullptr;
    if (is_new && !contract::add_column(contract, field.name, field.type)) {
      return base::unsupported(fmt::format("column '{}' of {} is {}, which no contract can declare",
                                           field.name, source.table, data::to_text(field.type)));
    }
  }
  if (source.inferred) {
    contract.text = contract::columns_as_contract(contract);
  }
  return {};
}

Status adopt_columns(project::Project& project, const AdoptParts& parts) {
  for (project::Source& source : project.sources) {
    if (!may_have_more_columns(source) || !source.contract) {
      continue;
    }
    contract::Contract& contract = own_contract(project, source);
    if (parts.catalog != nullptr) {
      SLUICE_RETURN_IF_ERROR(adopt_stored_columns(*parts.catalog, source, contract));
    }
    if (evolves(source) || contract.schema.fields.empty()) {
      const Status added = add_waiting(source, parts, contract);
      if (!added) {
        return added.error().in(source.table);
      }
    }
  }
  return {};
}

std::string added_text(const Growth& growth) {
  return growth.added.empty()
             ? ""
             : fmt::format("new {}: {}", growth.added.size() == 1 ? "column" : "columns",
                           some_names(growth.added));
}

Growth grow_contract(const contract::Contract& contract, const job::InferResult& seen,
                     bool all_columns) {
  Growth growth;
  growth.contract = contract;
  std::vector<std::string> empty;
  const bool too_many = seen.too_many_columns || too_many_for_one_table(contract, seen);
  for (const data::ColumnProfile& column : seen.columns) {
    if (contract.column(column.name) != nullptr) {
      if (contract::is_inferred(contract, column.name)) {
        widen(column, growth);
      }
    } else if (!too_many) {
      add_new(column, all_columns, growth, empty);
    }
  }
  if (!empty.empty()) {
    growth.notes.push_back("not added, without any value yet: " + some_names(empty));
  }
  if (too_many) {
    growth.rest_is_empty = false;
    growth.notes.push_back(fmt::format(
        "no column is added: the table would have more than {}; declare in the contract what is "
        "meant",
        base::format_count(job::kInferColumnsMax)));
  }
  return growth;
}

}  // namespace sluice::run
