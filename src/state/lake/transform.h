#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"

namespace sluice::lake {

enum class TransformKind : std::uint8_t {
  kIdentity,
  kBucket,    // parameter: number of buckets
  kTruncate,  // parameter: width in units, code points or bytes
  kYear,      // years since 1970
  kMonth,     // months since 1970-01
  kDay,       // date
  kHour,      // hours since 1970-01-01T00
  kVoid,      // always null
};

/// How a partition value is derived from a column (Iceberg spec, "Partition Transforms").
struct Transform {
  TransformKind kind = TransformKind::kIdentity;
  std::int32_t parameter = 0;  // kBucket and kTruncate only, above 0

  friend bool operator==(const Transform&, const Transform&) = default;
};

/// Writes the transform as Iceberg metadata does: `day`, `bucket[16]`.
std::string to_text(const Transform& transform);

/// Parses what to_text() writes. kUnsupported, naming it, for a transform that is not known.
base::Result<Transform> parse_transform(std::string_view text);

/// A transform and the column it is applied to, as a user writes it.
struct ColumnTransform {
  Transform transform;
  std::string column;

  friend bool operator==(const ColumnTransform&, const ColumnTransform&) = default;
};

/// Writes `bucket(16, id)`, `day(ts)`, `id`.
std::string to_text(const ColumnTransform& transform);

/// Parses what a user writes: `bucket(16, id)`, `truncate(4, name)`, `day(ts)`, or a bare column
/// for identity. kInvalidInput when it is none of these.
base::Result<ColumnTransform> parse_column_transform(std::string_view text);

/// Returns the name that the partition field gets: `ts_day`, `id_bucket_16`, `name_trunc_4`, `id`.
std::string partition_field_name(const ColumnTransform& transform);

/// Returns the type of the transform's results; kInvalidInput when it cannot be applied to
/// `source`.
base::Result<data::Type> result_type(const Transform& transform, const data::Type& source);

/// Applies the transform to a value of type `source`. Null gives null. kInvalidInput when the
/// transform cannot be applied to the type.
base::Result<data::Value> apply(const Transform& transform, const data::Value& value,
                                const data::Type& source);

}  // namespace sluice::lake
