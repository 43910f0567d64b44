#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::dbt::internal {

/// Names and types (bigint, decimal(p,s), double, date, timestamp, boolean, varchar) of a CSV
/// file's columns: the narrowest type that every value has; an empty field has any. kInvalidInput:
/// no header, or a record with another number of fields, by its number.
base::Result<std::vector<std::pair<std::string, std::string>>> seed_columns(std::string_view csv);

}  // namespace sluice::dbt::internal
