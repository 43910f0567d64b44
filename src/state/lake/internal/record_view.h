#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/avro/datum.h"
#include "sluice/lake/avro/schema.h"

namespace sluice::lake {

/// Reads an Avro record's fields by Iceberg field id, whatever order and further fields its writer
/// chose. Int and long are one. kCorrupt, naming field and file, when a field is of another type or
/// a required one is absent. Refers to all that it is given.
class RecordView {
 public:
  /// kCorrupt when the value is not a record.
  static base::Result<RecordView> of(const avro::Schema& schema, const avro::Datum& datum,
                                     std::string_view what);

  base::Result<std::int64_t> integer(int id, const char* name) const;
  base::Result<std::string> bytes(int id, const char* name) const;
  base::Result<RecordView> record(int id, const char* name) const;

  /// Nothing when the field is absent or null.
  base::Result<std::optional<std::int64_t>> integer_if(int id, const char* name) const;
  base::Result<std::optional<std::string>> bytes_if(int id, const char* name) const;
  base::Result<std::optional<bool>> boolean_if(int id, const char* name) const;
  base::Result<std::vector<std::int64_t>> integers_if(int id, const char* name) const;
  base::Result<std::vector<RecordView>> records_if(int id, const char* name) const;
  base::Result<std::map<int, std::int64_t>> integer_map_if(int id, const char* name, int key_id,
                                                           int value_id) const;
  base::Result<std::map<int, std::string>> bytes_map_if(int id, const char* name, int key_id,
                                                        int value_id) const;

  const avro::Schema& schema() const { return *schema_; }
  const std::vector<avro::Datum>& items() const { return *items_; }
  std::string_view what() const { return what_; }

 private:
  RecordView(const avro::Schema& schema, const std::vector<avro::Datum>& items,
             std::string_view what)
      : schema_(&schema), items_(&items), what_(what) {}

  const avro::Datum* find(int id) const;
  /// Returns the type of the field without its optional wrapper.
  const avro::Schema& type(int id) const;
  base::Error wrong(int id, const char* name) const;
  template <class T>
  base::Result<std::optional<T>> get_if(int id, const char* name) const;

  const avro::Schema* schema_;
  const std::vector<avro::Datum>* items_;
  std::string_view what_;
};

}  // namespace sluice::lake
