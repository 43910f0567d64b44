#pragma once

namespace sluice::data {

/// Columns that every bronze table has beside its contract's, so that each row can be traced to the
/// record it came from: the landing sequence number of its file, and the record's first line there.
inline constexpr const char* kFileColumn = "_sluice_file";
inline constexpr const char* kLineColumn = "_sluice_line";

}  // namespace sluice::data
