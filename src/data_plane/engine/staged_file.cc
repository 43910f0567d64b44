#include "sluice/engine/staged_file.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sluice/lake/bounds.h"

namespace sluice::engine {
namespace {

using data::TypeKind;

// DuckDB prints bytes with escapes that cannot be told from text; pruning on them is rare.
bool has_bounds(const data::Type& type) {
  return type.kind != TypeKind::kBinary && type.kind != TypeKind::kFixed;
}

base::Error not_a_value(const std::string& text, const data::Field& field) {
  return base::internal_error("statistics of column " + field.name + ": '" + text +
                              "' is no value of type " + data::to_text(field.type));
}

// -0.0 and 0.0 are equal to SQL and different in the spec's order: a bound must cover both.
data::Value cover_both_zeros(data::Value value, bool lower) {
  if (auto* number = std::get_if<double>(&value); number != nullptr && *number == 0) {
    *number = std::copysign(0.0, lower ? -1.0 : 1.0);
  } else if (auto* small = std::get_if<float>(&value); small != nullptr && *small == 0) {
    *small = std::copysign(0.0F, lower ? -1.0F : 1.0F);
  }
  return value;
}

base::Status add_bound(const std::optional<std::string>& text, const data::Field& field, bool lower,
                       lake::DataFile& file) {
  if (!text || !has_bounds(field.type)) {
    return {};
  }
  auto value = data::parse_value(*text, field.type);
  if (!value) {
    return not_a_value(*text, field);
  }
  const data::Value exact = cover_both_zeros(std::move(value).value(), lower);
  const auto bound =
      lower ? lake::lower_bound(exact, field.type) : lake::upper_bound(exact, field.type);
  if (bound) {
    auto& bounds = lower ? file.lower_bounds : file.upper_bounds;
    SLUICE_ASSIGN_OR_RETURN(bounds[field.id], lake::encode_value(*bound, field.type));
  }
  return {};
}

std::vector<const data::Field*> path_to(int field_id, const data::Schema& schema) {
  std::vector<const data::Field*> found;
  data::walk_fields(schema.fields, [&](data::FieldPath path) {
    if (path.back()->id == field_id) {
      found.assign(path.begin(), path.end());
    }
  });
  return found;
}

bool repeats(data::FieldPath path) {
  return std::any_of(path.begin(), path.end(), [](const data::Field* field) {
    return field->type.kind == TypeKind::kList || field->type.kind == TypeKind::kMap;
  });
}

base::Status add_column(const job::ColumnStatsText& stats, const data::Schema& schema,
                        lake::DataFile& file) {
  const std::vector<const data::Field*> path = path_to(stats.field_id, schema);
  if (path.empty()) {
    return base::internal_error("statistics of column " + stats.column +
                                ", which the table does not have");
  }
  const data::Field* field = path.back();
  file.column_sizes[field->id] = stats.bytes;
  // Of values that repeat within a row, counts and bounds say nothing about rows.
  if (repeats(path)) {
    return {};
  }
  file.value_counts[field->id] = stats.values;
  file.null_value_counts[field->id] = stats.nulls;
  SLUICE_RETURN_IF_ERROR(add_bound(stats.min, *field, true, file));
  return add_bound(stats.max, *field, false, file);
}

// A day may come as a date or as its number, which is what the spec's transform yields.
base::Result<data::Value> parse_partition(const std::string& text, const data::Type& type) {
  if (type.kind == TypeKind::kDate) {
    if (auto days = data::parse_value(text, data::Type{TypeKind::kInt})) {
      return days;
    }
  }
  return data::parse_value(text, type);
}

base::Status add_partition(const job::StagedFile& staged, const data::Schema& schema,
                           const lake::PartitionSpec& spec, lake::DataFile& file) {
  std::vector<data::Type> types;
  SLUICE_ASSIGN_OR_RETURN(types, lake::partition_types(spec, schema));
  if (types.size() != staged.partition.size()) {
    return base::internal_error("a file has " + std::to_string(staged.partition.size()) +
                                " partition values, its spec " + std::to_string(types.size()));
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!staged.partition[i]) {
      file.partition.emplace_back(std::monostate());
      continue;
    }
    auto value = parse_partition(*staged.partition[i], types[i]);
    if (!value) {
      return base::internal_error("partition value '" + *staged.partition[i] +
                                  "' is no value of type " + data::to_text(types[i]));
    }
    file.partition.push_back(std::move(value).value());
  }
  return {};
}

}  // namespace

base::Result<lake::DataFile> to_data_file(const job::StagedFile& staged, const data::Schema& schema,
                                          const lake::PartitionSpec& spec) {
  lake::DataFile file;
  file.path = "file://" + staged.path;
  file.spec_id = spec.spec_id;
  file.record_count = staged.rows;
  file.file_size_bytes = staged.bytes;
  if (auto added = add_partition(staged, schema, spec, file); !added) {
    return std::move(added).error().in(staged.path);
  }
  for (const job::ColumnStatsText& stats : staged.columns) {
    if (auto added = add_column(stats, schema, file); !added) {
      return std::move(added).error().in(staged.path);
    }
  }
  return file;
}

}  // namespace sluice::engine
