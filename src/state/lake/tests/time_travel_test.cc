#include "sluice/lake/time_travel.h"

#include <gtest/gtest.h>

#include "sluice/base/clock.h"
#include "sluice/lake/tests/sample_table.h"

namespace sluice::lake {

namespace {

using base::ErrorKind;

/// Snapshots 11, 12 and 13, a second apart from 2023-11-14T22:13:21Z.
TableMetadata three_snapshots() {
  TableMetadata table = sample_table("file:///lake/t");
  for (const std::int64_t id : {11, 12, 13}) {
    append_snapshot(table, id, "file:///lake/t/metadata/list.avro");
  }
  return table;
}

TEST(TimeTravel, FindsASnapshotByItsId) {
  EXPECT_EQ(*resolve_snapshot(three_snapshots(), "12"), 12);
  EXPECT_EQ(resolve_snapshot(three_snapshots(), "14").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(resolve_snapshot(three_snapshots(), "99999999999999999999").error().kind,
            ErrorKind::kNotFound);
}

TEST(TimeTravel, FindsASnapshotByItsBranchOrTag) {
  TableMetadata table = three_snapshots();
  table.refs["audited"] = SnapshotRef{12, RefType::kTag, {}, {}, {}};
  EXPECT_EQ(*resolve_snapshot(table, "audited"), 12);
  const auto near = resolve_snapshot(table, "audit");
  EXPECT_NE(near.error().message.find("did you mean audited?"), std::string::npos)
      << near.error().message;
}

TEST(TimeTravel, FindsTheSnapshotThatWasCurrentAtATime) {
  const TableMetadata table = three_snapshots();
  EXPECT_EQ(*resolve_snapshot(table, "2023-11-14T22:13:21Z"), 11);
  EXPECT_EQ(*resolve_snapshot(table, "2023-11-14T22:13:21.999999Z"), 11);
  EXPECT_EQ(*resolve_snapshot(table, "2023-11-14T23:13:22+01:00"), 12);
  EXPECT_EQ(*resolve_snapshot(table, "2023-11-15"), 13);
}

TEST(TimeTravel, NamesTheOldestSnapshotWhenTheTimeIsBeforeIt) {
  const auto found = resolve_snapshot(three_snapshots(), "2023-11-14T22:13:20.999Z");
  EXPECT_EQ(found.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(found.error().message.find("11 of 2023-11-14T22:13:21Z"), std::string::npos)
      << found.error().message;
}

TEST(TimeTravel, RefusesATableWithoutSnapshotsAndOtherTexts) {
  EXPECT_EQ(resolve_snapshot(sample_table("file:///t"), "2023-11-15").error().kind,
            ErrorKind::kNotFound);
  for (const char* text : {"", "yesterday", "-12", "12a"}) {
    EXPECT_EQ(resolve_snapshot(three_snapshots(), text).error().kind, ErrorKind::kInvalidInput);
  }
}

}  // namespace

}  // namespace sluice::lake
