#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/data/schema.h"

namespace sluice::duck_jobs {

/// A column or a part of one whose values Parquet stores on their own: no struct, list or map.
struct Leaf {
  std::vector<const data::Field*> path;  // into the schema, which outlives this

  const data::Field& field() const { return *path.back(); }
};

/// Lists the leaves of a schema by the name that RETURN_STATS gives them: `"s"."b"."element"`.
std::map<std::string, Leaf> leaves_of(const data::Schema& schema);

/// The path of a leaf as parquet_metadata() prints it: `s, b, list, element`.
std::string parquet_path(const Leaf& leaf);

/// Writes COPY's FIELD_IDS: `{'id': 1, 's': {__duckdb_field_id: 2, 'a': 3}}`.
std::string field_ids(const data::Schema& schema);

/// Returns an SQL condition over `column` that holds where a value lacks what the table requires of
/// it, at any level; "" when a nested column requires nothing.
std::string lacks_required(const data::Field& column);

}  // namespace sluice::duck_jobs
