#pragma once

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"
#include "sluice/lake/avro/datum.h"
#include "sluice/lake/avro/schema.h"

namespace sluice::lake {

/// Returns the Avro type in which values of a table type are stored (Iceberg spec, "Appendix A:
/// Avro").
avro::SchemaPtr avro_type(const data::Type& type);

/// Returns the table type that an Avro type (or an optional one) stores; kUnsupported when none.
base::Result<data::Type> type_of(const avro::Schema& schema);

/// Converts between a value and its Avro form. to_datum() gives kInvalidInput when the value is not
/// of the type; from_datum() expects a datum that was read with the type's Avro schema.
base::Result<avro::Datum> to_datum(const data::Value& value, const data::Type& type);
base::Result<data::Value> from_datum(const avro::Datum& datum, const data::Type& type);

}  // namespace sluice::lake
