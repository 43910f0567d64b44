#pragma once

#include <string>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/data/schema.h"
#include "sluice/yaml/document.h"

namespace sluice::unit_test {

/// Columns that a row leaves out.
enum class Unnamed {
  kNull,     // are null
  kLeftOut,  // are no part of the batch, when no row names them
};

/// Turns rows as written (a list of maps, or null for none) into a batch of the schema's columns
/// and types, in the schema's order. kInvalidInput, with file, line and column, for a column that
/// `schema` does not have (with the nearest name) and for a value that is not of its column's type.
base::Result<data::Batch> given_rows(const yaml::Node* rows, const data::Schema& schema,
                                     Unnamed unnamed);

}  // namespace sluice::unit_test
