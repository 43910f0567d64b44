#pragma once

#include <duckdb.h>

#include <memory>

#include "sluice/data/type.h"

namespace sluice::duck {

struct DestroyLogicalType {
  void operator()(_duckdb_logical_type* type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<_duckdb_logical_type, DestroyLogicalType>;

/// Makes DuckDB's type of ours, as data::duckdb_name() calls it.
LogicalType logical_type(const data::Type& type);

}  // namespace sluice::duck
