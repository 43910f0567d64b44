#include "sluice/lake/table_audit.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "sluice/lake/pointer_history.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {

namespace {

class TableAuditTest : public WarehouseTest {
 protected:
  void append(const std::string& name, std::int64_t rows = 5) {
    const auto done = lake_.commit(name, lake_.change(Write::kAppend, {lake_.stage(name, rows)}));
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  AuditReport audit() {
    auto report = audit_table(*lake_.catalog_, Warehouse::name());
    EXPECT_TRUE(report.ok()) << report.error().message;
    return report ? *std::move(report) : AuditReport();
  }

  /// Says whether there is a finding of this subject and problem.
  static bool tells(const AuditReport& report, const std::string& subject,
                    const std::string& problem) {
    return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
      return finding.subject.find(subject) != std::string::npos &&
             finding.problem.find(problem) != std::string::npos;
    });
  }

  static std::string all(const AuditReport& report) {
    std::string text;
    for (const Finding& finding : report.findings) {
      text += finding.subject + ": " + finding.problem + "\n";
    }
    return text;
  }

  std::string data_file(const std::string& name) {
    return storage::join_path(lake_.catalog_->data_path(Warehouse::name()), name);
  }

  /// Paths of the table's metadata files that end so, ordered.
  std::vector<std::string> metadata_files(const std::string& ending) {
    std::vector<std::string> paths;
    for (const std::string& name : lake_.metadata_files()) {
      if (name.ends_with(ending)) {
        paths.push_back(storage::join_path(lake_.catalog_->metadata_path(Warehouse::name()), name));
      }
    }
    return paths;
  }

  void sql(const std::string& text) { ASSERT_TRUE(lake_.database_->execute(text).ok()); }
};

TEST_F(TableAuditTest, FindsNothingWrongAfterManyCommits) {
  lake_.create();
  for (int i = 0; i < 200; ++i) {
    append("f" + std::to_string(i), i);
  }
  const AuditReport report = audit();
  EXPECT_EQ(all(report), "");
  EXPECT_EQ(report.snapshots, 200);
  EXPECT_EQ(report.rows, 199 * 200 / 2);
  EXPECT_EQ(report.files.size(), 200U);
  EXPECT_THAT(report.files, testing::Contains(AuditedFile{data_file("f7"), 7, 7}));
  // The metadata names the 100 metadata files before it; the 100 older ones nothing names any more.
  const auto orphans = *list_orphans(*lake_.catalog_, {}, INT64_MAX);
  EXPECT_EQ(orphans.size(), 100U);
  for (const storage::ListedFile& orphan : orphans) {
    EXPECT_TRUE(orphan.path.ends_with(".metadata.json")) << orphan.path;
  }
}

TEST_F(TableAuditTest, FindsNothingWrongWithoutSnapshotsOrAfterAReplacement) {
  lake_.create();
  EXPECT_EQ(all(audit()), "");
  append("a");
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {lake_.stage("r", 3)})).ok());
  ASSERT_TRUE(lake_.commit("n", lake_.change(Write::kNone, {})).ok());
  const AuditReport report = audit();
  EXPECT_EQ(all(report), "");
  EXPECT_EQ(report.rows, 3);
  EXPECT_EQ(report.files.size(), 1U);
}

TEST_F(TableAuditTest, SaysThatThereIsNoSuchTable) {
  EXPECT_EQ(audit_table(*lake_.catalog_, Warehouse::name()).error().kind,
            base::ErrorKind::kNotFound);
}

TEST_F(TableAuditTest, FindsAMissingDataFile) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.files_->remove(data_file("a")).ok());
  EXPECT_TRUE(tells(audit(), data_file("a"), "missing"));
}

TEST_F(TableAuditTest, FindsADataFileOfAnotherSize) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.files_->write_atomic(data_file("a"), "PAR1").ok());
  EXPECT_TRUE(tells(audit(), data_file("a"), "has 4 bytes, its manifest says 6"));
}

TEST_F(TableAuditTest, FindsAPointerThatWasMovedByHand) {
  lake_.create();
  append("a");
  const std::string before = (*lake_.catalog_->find(Warehouse::name()))->metadata_location;
  append("b");
  sql("UPDATE lake_tables SET metadata_location = '" + before + "'");
  const AuditReport report = audit();
  EXPECT_TRUE(tells(report, "bronze.a", "the last commit made")) << all(report);
  EXPECT_TRUE(tells(report, "bronze.a", "current snapshot")) << all(report);
}

TEST_F(TableAuditTest, FindsAPointerToAnotherTable) {
  lake_.create();
  sql("UPDATE lake_tables SET uuid = 'other'");
  EXPECT_TRUE(tells(audit(), "bronze.a", "has uuid other"));
}

TEST_F(TableAuditTest, FindsCommitsThatTheLedgerLost) {
  lake_.create();
  append("a");
  append("b");
  sql("DELETE FROM commit_tables WHERE version = 1");
  const AuditReport report = audit();
  EXPECT_TRUE(tells(report, "bronze.a", "ledger lacks version 1 to 1")) << all(report);
  EXPECT_TRUE(tells(report, "bronze.a", "pointer history has version 1")) << all(report);
  sql("DELETE FROM commit_tables WHERE version = 2");
  EXPECT_TRUE(tells(audit(), "bronze.a", "the pointer is at version 2"));
}

TEST_F(TableAuditTest, FindsAMetastoreThatIsOlderThanTheTable) {
  lake_.create();
  append("a");
  append("b");
  sql("DELETE FROM commit_tables WHERE version = 2");
  sql("UPDATE lake_tables SET version = 1, (metadata_location, current_snapshot_id) = "
      "(SELECT metadata_location, snapshot_id FROM commit_tables WHERE version = 1)");
  const AuditReport report = audit();
  EXPECT_TRUE(tells(report, "bronze.a", "the metastore is older than the table")) << all(report);
  EXPECT_EQ(report.findings.size(), 1U) << all(report);
}

TEST_F(TableAuditTest, LetsPointerHistoryEndEarlyButNotContradict) {
  lake_.create();
  append("a");
  const std::string folder = lake_.catalog_->metadata_path(Warehouse::name());
  const auto moves = *read_pointer_history(*lake_.files_, folder);
  const std::string path = storage::join_path(folder, kPointerHistoryName);
  ASSERT_TRUE(lake_.files_->remove(path).ok());
  EXPECT_EQ(all(audit()), "");
  PointerMove wrong = moves.front();
  wrong.metadata_location = "file:///elsewhere";
  ASSERT_TRUE(append_pointer_history(*lake_.files_, folder, {wrong}).ok());
  EXPECT_TRUE(tells(audit(), "bronze.a", "file:///elsewhere in pointer history"));
}

TEST_F(TableAuditTest, ReadsTheMetadataFileItself) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.files_->write_atomic(metadata_files(".metadata.json").back(), "{").ok());
  const AuditReport report = audit();
  EXPECT_TRUE(tells(report, ".metadata.json", "cannot be read")) << all(report);
}

TEST_F(TableAuditTest, FindsADamagedManifestOfAnyOfItsSnapshots) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {lake_.stage("r", 3)})).ok());
  const auto metadata = lake_.load();
  for (const std::string& path : metadata_files("-m0.avro")) {
    ASSERT_TRUE(lake_.files_->write_atomic(path, "Obj").ok());
  }
  const AuditReport report = audit();
  EXPECT_EQ(std::count_if(report.findings.begin(), report.findings.end(),
                          [](const Finding& f) { return f.subject.ends_with("-m0.avro"); }),
            2)
      << all(report);
}

TEST_F(TableAuditTest, FindsAMissingManifestListOfAnOlderSnapshot) {
  lake_.create();
  append("a");
  const std::string list = *storage::local_path(lake_.load()->current_snapshot()->manifest_list);
  append("b");
  ASSERT_TRUE(lake_.files_->remove(list).ok());
  const AuditReport report = audit();
  EXPECT_TRUE(tells(report, "bronze.a", list)) << all(report);
  EXPECT_EQ(report.rows, 10);
}

TEST_F(TableAuditTest, ListsFilesThatNothingRefersTo) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {lake_.stage("r", 3)})).ok());
  lake_.stage("lost", 1);
  lake_.stage("open-1", 1);
  lake_.stage("never", 1, 0, 9, {"bronze", "not_created"});
  const auto orphans = list_orphans(*lake_.catalog_, {data_file("open-")}, INT64_MAX);
  ASSERT_TRUE(orphans.ok()) << orphans.error().message;
  ASSERT_EQ(orphans->size(), 2U);
  EXPECT_EQ((*orphans)[0].path, data_file("lost"));
  EXPECT_TRUE((*orphans)[1].path.ends_with("not_created/data/never"));
  EXPECT_TRUE(list_orphans(*lake_.catalog_, {}, 0)->empty());
}

TEST_F(TableAuditTest, ListsNoOrphansWhenAManifestCannotBeRead) {
  lake_.create();
  append("a");
  ASSERT_TRUE(lake_.files_->remove(metadata_files("-m0.avro").front()).ok());
  EXPECT_EQ(list_orphans(*lake_.catalog_, {}, INT64_MAX).error().kind, base::ErrorKind::kCorrupt);
}

TEST_F(TableAuditTest, ListsNothingInAnEmptyWarehouse) {
  EXPECT_TRUE(list_orphans(*lake_.catalog_, {}, INT64_MAX)->empty());
}

}  // namespace

}  // namespace sluice::lake
