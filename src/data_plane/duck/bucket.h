#pragma once

#include <vector>

#include "sluice/duck/functions.h"

namespace sluice::duck {

/// Iceberg's bucket transform as scalar functions that give the bucket, 0 to count - 1, as BIGINT
/// (spec, "Bucket Transform Details" and "Appendix B: 32-bit Hash Requirements"); null gives null:
/// - `sluice_bucket_long(BIGINT, count)`: int, long; a date's days, a time's microseconds
/// - `sluice_bucket_bytes(BLOB, count)`: string as UTF-8, binary, fixed, a uuid's 16 bytes
/// - `sluice_bucket_decimal(VARCHAR, count)`: a decimal as DuckDB prints it
std::vector<ScalarFunction> bucket_functions();

}  // namespace sluice::duck
