#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/data/type.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Says whether DuckDB's cast from a file's type makes what the cast of its text makes, or null.
bool is_value_of(std::string_view type, const data::Type& wanted);

/// Adds SQL that is true, or null, of a value of a plain column that need not be judged by its
/// text. `raw` is the value as it stands in the file, `value` as the column's type; the same for a
/// string.
void add_good_conditions(const job::DecodeColumn& column, const std::string& raw,
                         const std::string& value, std::vector<std::string>& good);

}  // namespace sluice::decode
