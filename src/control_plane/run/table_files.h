#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/control/stage_settings.h"
#include "sluice/data/schema.h"
#include "sluice/job/scan_input.h"
#include "sluice/job/stage_job.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/partition_spec.h"
#include "sluice/lake/scan.h"
#include "sluice/run/run_context.h"

namespace sluice::run {

/// Offers a table to a job at one snapshot (the current one by default), without files that cannot
/// hold a row for which all predicates are true. A table that does not exist yet is offered empty,
/// with `fallback`'s columns.
base::Result<job::ScanInput> scan_input(lake::Catalog& catalog, const std::string& table,
                                        const data::Schema& fallback,
                                        std::optional<std::int64_t> snapshot_id = std::nullopt,
                                        const std::vector<lake::Predicate>& predicates = {});

/// Offers files that are staged and not yet part of a table.
job::ScanInput staged_input(const std::string& table, const data::Schema& schema,
                            std::span<const job::StagedFile> files);

/// How a table is to be written: its schema with ids, its partitions, and whether it must be made
/// or changed first.
struct WritePlan {
  lake::TableName table;
  std::optional<lake::TableEntry> entry;  // absent: the table is made by the commit
  data::Schema schema;                    // every field with its id
  lake::PartitionSpec spec;
  bool schema_changed = false;
  bool spec_changed = false;
  std::vector<std::string> notes;  // what a user should know of the change
};

/// A column's new name by its old one, as `renames:` declares it.
using Renames = std::map<std::string, std::string>;

/// Matches wanted columns to the table as it stands. Columns keep their id as long as name, or a
/// declared rename, and type allow; when `replaces` (no older rows stay) a column may change its
/// type freely, else it may only be widened. A column that is no longer wanted is dropped.
/// Partitions other than the table's become its spec from this write on. kInvalidInput: a rename
/// that is ambiguous.
base::Result<WritePlan> plan_write(lake::Catalog& catalog, const std::string& table,
                                   const data::Schema& wanted,
                                   std::span<const std::string> partition_by, bool replaces,
                                   const Renames& renames = {});

/// Describes the files that a stage writes for a planned table.
base::Result<job::OutputTable> output_table(const lake::Catalog& catalog, const WritePlan& plan,
                                            const std::string& file_prefix,
                                            const control::StageSettings& settings);

/// Begins the change of a commit that publishes staged files.
base::Result<lake::TableChange> table_change(const WritePlan& plan, lake::Write write,
                                             std::span<const job::StagedFile> staged);

/// Removes staged files that will not be published. Errors are not told: orphans are found later.
void discard_staged(storage::FileIo& files, std::span<const job::StagedFile> staged);

}  // namespace sluice::run
