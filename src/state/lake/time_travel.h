#pragma once

#include <cstdint>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::lake {

/// Finds the snapshot that `--at` names: a snapshot id, a branch or tag, or a time (`2013-01-01`,
/// `2013-01-01T05:00:00Z`) by the snapshot log. kNotFound when there is no such snapshot or the
/// time is before the oldest one, which is named; kInvalidInput when the text is none of these.
base::Result<std::int64_t> resolve_snapshot(const TableMetadata& metadata, std::string_view at);

}  // namespace sluice::lake
