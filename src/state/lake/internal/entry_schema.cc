#include "sluice/lake/internal/entry_schema.h"

#include <utility>

#include "sluice/lake/internal/avro_value.h"

namespace sluice::lake {

namespace {

using avro::Field;
using avro::Kind;
using avro::SchemaPtr;

SchemaPtr partition_schema(const PartitionSpec& spec, const std::vector<data::Type>& types) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    fields.push_back({avro::legal_name(spec.fields[i].name), spec.fields[i].field_id,
                      avro::optional(avro_type(types[i]))});
  }
  return avro::record("r102", std::move(fields));
}

SchemaPtr counts(int key_id, int value_id) {
  return avro::optional(avro::int_keyed_map(key_id, value_id, avro::primitive(Kind::kLong)));
}

SchemaPtr bounds(int key_id, int value_id) {
  return avro::optional(avro::int_keyed_map(key_id, value_id, avro::primitive(Kind::kBytes)));
}

}  // namespace

SchemaPtr entry_schema(const PartitionSpec& spec, const std::vector<data::Type>& types) {
  const SchemaPtr integer = avro::primitive(Kind::kInt);
  const SchemaPtr number = avro::primitive(Kind::kLong);
  const SchemaPtr text = avro::primitive(Kind::kString);
  const SchemaPtr data_file =
      avro::record("r2", {{"content", 134, integer},
                          {"file_path", 100, text},
                          {"file_format", 101, text},
                          {"partition", 102, partition_schema(spec, types)},
                          {"record_count", 103, number},
                          {"file_size_in_bytes", 104, number},
                          {"column_sizes", 108, counts(117, 118)},
                          {"value_counts", 109, counts(119, 120)},
                          {"null_value_counts", 110, counts(121, 122)},
                          {"nan_value_counts", 137, counts(138, 139)},
                          {"lower_bounds", 125, bounds(126, 127)},
                          {"upper_bounds", 128, bounds(129, 130)},
                          {"key_metadata", 131, avro::optional(avro::primitive(Kind::kBytes))},
                          {"split_offsets", 132, avro::optional(avro::array(number, 133))},
                          {"equality_ids", 135, avro::optional(avro::array(integer, 136))},
                          {"sort_order_id", 140, avro::optional(integer)},
                          {"referenced_data_file", 143, avro::optional(text)}});
  return avro::record("manifest_entry", {{"status", 0, integer},
                                         {"snapshot_id", 1, avro::optional(number)},
                                         {"sequence_number", 3, avro::optional(number)},
                                         {"file_sequence_number", 4, avro::optional(number)},
                                         {"data_file", 2, data_file}});
}

}  // namespace sluice::lake
