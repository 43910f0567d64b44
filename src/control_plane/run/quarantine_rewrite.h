#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/job/stage_job.h"
#include "sluice/lake/commit.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/table_files.h"

namespace sluice::run {

/// How the rewritten rows of a quarantine table differ from those that are there: SQL by column,
/// over the old row `q` and what `joins` adds. Other columns stay.
struct RowChange {
  std::string joins;  // "" or SQL that matches each old row at most once
  std::map<std::string, std::string> columns;
};

/// Who settled a record, when, and by which run, as SQL by column.
std::map<std::string, std::string> settled_columns(const std::string& by, base::Timestamp at,
                                                   const base::RunId& run);

/// Makes the job that writes the surveyed data files anew, with the change made to their rows; its
/// output is the caller's to name. Further inputs may be added.
base::Result<job::StageJob> rewrite_job(const WritePlan& quarantine, const QuarantineSurvey& survey,
                                        const RowChange& change);

/// Makes the change that puts the new files in the place of the old. kInternal when they do not
/// hold as many rows.
base::Result<lake::TableChange> rewrite_change(const WritePlan& quarantine,
                                               const QuarantineSurvey& survey,
                                               std::span<const job::StagedFile> rewritten);

}  // namespace sluice::run
