#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/data/type.h"

namespace sluice::duck_jobs {

/// Which end of a column's range a text is.
enum class Bound { kMin, kMax };

/// Turns a bound that RETURN_STATS printed into the text that data::to_text() writes for it, or
/// nothing where it cannot be trusted: a text or blob of 256 bytes may be cut short (a minimum
/// stays a bound then, a maximum does not); a date or time that data::parse_value() cannot hold
/// (BC, beyond year 9999, infinity, 24:00:00). Zero is -0.0 as a minimum and 0.0 as a maximum,
/// because either sign may be behind it.
std::optional<std::string> read_bound(std::string_view printed, const data::Type& type, Bound end);

/// Turns a partition value that DuckDB printed into the text that data::to_text() writes; nothing
/// when its type cannot hold it.
std::optional<std::string> read_printed(std::string_view printed, const data::Type& type);

}  // namespace sluice::duck_jobs
