#include "sluice/lake/tests/partitioned_rows.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

#include "sluice/lake/bounds.h"

namespace sluice::lake {

namespace {

using data::Type;
using data::TypeKind;
using data::Value;

constexpr std::size_t kRowsAtOnce = 40;

template <class Number>
Number random_integer(base::Random& random) {
  switch (random.below(12)) {
    case 0:
      return std::numeric_limits<Number>::min() + static_cast<Number>(random.below(3));
    case 1:
      return std::numeric_limits<Number>::max() - static_cast<Number>(random.below(3));
    default:
      return static_cast<Number>(random.below(60)) - 30;
  }
}

template <class Float>
Float random_float(base::Random& random) {
  switch (random.below(10)) {
    case 0:
      return std::numeric_limits<Float>::quiet_NaN();
    case 1:
      return random.below(2) == 0 ? Float{0} : -Float{0};
    case 2:
      return random.below(2) == 0 ? std::numeric_limits<Float>::infinity()
                                  : -std::numeric_limits<Float>::infinity();
    default:
      return static_cast<Float>(static_cast<int>(random.below(20)) - 10) / 2;
  }
}

std::string random_text(base::Random& random) {
  static const std::vector<std::string> kStems = {"",  "a", "ab",   "abc",
                                                  "z", "é", "日本", "\U0001F600"};
  std::string text = kStems[random.below(kStems.size())] + kStems[random.below(kStems.size())];
  if (random.below(4) == 0) {
    text += std::string(14, 'm') + kStems[random.below(kStems.size())];
  }
  return text;
}

bool is_nan_value(const Value& value) {
  const auto* single = std::get_if<float>(&value);
  const auto* wide = std::get_if<double>(&value);
  return (single != nullptr && std::isnan(*single)) || (wide != nullptr && std::isnan(*wide));
}

void describe_column(const data::Field& column, std::size_t at, const std::vector<Row>& rows,
                     base::Random& random, DataFile& file) {
  std::int64_t nulls = 0;
  std::int64_t nans = 0;
  Value least;
  Value greatest;
  for (const Row& row : rows) {
    const Value& value = row[at];
    if (data::is_null(value)) {
      ++nulls;
    } else if (is_nan_value(value)) {
      ++nans;
    } else {
      least = data::is_null(least) || data::compare_values(value, least) < 0 ? value : least;
      greatest =
          data::is_null(greatest) || data::compare_values(value, greatest) > 0 ? value : greatest;
    }
  }
  const bool counts = random.below(8) != 0;
  if (counts) {
    file.value_counts[column.id] = static_cast<std::int64_t>(rows.size());
    file.null_value_counts[column.id] = nulls;
    if (random.below(3) != 0) {
      file.nan_value_counts[column.id] = nans;
    }
  }
  if (const auto low = lower_bound(least, column.type); low && random.below(8) != 0) {
    file.lower_bounds[column.id] = *encode_value(*low, column.type);
  }
  if (const auto high = upper_bound(greatest, column.type); high && random.below(8) != 0) {
    file.upper_bounds[column.id] = *encode_value(*high, column.type);
  }
}

/// A query's order: NaN is equal to itself and above all, the zeros are equal.
int compare(const Value& a, const Value& b) {
  const bool a_nan = is_nan_value(a);
  const bool b_nan = is_nan_value(b);
  if (a_nan || b_nan) {
    return static_cast<int>(a_nan) - static_cast<int>(b_nan);
  }
  if (const auto* number = std::get_if<float>(&a)) {
    return *number < std::get<float>(b) ? -1 : static_cast<int>(*number > std::get<float>(b));
  }
  if (const auto* number = std::get_if<double>(&a)) {
    return *number < std::get<double>(b) ? -1 : static_cast<int>(*number > std::get<double>(b));
  }
  return data::compare_values(a, b);
}

}  // namespace

data::Schema rows_schema() {
  data::Schema schema;
  int id = 0;
  for (const auto& [name, type] :
       std::vector<std::pair<std::string, Type>>{{"k", {TypeKind::kInt}},
                                                 {"id", {TypeKind::kLong}},
                                                 {"ts", {TypeKind::kTimestamp}},
                                                 {"day", {TypeKind::kDate}},
                                                 {"t", {TypeKind::kString}},
                                                 {"f", {TypeKind::kFloat}},
                                                 {"d", {TypeKind::kDouble}},
                                                 {"p", data::decimal_type(9, 2)},
                                                 {"flag", {TypeKind::kBoolean}}}) {
    schema.fields.push_back({++id, name, type, false, ""});
  }
  return schema;
}

Value random_value(const Type& type, base::Random& random) {
  if (random.below(8) == 0) {
    return Value();
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return random.below(2) == 0;
    case TypeKind::kInt:
      return random_integer<std::int32_t>(random);
    case TypeKind::kLong:
      return random_integer<std::int64_t>(random);
    case TypeKind::kDate:
      return static_cast<std::int32_t>(random.below(100)) - 50;
    case TypeKind::kTimestamp:
      return (static_cast<std::int64_t>(random.below(200)) - 100) * 6 * 3'600'000'000 -
             static_cast<std::int64_t>(random.below(2));
    case TypeKind::kFloat:
      return random_float<float>(random);
    case TypeKind::kDouble:
      return random_float<double>(random);
    case TypeKind::kDecimal:
      return data::Int128(static_cast<int>(random.below(400)) - 200);
    default:
      return random_text(random);
  }
}

std::vector<DataFile> random_files(const PartitionSpec& spec, const std::string& folder,
                                   base::Random& random,
                                   std::map<std::string, std::vector<Row>>& rows) {
  const data::Schema schema = rows_schema();
  const auto types = *partition_types(spec, schema);
  std::map<std::string, std::pair<DataFile, std::vector<Row>>> partitions;
  for (std::size_t i = 0; i < kRowsAtOnce; ++i) {
    Row row;
    for (const data::Field& column : schema.fields) {
      row.push_back(random_value(column.type, random));
    }
    std::vector<Value> partition;
    for (const PartitionField& field : spec.fields) {
      const std::size_t at = static_cast<std::size_t>(field.source_id) - 1;
      partition.push_back(*apply(field.transform, row[at], schema.fields[at].type));
    }
    // Unpartitioned rows are spread so that bounds differ.
    const std::string key =
        spec.fields.empty() ? std::to_string(i / 4) : partition_path(spec, types, partition);
    auto& [file, members] = partitions[key];
    file.partition = partition;
    members.push_back(std::move(row));
  }
  std::vector<DataFile> files;
  for (auto& [key, made] : partitions) {
    auto& [file, members] = made;
    file.path = folder + "/" + std::to_string(rows.size()) + ".parquet";
    file.record_count = static_cast<std::int64_t>(members.size());
    file.file_size_bytes = 1000;
    for (std::size_t at = 0; at < schema.fields.size(); ++at) {
      describe_column(schema.fields[at], at, members, random, file);
    }
    rows[file.path] = std::move(members);
    files.push_back(std::move(file));
  }
  return files;
}

Predicate random_predicate(base::Random& random) {
  const data::Schema schema = rows_schema();
  const data::Field& column = schema.fields[random.below(schema.fields.size())];
  Predicate predicate{column.name, static_cast<CompareOp>(random.below(7)), {}};
  std::size_t literals = predicate.op == CompareOp::kIsNull ? 0 : 1;
  if (predicate.op == CompareOp::kIn) {
    literals = random.below(4);
  }
  while (predicate.literals.size() < literals) {
    if (Value literal = random_value(column.type, random); !data::is_null(literal)) {
      predicate.literals.push_back(std::move(literal));
    }
  }
  return predicate;
}

bool holds(const Predicate& predicate, const Row& row) {
  const data::Schema schema = rows_schema();
  const auto id = schema.find(predicate.column)->id;
  const Value& value = row[static_cast<std::size_t>(id) - 1];
  if (predicate.op == CompareOp::kIsNull || data::is_null(value)) {
    return predicate.op == CompareOp::kIsNull && data::is_null(value);
  }
  for (const Value& literal : predicate.literals) {
    const int order = compare(value, literal);
    const bool is_true[] = {order == 0, order < 0, order <= 0, order > 0, order >= 0, order == 0};
    if (is_true[static_cast<std::size_t>(predicate.op)]) {
      return true;
    }
  }
  return false;
}

}  // namespace sluice::lake
