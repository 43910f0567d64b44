#include "sluice/duck/internal/make_value.h"

#include <memory>
#include <vector>

#include "sluice/duck/internal/logical_type.h"

namespace sluice::duck {

namespace {

using data::Int128;
using data::NestedValue;
using data::Type;
using data::TypeKind;
using data::Value;

struct Destroy {
  void operator()(_duckdb_value* value) const { duckdb_destroy_value(&value); }
};
using OwnedValue = std::unique_ptr<_duckdb_value, Destroy>;

duckdb_hugeint narrow(Int128 value) {
  return {static_cast<std::uint64_t>(value), static_cast<std::int64_t>(value >> 64)};
}

duckdb_value uuid_value(const std::string& bytes) {
  duckdb_uhugeint value{};
  for (int i = 0; i < 8; ++i) {
    value.upper = value.upper << 8 | static_cast<unsigned char>(bytes[i]);
    value.lower = value.lower << 8 | static_cast<unsigned char>(bytes[8 + i]);
  }
  return duckdb_create_uuid(value);
}

/// Every `step`th item of a nested value from `first` on.
class Items {
 public:
  Items(const NestedValue& value, const std::vector<data::Field>& fields, std::size_t first,
        std::size_t step) {
    const std::vector<Value>& items = value.items();
    handles_.reserve(items.size() + 1);  // DuckDB takes no null array, not even for no values
    for (std::size_t i = first; i < items.size(); i += step) {
      const data::Field& field = fields[step == 1 && fields.size() > 1 ? i : first];
      values_.emplace_back(make_value(items[i], field.type));
      handles_.push_back(values_.back().get());
      whole_ = whole_ && handles_.back() != nullptr;
    }
  }

  bool whole() const { return whole_; }
  duckdb_value* data() { return handles_.data(); }
  std::size_t size() const { return handles_.size(); }

 private:
  std::vector<OwnedValue> values_;
  std::vector<duckdb_value> handles_;
  bool whole_ = true;
};

duckdb_value nested_value(const NestedValue& value, const Type& type) {
  if (type.kind == TypeKind::kMap) {
    Items keys(value, type.fields, 0, 2);
    Items values(value, type.fields, 1, 2);
    return keys.whole() && values.whole() && keys.size() == values.size()
               ? duckdb_create_map_value(logical_type(type).get(), keys.data(), values.data(),
                                         keys.size())
               : nullptr;
  }
  const bool is_struct = type.kind == TypeKind::kStruct;
  if (is_struct && value.items().size() != type.fields.size()) {
    return nullptr;
  }
  Items items(value, type.fields, 0, 1);
  if (!items.whole()) {
    return nullptr;
  }
  return is_struct ? duckdb_create_struct_value(logical_type(type).get(), items.data())
                   : duckdb_create_list_value(logical_type(type.fields[0].type).get(), items.data(),
                                              items.size());
}

}  // namespace

duckdb_value make_value(const Value& value, const Type& type) {
  if (data::is_null(value)) {
    return duckdb_create_null_value();
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return duckdb_create_bool(std::get<bool>(value));
    case TypeKind::kInt:
      return duckdb_create_int32(std::get<std::int32_t>(value));
    case TypeKind::kLong:
      return duckdb_create_int64(std::get<std::int64_t>(value));
    case TypeKind::kFloat:
      return duckdb_create_float(std::get<float>(value));
    case TypeKind::kDouble:
      return duckdb_create_double(std::get<double>(value));
    case TypeKind::kDate:
      return duckdb_create_date({std::get<std::int32_t>(value)});
    case TypeKind::kTime:
      return duckdb_create_time({std::get<std::int64_t>(value)});
    case TypeKind::kTimestamp:
      return duckdb_create_timestamp({std::get<std::int64_t>(value)});
    case TypeKind::kTimestamptz:
      return duckdb_create_timestamp_tz({std::get<std::int64_t>(value)});
    case TypeKind::kString: {
      const auto& text = std::get<std::string>(value);
      return duckdb_create_varchar_length(text.data(), text.size());
    }
    case TypeKind::kFixed:
    case TypeKind::kBinary: {
      const auto& bytes = std::get<std::string>(value);
      return duckdb_create_blob(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    case TypeKind::kDecimal:
      return duckdb_create_decimal({static_cast<std::uint8_t>(type.precision),
                                    static_cast<std::uint8_t>(type.scale),
                                    narrow(std::get<Int128>(value))});
    case TypeKind::kUuid:
      return uuid_value(std::get<std::string>(value));
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return nested_value(std::get<NestedValue>(value), type);
  }
  return nullptr;
}

}  // namespace sluice::duck
