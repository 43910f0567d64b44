#include "sluice/lake/table_metadata.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "sluice/lake/tests/sample_table.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using nlohmann::json;

TableMetadata table_with_snapshots(int count) {
  TableMetadata table = sample_table("file:///lake/t");
  for (int i = 1; i <= count; ++i) {
    append_snapshot(table, 100 + i, "file:///lake/t/metadata/snap-" + std::to_string(i) + ".avro");
  }
  return table;
}

/// Everything that two equal tables share, as one comparable document.
json document(const TableMetadata& table) { return json::parse(serialize(table)); }

base::Result<TableMetadata> reread(const json& node) {
  return parse_table_metadata(node.dump(), "v1.json");
}

TEST(TableMetadata, ReadsWhatItWrites) {
  TableMetadata table = table_with_snapshots(3);
  table.refs["keep"] = {102, RefType::kTag, std::nullopt, std::nullopt, 5000};
  table.refs["dev"] = {101, RefType::kBranch, 3, 4000, std::nullopt};
  table.sort_orders.push_back({1, {{2, {TransformKind::kBucket, 4}, false, true}}});
  table.default_sort_order_id = 1;
  ASSERT_TRUE(validate(table, "x").ok()) << validate(table, "x").error().message;
  const auto back = parse_table_metadata(serialize(table), "v1.json");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(document(*back), document(table));
  EXPECT_EQ(back->schemas, table.schemas);
  EXPECT_EQ(back->partition_specs, table.partition_specs);
  EXPECT_EQ(back->sort_orders, table.sort_orders);
  EXPECT_EQ(back->refs, table.refs);
  EXPECT_EQ(back->properties, table.properties);
  EXPECT_EQ(back->snapshot_log, table.snapshot_log);
  EXPECT_EQ(back->metadata_log, table.metadata_log);
  ASSERT_NE(back->current_snapshot(), nullptr);
  EXPECT_EQ(back->current_snapshot()->summary, table.current_snapshot()->summary);
  EXPECT_EQ(back->current_snapshot()->operation, Operation::kAppend);
  EXPECT_EQ(back->current_snapshot()->parent_id, 102);
}

TEST(TableMetadata, SplicesFragmentsEqualToAFullSerialization) {
  const TableMetadata table = table_with_snapshots(20);
  auto back = parse_table_metadata(serialize(table), "x");
  ASSERT_TRUE(back.ok());
  append_snapshot(*back, 500, "file:///lake/t/metadata/snap-500.avro");
  const std::string spliced = serialize(*back);
  for (SnapshotPtr& snapshot : back->snapshots) {
    Snapshot fields = *snapshot;
    fields.json.clear();
    snapshot = seal(std::move(fields));
  }
  back->kept_schemas.clear();
  EXPECT_EQ(json::parse(serialize(*back)), json::parse(spliced));
}

TEST(TableMetadata, KeepsWhatItDoesNotKnow) {
  json node = document(table_with_snapshots(2));
  node["statistics"] = json::array({{{"snapshot-id", 101}, {"statistics-path", "s"}}});
  node["of-the-future"] = {{"deep", {1, 2, 3}}};
  node["snapshots"][0]["added-rows"] = 7;
  node["schemas"][0]["fields"][0]["write-default"] = true;
  auto table = reread(node);
  ASSERT_TRUE(table.ok()) << table.error().message;
  append_snapshot(*table, 500, "file:///s.avro");
  const json after = document(*table);
  EXPECT_EQ(after["statistics"], node["statistics"]);
  EXPECT_EQ(after["of-the-future"], node["of-the-future"]);
  EXPECT_EQ(after["snapshots"][0], node["snapshots"][0]);
  EXPECT_EQ(after["schemas"], node["schemas"]);
}

TEST(TableMetadata, WritesAChangedSchemaAndNotTheTextItWasReadFrom) {
  auto table = reread(document(table_with_snapshots(1)));
  ASSERT_TRUE(table.ok());
  table->schemas[0].fields[0].name = "renamed";
  EXPECT_EQ(document(*table)["schemas"][0]["fields"][0]["name"], "renamed");
}

TEST(TableMetadata, UpgradesFormatOne) {
  const auto table = parse_table_metadata(R"({"format-version":1,"location":"file:///t",
    "last-updated-ms":7,"last-column-id":2,
    "schema":{"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"long"},
                                        {"id":2,"name":"d","required":false,"type":"date"}]},
    "partition-spec":[{"name":"d","source-id":2,"transform":"identity"}],
    "current-snapshot-id":5,
    "snapshots":[{"snapshot-id":4,"timestamp-ms":5,"manifests":["file:///m.avro"]},
                 {"snapshot-id":5,"parent-snapshot-id":4,"timestamp-ms":6,"manifest-list":"file:///l.avro"}]})",
                                          "v1.json");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->format_version, 2);
  EXPECT_EQ(table->last_sequence_number, 0);
  EXPECT_EQ(table->current_schema().fields.size(), 2U);
  EXPECT_EQ(table->default_spec().fields.at(0).field_id, 1000);
  EXPECT_EQ(table->last_partition_id, 1000);
  EXPECT_EQ(table->snapshots.at(0)->manifests.at(0), "file:///m.avro");
  EXPECT_EQ(table->refs.at("main").snapshot_id, 5);
  const json after = document(*table);
  EXPECT_EQ(after["format-version"], 2);
  EXPECT_EQ(after["snapshots"][1]["sequence-number"], 0);
  EXPECT_EQ(after["schemas"][0]["schema-id"], 0);
}

TEST(TableMetadata, ReadsFormatThreeAndRefusesToWriteIt) {
  json node = document(table_with_snapshots(1));
  node["format-version"] = 3;
  node["next-row-id"] = 100;
  const auto table = reread(node);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(document(*table)["next-row-id"], 100);
  EXPECT_EQ(check_writable(*table).error().kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(check_writable(table_with_snapshots(1)).ok());
}

TEST(TableMetadata, RefusesNewerFormatsByName) {
  json node = document(table_with_snapshots(1));
  node["format-version"] = 4;
  const auto table = reread(node);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(table.error().message.find("version 4"), std::string::npos);
}

TEST(TableMetadata, HasNoCurrentSnapshotBeforeTheFirst) {
  for (const json& none : {json(), json(-1)}) {
    json node = document(sample_table("file:///t"));
    node["current-snapshot-id"] = none;
    const auto table = reread(node);
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->current_snapshot(), nullptr);
  }
}

TEST(TableMetadata, FindsTheSnapshotOfATime) {
  const TableMetadata table = table_with_snapshots(3);
  const std::int64_t start = 1'700'000'000'000;
  EXPECT_EQ(table.snapshot_as_of(start), nullptr);
  EXPECT_EQ(table.snapshot_as_of(start + 1000)->id, 101);
  EXPECT_EQ(table.snapshot_as_of(start + 2999)->id, 102);
  EXPECT_EQ(table.snapshot_as_of(start + 99999)->id, 103);
}

struct Damage {
  const char* named;  // what the message must name
  std::function<void(json&)> damage;
};

TEST(TableMetadata, RefusesDamageAndNamesIt) {
  const Damage damages[] = {
      {"current-schema-id", [](json& t) { t["current-schema-id"] = 9; }},
      {"schema", [](json& t) { t["schemas"].push_back(t["schemas"][0]); }},
      {"field id 1", [](json& t) { t["schemas"][0]["fields"][1]["id"] = 1; }},
      {"last-column-id", [](json& t) { t["last-column-id"] = 3; }},
      {"default-spec-id", [](json& t) { t["default-spec-id"] = 9; }},
      {"partition specs", [](json& t) { t["partition-specs"].push_back(t["partition-specs"][0]); }},
      {"last-partition-id", [](json& t) { t["last-partition-id"] = 1000; }},
      {"partition spec", [](json& t) { t["partition-specs"][1]["fields"][0]["source-id"] = 99; }},
      {"default-sort-order-id", [](json& t) { t["default-sort-order-id"] = 9; }},
      {"current-snapshot-id", [](json& t) { t["current-snapshot-id"] = 9; }},
      {"main", [](json& t) { t["current-snapshot-id"] = 101; }},
      {"main", [](json& t) { t.erase("current-snapshot-id"); }},
      {"'tag'", [](json& t) { t["refs"]["tag"] = {{"snapshot-id", 9}, {"type", "tag"}}; }},
      {"'type'", [](json& t) { t["refs"]["main"]["type"] = "twig"; }},
      {"two snapshots", [](json& t) { t["snapshots"].push_back(t["snapshots"][0]); }},
      {"last-sequence-number", [](json& t) { t["last-sequence-number"] = 1; }},
      {"parent", [](json& t) { t["snapshots"][1]["sequence-number"] = 1; }},
      {"schema 7", [](json& t) { t["snapshots"][0]["schema-id"] = 7; }},
      {"sequence-number", [](json& t) { t["snapshots"][0].erase("sequence-number"); }},
      {"manifests", [](json& t) { t["snapshots"][0].erase("manifest-list"); }},
      {"table-uuid", [](json& t) { t.erase("table-uuid"); }},
      {"location", [](json& t) { t.erase("location"); }},
      {"format-version", [](json& t) { t.erase("format-version"); }},
      {"format-version", [](json& t) { t["format-version"] = 0; }},
      {"schemas", [](json& t) { t.erase("schemas"); }},
      {"property 'p'", [](json& t) { t["properties"]["p"] = 3; }},
      {"snapshot-log", [](json& t) { t["snapshot-log"] = 3; }},
  };
  const json whole = document(table_with_snapshots(2));
  for (const Damage& item : damages) {
    json node = whole;
    item.damage(node);
    const auto table = reread(node);
    ASSERT_FALSE(table.ok()) << item.named;
    EXPECT_EQ(table.error().kind, ErrorKind::kCorrupt) << table.error().message;
    EXPECT_NE(table.error().message.find(item.named), std::string::npos) << table.error().message;
    EXPECT_NE(table.error().message.find("v1.json"), std::string::npos) << table.error().message;
  }
}

TEST(TableMetadata, IsRefusedWhenCutAnywhere) {
  const std::string text = serialize(table_with_snapshots(1));
  for (std::size_t size = 0; size < text.size(); ++size) {
    ASSERT_FALSE(parse_table_metadata(std::string_view(text).substr(0, size), "x").ok()) << size;
  }
}

TEST(TableMetadata, SurvivesEveryFlippedByte) {
  const std::string text = serialize(table_with_snapshots(1));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0x01 : 0x10));
    const auto table = parse_table_metadata(changed, "x");
    if (table.ok()) {
      EXPECT_TRUE(parse_table_metadata(serialize(*table), "x").ok()) << at;
    } else {
      EXPECT_TRUE(table.error().kind == ErrorKind::kCorrupt ||
                  table.error().kind == ErrorKind::kUnsupported)
          << table.error().message;
    }
  }
}

TEST(TableMetadata, ReadsNestedColumnsAndChecksTheirIds) {
  std::ifstream file(SLUICE_LAKE_TEST_DATA "/v2/nested.metadata.json");
  const json whole = json::parse(file);
  const auto table = reread(whole);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->current_schema().find_nested(9)->type.kind, data::TypeKind::kDouble);
  EXPECT_EQ(document(*table)["schemas"], whole["schemas"]);
  json node = whole;
  node["last-column-id"] = 8;
  EXPECT_NE(reread(node).error().message.find("column 'm.value.element' has id 9, above"),
            std::string::npos);
  node = whole;
  node["partition-specs"][0]["fields"] = {
      {{"source-id", 3}, {"field-id", 1000}, {"name", "n"}, {"transform", "identity"}}};
  node["last-partition-id"] = 1000;
  EXPECT_EQ(reread(node).error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace sluice::lake
