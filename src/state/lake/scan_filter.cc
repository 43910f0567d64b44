#include "sluice/lake/internal/scan_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/lake/bounds.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using data::Type;
using data::TypeKind;
using data::Value;

bool is_float(const Type& type) {
  return type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble;
}

Value nan_of(const Type& type) {
  return type.kind == TypeKind::kFloat ? Value(std::numeric_limits<float>::quiet_NaN())
                                       : Value(std::numeric_limits<double>::quiet_NaN());
}

bool any_overlaps(const Wanted& wanted, const ValueRange& stored) {
  return std::any_of(wanted.ranges.begin(), wanted.ranges.end(),
                     [&](const ValueRange& range) { return overlap(range, stored); });
}

bool wants_nan(const Wanted& wanted, const Type& type) {
  return is_float(type) && any_overlaps(wanted, {nan_of(type), nan_of(type)});
}

/// Reads a stored bound; one that is NaN (old writers) says nothing.
Result<std::optional<Value>> read_bound(const std::optional<std::string>& bytes, const Type& type) {
  if (!bytes) {
    return std::optional<Value>();
  }
  SLUICE_ASSIGN_OR_RETURN(Value value, decode_value(*bytes, type));
  return is_nan(value) ? std::optional<Value>() : std::optional(std::move(value));
}

/// What is known of the values of one column, or of one partition field, in some files.
struct Stored {
  bool may_have_null = true;
  bool may_have_nan = true;
  bool may_have_others = true;
  ValueRange others;  // neither null nor NaN
};

bool may_match(const Wanted& wanted, const Stored& stored, const Type& type) {
  if (wanted.null) {
    return stored.may_have_null;
  }
  return (stored.may_have_others && any_overlaps(wanted, stored.others)) ||
         (stored.may_have_nan && wants_nan(wanted, type));
}

/// Other writers order uuids as signed numbers: bounds that are the wrong way round say nothing.
Stored trusted(Stored stored) {
  ValueRange& others = stored.others;
  if (others.low && others.high && compare_in_query(*others.low, *others.high) > 0) {
    others = {};
  }
  return stored;
}

Result<Stored> stored_in(const FieldSummary& summary, const Type& type) {
  Stored stored;
  stored.may_have_null = summary.contains_null;
  stored.may_have_nan = is_float(type) && summary.contains_nan.value_or(true);
  SLUICE_ASSIGN_OR_RETURN(stored.others.low, read_bound(summary.lower_bound, type));
  SLUICE_ASSIGN_OR_RETURN(stored.others.high, read_bound(summary.upper_bound, type));
  const bool has_bounds = summary.lower_bound || summary.upper_bound;
  stored.may_have_others =
      has_bounds || !(summary.contains_null || summary.contains_nan.value_or(false));
  return trusted(std::move(stored));
}

std::optional<std::int64_t> count_of(const std::map<int, std::int64_t>& counts, int id) {
  const auto found = counts.find(id);
  return found == counts.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> bound_of(const std::map<int, std::string>& bounds, int id) {
  const auto found = bounds.find(id);
  return found == bounds.end() ? std::nullopt : std::optional(found->second);
}

Result<Stored> stored_in(const DataFile& file, const data::Field& column) {
  Stored stored;
  const auto values = count_of(file.value_counts, column.id);
  const auto nulls = count_of(file.null_value_counts, column.id);
  const auto nans = count_of(file.nan_value_counts, column.id);
  stored.may_have_null = nulls.value_or(1) > 0;
  stored.may_have_nan = is_float(column.type) && nans.value_or(1) > 0;
  if (values && nulls && *nulls >= *values) {
    stored.may_have_others = false;
    stored.may_have_nan = false;
  }
  SLUICE_ASSIGN_OR_RETURN(stored.others.low,
                          read_bound(bound_of(file.lower_bounds, column.id), column.type));
  SLUICE_ASSIGN_OR_RETURN(stored.others.high,
                          read_bound(bound_of(file.upper_bounds, column.id), column.type));
  return trusted(std::move(stored));
}

Status check_literals(const Predicate& predicate, const data::Field& column) {
  const std::size_t count = predicate.literals.size();
  const bool fits =
      predicate.op == CompareOp::kIn || count == (predicate.op == CompareOp::kIsNull ? 0 : 1);
  if (!fits) {
    return base::invalid_input(
        fmt::format("predicate on column '{}': {} literals do not fit it", column.name, count));
  }
  for (const Value& literal : predicate.literals) {
    if (!encode_value(literal, column.type)) {
      return base::invalid_input(
          fmt::format("predicate on column '{}': a literal is null or not of type {}", column.name,
                      data::to_text(column.type)));
    }
  }
  return {};
}

base::Error no_such_column(const std::string& name, const data::Schema& schema) {
  std::vector<std::string> names;
  for (const data::Field& field : schema.fields) {
    names.push_back(field.name);
  }
  const std::string near = base::nearest(name, names);
  return base::invalid_input(fmt::format("predicate: there is no column '{}'{}", name,
                                         near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace

Result<ScanFilter> ScanFilter::make(const std::vector<Predicate>& predicates,
                                    const data::Schema& schema) {
  ScanFilter filter;
  for (const Predicate& predicate : predicates) {
    const data::Field* column = schema.find(predicate.column);
    if (column == nullptr) {
      return no_such_column(predicate.column, schema);
    }
    SLUICE_RETURN_IF_ERROR(check_literals(predicate, *column));
    filter.conditions_.push_back({*column, wanted_values(predicate)});
  }
  return filter;
}

Result<bool> ScanFilter::may_match(const ManifestFile& manifest, const PartitionSpec& spec,
                                   std::string_view what) const {
  if (manifest.partitions.size() != spec.fields.size()) {
    return true;  // not summarized
  }
  for (const Condition& condition : conditions_) {
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
      const PartitionField& field = spec.fields[i];
      if (field.source_id != condition.column.id) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const auto wanted,
                              project(condition.wanted, field.transform, condition.column.type));
      if (!wanted) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const Type type, result_type(field.transform, condition.column.type));
      auto stored = stored_in(manifest.partitions[i], type);
      if (!stored) {
        return std::move(stored).error().in(
            fmt::format("{}: manifest {}: summary of '{}'", what, manifest.path, field.name));
      }
      if (!lake::may_match(*wanted, *stored, type)) {
        return false;
      }
    }
  }
  return true;
}

Result<bool> ScanFilter::partition_may_match(const Condition& condition, const DataFile& file,
                                             const PartitionSpec& spec) {
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    const PartitionField& field = spec.fields[i];
    if (field.source_id != condition.column.id) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(const auto wanted,
                            project(condition.wanted, field.transform, condition.column.type));
    if (!wanted) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(const Type type, result_type(field.transform, condition.column.type));
    SLUICE_ASSIGN_OR_RETURN(const Value value, widen_value(file.partition[i], type));
    const bool matches = data::is_null(value)
                             ? wanted->null
                             : !wanted->null && any_overlaps(*wanted, {value, value});
    if (!matches) {
      return false;
    }
  }
  return true;
}

Result<bool> ScanFilter::bounds_may_match(const Condition& condition, const DataFile& file) {
  SLUICE_ASSIGN_OR_RETURN(const Stored stored, stored_in(file, condition.column));
  return lake::may_match(condition.wanted, stored, condition.column.type);
}

Result<bool> ScanFilter::may_match(const DataFile& file, const PartitionSpec& spec,
                                   std::string_view what) const {
  for (const Condition& condition : conditions_) {
    for (const auto& judge :
         {partition_may_match(condition, file, spec), bounds_may_match(condition, file)}) {
      if (!judge) {
        return judge.error().in(
            fmt::format("{}: file {}: column '{}'", what, file.path, condition.column.name));
      }
      if (!*judge) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace sluice::lake
