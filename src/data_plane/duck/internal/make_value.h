#pragma once

#include <duckdb.h>

#include "sluice/data/type.h"
#include "sluice/data/value.h"

namespace sluice::duck {

/// Makes DuckDB's value of ours, nested ones with all that is in them; null where DuckDB takes it
/// for none (text that is not UTF-8). Destroyed by the caller with duckdb_destroy_value().
duckdb_value make_value(const data::Value& value, const data::Type& type);

}  // namespace sluice::duck
