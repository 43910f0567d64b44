#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/contract/contract.h"
#include "sluice/data/schema.h"
#include "sluice/job/decode_job.h"
#include "sluice/job/scan_input.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/quality/gate.h"
#include "sluice/run/run_context.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// Returns the columns that a table of the project has before anything was written to it.
data::Schema declared_schema(const project::Project& project, const project::Analysis& analysis,
                             const std::string& table);

/// Adds what a contract asks of a whole table, and of its rows' counterparts in other tables.
void add_table_expectations(const contract::Contract& contract, const std::string& table,
                            const RunContext& context,
                            std::vector<quality::Expectation>& expectations);

/// Offers the tables that a source's rows refer to as they stand now. `table` is the source's own.
base::Status add_lookups(lake::Catalog& catalog, const project::Project& project,
                         const project::Analysis& analysis, const std::string& table,
                         job::DecodeJob& job);

/// Says whether rows are judged by all those that the table has already.
bool needs_existing(const job::DecodeJob& job);

/// Table properties that carry a contract to who reads the table: the contract itself and its
/// version; classification, tags and importance of columns and their parts by field id; and by
/// name, as `sluice.classification.<column>`. What an earlier contract said and this one does not
/// becomes "". `contract` may be nullptr: the table has none any more.
base::Result<std::map<std::string, std::string>> contract_properties(
    lake::Catalog& catalog, const WritePlan& plan, const contract::Contract* contract);

/// The property that holds the contract's file.
inline constexpr const char* kContractProperty = "sluice.contract";

/// Adds the other tables that the contract's rules read, at their current snapshots. `contract` is
/// an index into Project::contracts, `table` the one that is judged.
base::Status add_contract_inputs(std::size_t contract, const std::string& table,
                                 RunContext& context, std::vector<job::ScanInput>& inputs);

}  // namespace sluice::run
