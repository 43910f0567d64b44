#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/api/http_message.h"
#include "sluice/base/result.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::api {

/// Which snapshots a client wants to see of a table.
enum class SnapshotsShown { kAll, kRefs };

/// Reads the query's `snapshots`; kInvalidInput for what is neither `all` nor `refs`.
base::Result<SnapshotsShown> parse_snapshots_shown(const std::optional<std::string>& text);

/// The protocol's LoadTableResult, with its ETag.
HttpResponse loaded_table(const std::string& metadata_location, const lake::TableMetadata& metadata,
                          SnapshotsShown shown);

/// The ETag of a table at one metadata file; each way to show it has one of its own.
std::string table_etag(const std::string& metadata_location, SnapshotsShown shown);

/// Says whether `If-None-Match` names the tag (RFC 9110, weak comparison).
bool etag_matches(std::string_view if_none_match, std::string_view tag);

}  // namespace sluice::api
