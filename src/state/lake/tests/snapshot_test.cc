#include "sluice/lake/snapshot.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace sluice::lake {
namespace {

using base::ErrorKind;

TEST(Snapshot, ReadsWhatSealWrites) {
  Snapshot snapshot;
  snapshot.id = 7;
  snapshot.parent_id = 6;
  snapshot.sequence_number = 3;
  snapshot.timestamp_ms = 1000;
  snapshot.operation = Operation::kOverwrite;
  snapshot.summary = {{"run-id", "r"}};
  snapshot.manifest_list = "file:///l.avro";
  snapshot.schema_id = 2;
  const SnapshotPtr sealed = seal(snapshot);
  const auto back = parse_snapshot(sealed->json, 2, "x");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ((*back)->id, 7);
  EXPECT_EQ((*back)->parent_id, 6);
  EXPECT_EQ((*back)->sequence_number, 3);
  EXPECT_EQ((*back)->operation, Operation::kOverwrite);
  EXPECT_EQ((*back)->summary, snapshot.summary);
  EXPECT_EQ((*back)->manifest_list, snapshot.manifest_list);
  EXPECT_EQ((*back)->schema_id, 2);
  EXPECT_EQ((*back)->json, sealed->json);
}

TEST(Snapshot, NamesUnknownOperations) {
  const auto snapshot = parse_snapshot(
      R"({"snapshot-id":1,"timestamp-ms":1,"manifest-list":"l","summary":{"operation":"merge"}})",
      1, "x");
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(snapshot.error().message.find("merge"), std::string::npos);
}

TEST(Snapshot, KeepsOperationsAsText) {
  for (const Operation operation :
       {Operation::kAppend, Operation::kReplace, Operation::kOverwrite, Operation::kDelete}) {
    EXPECT_EQ(*parse_operation(to_text(operation)), operation);
  }
}

TEST(SnapshotRef, ReadsWhatItWrites) {
  for (const SnapshotRef& ref : {SnapshotRef{7, RefType::kBranch, 2, 3000, 4000},
                                 SnapshotRef{7, RefType::kTag, {}, {}, 4000}}) {
    EXPECT_EQ(*snapshot_ref_from_json(to_json(ref), "x"), ref);
  }
}

}  // namespace
}  // namespace sluice::lake
