#pragma once

#include <simdjson.h>

#include <string>

#include "sluice/decode/internal/refusal.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Appends the JSON value of a column that is a struct, list or map to `text`, in the form that the
/// contract's casts expect: all scalars are strings as they are written, or null; a map is an array
/// of objects with `key` and `value`; members are the contract's.
///
/// What stands in the way fills `refusal`, whose column is the place (`items[].sku`, and with the
/// item's number from 1 in the reason): an object, array or scalar where the contract has another
/// of them, or no string where it has a string, as `type`; a member that the contract does not
/// know as `unknown_column`, unless they are ignored; a key that occurs twice and a NUL as
/// `malformed`. The text then is of no use. An error means that the value is no JSON.
simdjson::error_code write_nested_text(simdjson::ondemand::value& value,
                                       const job::DecodeColumn& column, job::UnknownFields unknown,
                                       std::string& text, Refusal& refusal);

}  // namespace sluice::decode
