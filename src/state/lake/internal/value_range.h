#pragma once

#include <optional>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/type.h"
#include "sluice/data/value.h"
#include "sluice/lake/scan.h"
#include "sluice/lake/transform.h"

namespace sluice::lake {

/// The values between two ends; an end that is absent is open to that side. NaN is the greatest
/// value, and the two zeros are one, as queries see them.
struct ValueRange {
  std::optional<data::Value> low;
  std::optional<data::Value> high;
  bool low_excluded = false;
  bool high_excluded = false;
};

/// Orders two non-null values of one type as a query does.
int compare_in_query(const data::Value& a, const data::Value& b);
bool is_nan(const data::Value& value);

bool overlap(const ValueRange& a, const ValueRange& b);

/// The rows that a predicate is true for, by their values in its column.
struct Wanted {
  bool null = false;               // kIsNull: only nulls; else none of them
  std::vector<ValueRange> ranges;  // any of them; none with `null`
};

Wanted wanted_values(const Predicate& predicate);

/// Says which results the transform may give for wanted values of `type`. Nothing when that cannot
/// be said, so that no file may be left out.
base::Result<std::optional<Wanted>> project(const Wanted& wanted, const Transform& transform,
                                            const data::Type& type);

}  // namespace sluice::lake
