#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/job/scan_input.h"
#include "sluice/metastore/database.h"

namespace sluice::run {

/// Rows of one `sluice.*` table that a query gets at most: the newest.
inline constexpr std::int64_t kRecordRowsMax = 200'000;

/// Names of the tables that tell what happened, without their namespace: `runs`, `decisions`, ...
std::vector<std::string> record_table_names();

/// Reads one of them for a query. kNotFound, with the nearest name, when there is none.
base::Result<job::MemoryInput> read_record_table(metastore::Database& database,
                                                 std::string_view name);

}  // namespace sluice::run
