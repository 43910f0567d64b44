#include "sluice/lake/tests/sample_table.h"

#include <array>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/lake/bounds.h"

namespace sluice::lake {

namespace {

using data::Type;
using data::TypeKind;
using data::Value;

struct Sample {
  const char* name;
  Type type;
  std::array<const char*, 2> texts;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> kSamples = {
      {"flag", {TypeKind::kBoolean}, {"true", "false"}},
      {"small", {TypeKind::kInt}, {"-2147483648", "7"}},
      {"large", {TypeKind::kLong}, {"9223372036854775807", "-7"}},
      {"single", {TypeKind::kFloat}, {"1.5", "-0.25"}},
      {"wide", {TypeKind::kDouble}, {"0.1", "-1e300"}},
      {"price", data::decimal_type(9, 2), {"14.20", "-0.01"}},
      {"huge", data::decimal_type(38, 0), {"99999999999999999999999999999999999999", "-1"}},
      {"on_day", {TypeKind::kDate}, {"2017-11-16", "1969-12-31"}},
      {"at_time", {TypeKind::kTime}, {"22:31:08", "00:00:00.000001"}},
      {"ts", {TypeKind::kTimestamp}, {"2017-11-16T22:31:08.000001", "1969-12-31T23:59:59"}},
      {"tstz", {TypeKind::kTimestamptz}, {"2017-11-16T22:31:08Z", "1900-01-01T00:00:00Z"}},
      {"word", {TypeKind::kString}, {"iceberg", "a long text that is cut to a prefix äöü"}},
      {"id",
       {TypeKind::kUuid},
       {"f79c3e09-677c-4bbd-a479-3f349cb785e7", "00000000-0000-0000-0000-000000000001"}},
      {"code", {TypeKind::kFixed, 0, 0, 4}, {"00010203", "ffffffff"}},
      {"raw", {TypeKind::kBinary}, {"00010203", "ff"}},
  };
  return kSamples;
}

Value sample_value(int field_id, int seed) {
  const Sample& sample = samples()[static_cast<std::size_t>(field_id - 1)];
  return *data::parse_value(sample.texts[static_cast<std::size_t>(seed) % 2], sample.type);
}

}  // namespace

data::Schema sample_schema() {
  data::Schema schema;
  for (const Sample& sample : samples()) {
    schema.fields.push_back({0, sample.name, sample.type, false, ""});
  }
  schema.fields[1].required = true;
  schema.fields[1].doc = "a \"small\" number";
  assign_field_ids(schema, 0);
  schema.identifier_field_ids = {2};
  return schema;
}

PartitionSpec sample_spec(const data::Schema& schema) {
  std::vector<ColumnTransform> transforms;
  for (const char* text : {"flag",
                           "small",
                           "large",
                           "price",
                           "huge",
                           "on_day",
                           "at_time",
                           "ts",
                           "tstz",
                           "word",
                           "id",
                           "code",
                           "raw",
                           "year(ts)",
                           "month(ts)",
                           "day(ts)",
                           "hour(ts)",
                           "bucket(16, id)",
                           "truncate(3, word)",
                           "void(large)"}) {
    transforms.push_back(*parse_column_transform(text));
  }
  return *make_partition_spec(1, transforms, schema, kFirstPartitionFieldId - 1);
}

DataFile sample_file(int seed, const PartitionSpec& spec, const data::Schema& schema) {
  DataFile file;
  file.path = "file:///lake/t/data/" + std::to_string(seed) + ".parquet";
  file.spec_id = spec.spec_id;
  file.record_count = 100 + seed;
  file.file_size_bytes = 4096;
  file.split_offsets = {4, 2048};
  file.sort_order_id = 0;
  for (const PartitionField& field : spec.fields) {
    const data::Type& type = schema.find(field.source_id)->type;
    file.partition.push_back(
        seed == 0 ? Value() : *apply(field.transform, sample_value(field.source_id, seed), type));
  }
  for (const data::Field& field : schema.fields) {
    const Value value = sample_value(field.id, seed);
    file.column_sizes[field.id] = 100;
    file.value_counts[field.id] = file.record_count;
    file.null_value_counts[field.id] = 1;
    if (field.type.kind == TypeKind::kDouble || field.type.kind == TypeKind::kFloat) {
      file.nan_value_counts[field.id] = 0;
    }
    file.lower_bounds[field.id] = *encode_value(*lower_bound(value, field.type), field.type);
    file.upper_bounds[field.id] = *encode_value(*upper_bound(value, field.type), field.type);
  }
  return file;
}

TableMetadata sample_table(const std::string& location) {
  TableMetadata table;
  table.table_uuid = "0197a7d0-1111-7222-8333-444455556666";
  table.location = location;
  table.last_updated_ms = 1'700'000'000'000;
  table.schemas = {sample_schema()};
  table.last_column_id = static_cast<int>(table.schemas[0].fields.size());
  table.partition_specs = {PartitionSpec{}, sample_spec(table.schemas[0])};
  table.default_spec_id = 1;
  table.last_partition_id = table.partition_specs[1].fields.back().field_id;
  table.properties = {{"owner", "someone"}, {"quote", "\"ä\""}};
  return table;
}

void append_snapshot(TableMetadata& table, std::int64_t id, const std::string& manifest_list) {
  Snapshot snapshot;
  snapshot.id = id;
  snapshot.parent_id = table.current_snapshot_id;
  snapshot.sequence_number = ++table.last_sequence_number;
  snapshot.timestamp_ms = table.last_updated_ms += 1000;
  snapshot.operation = Operation::kAppend;
  snapshot.summary = {{"added-data-files", "1"}, {"run-id", "\"r\""}};
  snapshot.manifest_list = manifest_list;
  snapshot.schema_id = 0;
  table.snapshots.push_back(seal(std::move(snapshot)));
  table.current_snapshot_id = id;
  table.refs["main"].snapshot_id = id;
  table.snapshot_log.push_back({table.last_updated_ms, id});
  table.metadata_log.push_back({table.last_updated_ms, table.location + "/metadata/v1.json"});
}

}  // namespace sluice::lake
