#pragma once

#include <cstdint>
#include <string>

#include "sluice/data/batch.h"

namespace sluice::unit_test {

/// How far two floats may lie apart, relative to the larger one.
inline constexpr double kFloatTolerance = 1e-9;

/// Compares rows of the same columns as multisets: order does not matter, duplicates count, nulls
/// and NaN equal themselves, floats are equal within kFloatTolerance. Returns "" when they are
/// equal, else a table of the rows that are missing (`-`) and of those that are too many (`+`), at
/// most `rows_max` of each.
std::string row_differences(const data::Batch& expected, const data::Batch& actual,
                            std::size_t rows_max = 20);

}  // namespace sluice::unit_test
