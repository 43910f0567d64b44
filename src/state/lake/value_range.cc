#include "sluice/lake/internal/value_range.h"

#include <cmath>
#include <cstdint>
#include <utility>

namespace sluice::lake {

namespace {

using base::Result;
using data::Type;
using data::TypeKind;
using data::Value;

template <class Float>
int compare_floats(Float a, Float b) {
  if (std::isnan(a) || std::isnan(b)) {
    return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  }
  return a < b ? -1 : (a > b ? 1 : 0);
}

/// Says whether all of `a` lies below all of `b`.
bool ends_before(const ValueRange& a, const ValueRange& b) {
  if (!a.high || !b.low) {
    return false;
  }
  const int order = compare_in_query(*a.high, *b.low);
  return order < 0 || (order == 0 && (a.high_excluded || b.low_excluded));
}

bool is_point(const ValueRange& range) {
  return range.low && range.high && compare_in_query(*range.low, *range.high) == 0;
}

/// Truncating the least numbers of a type wraps to its greatest ones, in the reference and so in
/// ours: results are ordered like their sources only where that cannot have happened.
bool may_wrap(const Transform& transform, const Type& type) {
  return transform.kind == TransformKind::kTruncate &&
         (type.kind == TypeKind::kInt || type.kind == TypeKind::kLong);
}

Value greatest_result(const Type& type) {
  return type.kind == TypeKind::kInt ? Value(INT32_MAX) : Value(INT64_MAX);
}

std::int64_t as_integer(const Value& value) {
  const auto* narrow = std::get_if<std::int32_t>(&value);
  return narrow != nullptr ? *narrow : std::get<std::int64_t>(value);
}

bool is_time_part(TransformKind kind) {
  return kind == TransformKind::kYear || kind == TransformKind::kMonth ||
         kind == TransformKind::kDay || kind == TransformKind::kHour;
}

/// Old writers rounded times before 1970 towards zero, so that a file may be one partition late
/// (the reference reads them in the same way).
Value with_slack(Value high, const Transform& transform) {
  if (is_time_part(transform.kind) && std::get<std::int32_t>(high) < 0) {
    return std::get<std::int32_t>(high) + 1;
  }
  return high;
}

/// For transforms that keep the order: results of a range lie between the results of its ends.
Result<std::vector<ValueRange>> project_ordered(const ValueRange& range, const Transform& transform,
                                                const Type& type) {
  ValueRange projected;
  if (range.low) {
    SLUICE_ASSIGN_OR_RETURN(projected.low, apply(transform, *range.low, type));
  }
  if (range.high) {
    SLUICE_ASSIGN_OR_RETURN(Value high, apply(transform, *range.high, type));
    projected.high = with_slack(std::move(high), transform);
  }
  if (!may_wrap(transform, type)) {
    return std::vector{projected};
  }
  const auto wraps = [&](const std::optional<Value>& source, const std::optional<Value>& result) {
    return source && compare_in_query(*result, *source) > 0;
  };
  if (wraps(range.low, projected.low) || wraps(range.high, projected.high)) {
    return std::vector{ValueRange{}};
  }
  std::vector ranges{projected};
  if (!range.low) {
    // The least numbers are wanted, and may lie above everything.
    const std::int64_t greatest = as_integer(greatest_result(type));
    const std::int64_t wrapped = greatest - transform.parameter;
    ranges.push_back(
        {type.kind == TypeKind::kInt ? Value(static_cast<std::int32_t>(wrapped)) : Value(wrapped),
         std::nullopt});
  }
  return ranges;
}

}  // namespace

bool is_nan(const Value& value) {
  const auto* single = std::get_if<float>(&value);
  const auto* wide = std::get_if<double>(&value);
  return (single != nullptr && std::isnan(*single)) || (wide != nullptr && std::isnan(*wide));
}

int compare_in_query(const Value& a, const Value& b) {
  if (const float* single = std::get_if<float>(&a)) {
    return compare_floats(*single, std::get<float>(b));
  }
  if (const double* wide = std::get_if<double>(&a)) {
    return compare_floats(*wide, std::get<double>(b));
  }
  return data::compare_values(a, b);
}

bool overlap(const ValueRange& a, const ValueRange& b) {
  return !ends_before(a, b) && !ends_before(b, a);
}

Wanted wanted_values(const Predicate& predicate) {
  Wanted wanted;
  for (const Value& literal : predicate.literals) {
    switch (predicate.op) {
      case CompareOp::kEqual:
      case CompareOp::kIn:
        wanted.ranges.push_back({literal, literal});
        break;
      case CompareOp::kLess:
        wanted.ranges.push_back({std::nullopt, literal, false, true});
        break;
      case CompareOp::kLessOrEqual:
        wanted.ranges.push_back({std::nullopt, literal});
        break;
      case CompareOp::kGreater:
        wanted.ranges.push_back({literal, std::nullopt, true, false});
        break;
      case CompareOp::kGreaterOrEqual:
        wanted.ranges.push_back({literal, std::nullopt});
        break;
      case CompareOp::kIsNull:
        break;
    }
  }
  wanted.null = predicate.op == CompareOp::kIsNull;
  return wanted;
}

Result<std::optional<Wanted>> project(const Wanted& wanted, const Transform& transform,
                                      const Type& type) {
  if (transform.kind == TransformKind::kVoid) {
    return std::optional<Wanted>();
  }
  if (transform.kind == TransformKind::kIdentity || wanted.null) {
    return std::optional(wanted);
  }
  Wanted projected;
  for (const ValueRange& range : wanted.ranges) {
    if (transform.kind != TransformKind::kBucket) {
      SLUICE_ASSIGN_OR_RETURN(auto ranges, project_ordered(range, transform, type));
      projected.ranges.insert(projected.ranges.end(), ranges.begin(), ranges.end());
      continue;
    }
    if (!is_point(range)) {
      return std::optional<Wanted>();
    }
    SLUICE_ASSIGN_OR_RETURN(const Value bucket, apply(transform, *range.low, type));
    projected.ranges.push_back({bucket, bucket});
  }
  return std::optional(std::move(projected));
}

}  // namespace sluice::lake
