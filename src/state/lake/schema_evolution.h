#pragma once

#include "sluice/base/result.h"
#include "sluice/data/schema.h"

namespace sluice::lake {

/// A table's columns after a change, each with its id.
struct EvolvedSchema {
  data::Schema schema;     // its schema_id is still that of `current`
  int last_column_id = 0;  // highest id ever given in the table
};

/// Works out the table's columns from now on (Iceberg spec, "Schema Evolution"). A field keeps its
/// column by id, or by name when its id is 0; it may be renamed, moved, widened, made optional.
/// What `next` lacks is dropped; what is new gets an id above `last_column_id` and must be
/// optional. The same holds inside structs, lists and maps; a map's key stays as it is, and no
/// field moves in or out of a struct. With `no_older_rows` types may change in any way (the column
/// gets a new id) and fields be required. Feeding the result back changes nothing. kInvalidInput
/// names the column.
base::Result<EvolvedSchema> evolve_schema(const data::Schema& current, int last_column_id,
                                          const data::Schema& next, bool no_older_rows);

}  // namespace sluice::lake
