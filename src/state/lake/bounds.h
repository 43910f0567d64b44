#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"

namespace sluice::lake {

/// Length in code points (string) or bytes (binary) to which bounds are cut: Iceberg's default
/// metrics mode, `truncate(16)`.
inline constexpr std::size_t kBoundLengthMax = 16;

/// Encodes a non-null value as Iceberg's single-value binary (spec, "Appendix D: Binary
/// single-value serialization"). kInvalidInput when the value is null or not of the type.
base::Result<std::string> encode_value(const data::Value& value, const data::Type& type);

/// Decodes what encode_value() writes. Bytes written before the column was widened (int to long,
/// float to double) are read as the wider type. kCorrupt when the length does not fit the type.
base::Result<data::Value> decode_value(std::string_view bytes, const data::Type& type);

/// Returns a value not above any value from `min` upwards that may be stored as a lower bound: text
/// and binary are cut to `length_max`. Nothing when no bound can be given (null, NaN).
std::optional<data::Value> lower_bound(const data::Value& min, const data::Type& type,
                                       std::size_t length_max = kBoundLengthMax);

/// Returns a value not below any value up to `max` that may be stored as an upper bound: what is
/// cut is rounded up. Nothing when there is none (null, NaN, all 0xFF, text that is not UTF-8).
std::optional<data::Value> upper_bound(const data::Value& max, const data::Type& type,
                                       std::size_t length_max = kBoundLengthMax);

/// Returns the value as one of type `to`, for values stored before a column was widened; the value
/// itself when it already is of that type. kCorrupt when there is no such widening.
base::Result<data::Value> widen_value(const data::Value& value, const data::Type& to);

/// Reads what data::decimal_bytes() writes, also sign-extended; kCorrupt when empty or over 16
/// bytes.
base::Result<data::Int128> decimal_from_bytes(std::string_view bytes);

}  // namespace sluice::lake
