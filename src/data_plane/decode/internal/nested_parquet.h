#pragma once

#include <string>
#include <string_view>

#include "sluice/decode/internal/refusal.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Says why a Parquet column of a type (as DuckDB names it) cannot be read as a column that is a
/// struct, list or map; its rule is "" when it can. A member that the file lacks is null.
Refusal nested_mismatch(std::string_view file_type, const job::DecodeColumn& column,
                        job::UnknownFields unknown);

/// SQL from a Parquet column, of a type that matches, to the text that write_nested_text() makes of
/// the same value in JSON.
std::string nested_text_sql(const std::string& column_sql, std::string_view file_type,
                            const data::Type& type);

}  // namespace sluice::decode
