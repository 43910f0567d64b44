#include "sluice/lake/internal/record_view.h"

#include <fmt/format.h>

#include <utility>

namespace sluice::lake {

using avro::Datum;
using avro::Kind;
using base::Result;

Result<RecordView> RecordView::of(const avro::Schema& schema, const Datum& datum,
                                  std::string_view what) {
  const avro::Schema& type = schema.kind == Kind::kOptional ? *schema.item : schema;
  const auto* items = std::get_if<Datum::Items>(&datum.held);
  if (type.kind != Kind::kRecord || items == nullptr) {
    return base::corrupt(fmt::format("{}: an Avro record was expected", what));
  }
  return RecordView(type, *items, what);
}

const Datum* RecordView::find(int id) const {
  const int index = schema_->index_of(id);
  const Datum* datum = index < 0 ? nullptr : &(*items_)[static_cast<std::size_t>(index)];
  return datum == nullptr || datum->is_null() ? nullptr : datum;
}

const avro::Schema& RecordView::type(int id) const {
  const avro::Schema& type = *schema_->fields[static_cast<std::size_t>(schema_->index_of(id))].type;
  return type.kind == Kind::kOptional ? *type.item : type;
}

base::Error RecordView::wrong(int id, const char* name) const {
  return base::corrupt(
      fmt::format("{}: field {} ({}) is missing or of another type", what_, id, name));
}

template <class T>
Result<std::optional<T>> RecordView::get_if(int id, const char* name) const {
  const Datum* datum = find(id);
  if (datum == nullptr) {
    return std::optional<T>();
  }
  const T* held = std::get_if<T>(&datum->held);
  if (held == nullptr) {
    return wrong(id, name);
  }
  return std::optional<T>(*held);
}

Result<std::optional<std::int64_t>> RecordView::integer_if(int id, const char* name) const {
  return get_if<std::int64_t>(id, name);
}

Result<std::optional<std::string>> RecordView::bytes_if(int id, const char* name) const {
  return get_if<std::string>(id, name);
}

Result<std::optional<bool>> RecordView::boolean_if(int id, const char* name) const {
  return get_if<bool>(id, name);
}

Result<std::int64_t> RecordView::integer(int id, const char* name) const {
  SLUICE_ASSIGN_OR_RETURN(const auto value, integer_if(id, name));
  return value ? Result<std::int64_t>(*value) : Result<std::int64_t>(wrong(id, name));
}

Result<std::string> RecordView::bytes(int id, const char* name) const {
  SLUICE_ASSIGN_OR_RETURN(auto value, bytes_if(id, name));
  return value ? Result<std::string>(std::move(*value)) : Result<std::string>(wrong(id, name));
}

Result<RecordView> RecordView::record(int id, const char* name) const {
  const Datum* datum = find(id);
  if (datum == nullptr || type(id).kind != Kind::kRecord) {
    return wrong(id, name);
  }
  return of(type(id), *datum, what_);
}

Result<std::vector<std::int64_t>> RecordView::integers_if(int id, const char* name) const {
  std::vector<std::int64_t> values;
  const Datum* datum = find(id);
  if (datum == nullptr) {
    return values;
  }
  const auto* items = std::get_if<Datum::Items>(&datum->held);
  if (items == nullptr) {
    return wrong(id, name);
  }
  for (const Datum& item : *items) {
    const auto* value = std::get_if<std::int64_t>(&item.held);
    if (value == nullptr) {
      return wrong(id, name);
    }
    values.push_back(*value);
  }
  return values;
}

Result<std::vector<RecordView>> RecordView::records_if(int id, const char* name) const {
  std::vector<RecordView> records;
  const Datum* datum = find(id);
  if (datum == nullptr) {
    return records;
  }
  const auto* items = std::get_if<Datum::Items>(&datum->held);
  if (items == nullptr || type(id).kind != Kind::kArray) {
    return wrong(id, name);
  }
  for (const Datum& item : *items) {
    SLUICE_ASSIGN_OR_RETURN(const RecordView record, of(*type(id).item, item, what_));
    records.push_back(record);
  }
  return records;
}

Result<std::map<int, std::int64_t>> RecordView::integer_map_if(int id, const char* name, int key_id,
                                                               int value_id) const {
  SLUICE_ASSIGN_OR_RETURN(const auto pairs, records_if(id, name));
  std::map<int, std::int64_t> values;
  for (const RecordView& pair : pairs) {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t key, pair.integer(key_id, name));
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t value, pair.integer(value_id, name));
    values[static_cast<int>(key)] = value;
  }
  return values;
}

Result<std::map<int, std::string>> RecordView::bytes_map_if(int id, const char* name, int key_id,
                                                            int value_id) const {
  SLUICE_ASSIGN_OR_RETURN(const auto pairs, records_if(id, name));
  std::map<int, std::string> values;
  for (const RecordView& pair : pairs) {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t key, pair.integer(key_id, name));
    SLUICE_ASSIGN_OR_RETURN(values[static_cast<int>(key)], pair.bytes(value_id, name));
  }
  return values;
}

}  // namespace sluice::lake
