#include "sluice/lake/commit.h"

#include <set>

#include "sluice/lake/scan.h"
#include "sluice/lake/snapshot_files.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;

class CommitTest : public WarehouseTest {
 protected:
  /// Paths of the live files of the current snapshot, with their sequence numbers.
  std::set<std::pair<std::string, std::int64_t>> live_files() {
    std::set<std::pair<std::string, std::int64_t>> live;
    const auto metadata = lake_.load();
    const auto manifests = read_manifest_files(*lake_.files_, *metadata->current_snapshot());
    EXPECT_TRUE(manifests.ok()) << manifests.error().message;
    for (const ManifestFile& file : *manifests) {
      const auto manifest = read_manifest_file(*lake_.files_, file);
      EXPECT_TRUE(manifest.ok()) << manifest.error().message;
      for (const ManifestEntry& entry : manifest->entries) {
        if (entry.status != EntryStatus::kDeleted) {
          live.emplace(entry.file.path.substr(entry.file.path.rfind('/') + 1),
                       *entry.sequence_number);
        }
      }
    }
    return live;
  }

  std::map<std::string, std::string> summary() { return lake_.load()->current_snapshot()->summary; }

  base::Result<CommitOutcome> append(const std::string& id, std::int64_t rows) {
    return lake_.commit(id, lake_.change(Write::kAppend, {lake_.stage(id + ".parquet", rows)}));
  }
};

TEST_F(CommitTest, CreatesATableWithItsFirstRowsInOneCommit) {
  TableChange change = lake_.creation();
  change.create->schema.fields[0].id = 0;
  change.create->schema.fields[1].id = 0;
  change.create->properties = {{"owner", "me"}};
  change.write = Write::kAppend;
  change.files = {lake_.stage("f", 3)};
  change.summary = {{"sluice.run-id", "r1"}};
  const auto outcome = lake_.commit("c", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto metadata = lake_.load();
  EXPECT_EQ(metadata->location, "file://" + lake_.root_ + "/warehouse/bronze/a");
  EXPECT_EQ(metadata->current_snapshot_id, outcome->tables[0].snapshot_id);
  EXPECT_EQ(metadata->current_schema().fields[1].id, 2);
  EXPECT_EQ(metadata->properties.at("owner"), "me");
  EXPECT_EQ(summary().at("total-records"), "3");
  EXPECT_EQ(summary().at("added-data-files"), "1");
  EXPECT_EQ(summary().at("sluice.run-id"), "r1");
  EXPECT_TRUE(outcome->tables[0].metadata_location.find("/metadata/00000-") != std::string::npos);
}

TEST_F(CommitTest, AppendsReplacesAndRemembersEachState) {
  lake_.create();
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(append("a" + std::to_string(i), i).ok());
  }
  EXPECT_EQ(summary().at("total-records"), "6");
  EXPECT_EQ(summary().at("total-data-files"), "3");
  const std::int64_t before = *lake_.load()->current_snapshot_id;
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {lake_.stage("new", 10)})).ok());
  EXPECT_EQ(live_files(), (std::set<std::pair<std::string, std::int64_t>>{{"new", 4}}));
  EXPECT_EQ(summary().at("total-records"), "10");
  EXPECT_EQ(summary().at("deleted-records"), "6");
  EXPECT_EQ(summary().at("deleted-data-files"), "3");
  EXPECT_EQ(summary().at("total-files-size"), "8");
  const auto metadata = lake_.load();
  EXPECT_EQ(metadata->current_snapshot()->operation, Operation::kOverwrite);
  EXPECT_EQ(metadata->current_snapshot()->parent_id, before);
  EXPECT_EQ(metadata->snapshots.size(), 4u);
  EXPECT_EQ(metadata->snapshot_log.size(), 4u);
  EXPECT_EQ(metadata->metadata_log.size(), 4u);
  EXPECT_EQ(metadata->snapshot_as_of(metadata->snapshot(before)->timestamp_ms)->id, before);
  ASSERT_TRUE(append("a4", 1).ok());
  EXPECT_EQ(read_manifest_files(*lake_.files_, *lake_.load()->current_snapshot())->size(), 2u)
      << "manifests without live files are left behind";
}

TEST_F(CommitTest, WritesWhatAFreshProcessReadsTheSame) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  ASSERT_TRUE(append("a2", 2).ok());
  const std::string kept = serialize(*lake_.load());
  lake_.reopen();
  EXPECT_EQ(serialize(*lake_.load()), kept);
  ASSERT_TRUE(append("a3", 3).ok());
  EXPECT_EQ(live_files().size(), 3u);
}

TEST_F(CommitTest, AnAppendWithoutFilesMovesPositionsOnly) {
  lake_.create();
  ASSERT_TRUE(append("a1", 5).ok());
  TableChange change = lake_.change(Write::kAppend, {});
  change.set_properties = {{"sluice.pos.bronze.a", "ledger:1"}};
  const auto outcome = lake_.commit("p", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(lake_.load()->properties.at("sluice.pos.bronze.a"), "ledger:1");
  EXPECT_EQ(summary().at("total-records"), "5");
  EXPECT_FALSE(summary().contains("added-records"));
  EXPECT_EQ(live_files().size(), 1u);
}

TEST_F(CommitTest, AReplacementMayLeaveTheTableEmpty) {
  lake_.create();
  ASSERT_TRUE(append("a1", 5).ok());
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {})).ok());
  EXPECT_TRUE(live_files().empty());
  EXPECT_EQ(summary().at("total-records"), "0");
  ASSERT_TRUE(lake_.commit("r2", lake_.change(Write::kReplaceAll, {})).ok());
  EXPECT_EQ(summary().at("total-files-size"), "0");
}

TEST_F(CommitTest, ARewriteReplacesSomeFilesAndKeepsTheOthers) {
  lake_.create();
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(append("a" + std::to_string(i), i).ok());
  }
  const auto plan = plan_scan(*lake_.files_, *lake_.load());
  TableChange change = lake_.change(Write::kRewrite, {lake_.stage("new", 3)});
  for (const DataFile& file : plan->files) {
    if (!file.path.ends_with("/a2.parquet")) {
      change.removed.push_back(file.path);
    }
  }
  const auto outcome = lake_.commit("w", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(live_files(),
            (std::set<std::pair<std::string, std::int64_t>>{{"a2.parquet", 2}, {"new", 4}}));
  EXPECT_EQ(lake_.load()->current_snapshot()->operation, Operation::kOverwrite);
  EXPECT_EQ(summary().at("total-records"), "5");
  EXPECT_EQ(summary().at("deleted-records"), "4");
  EXPECT_EQ(summary().at("deleted-data-files"), "2");
  EXPECT_EQ(summary().at("added-data-files"), "1");
  ASSERT_TRUE(append("a4", 1).ok());
  EXPECT_EQ(live_files().size(), 3u);
  const auto before = plan_scan(*lake_.files_, *lake_.load(), lake_.load()->snapshots[2]->id);
  EXPECT_EQ(before->files.size(), 3u) << "history stays readable";
}

TEST_F(CommitTest, ARewriteOfAFileThatIsGoneIsAConflict) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const std::string path = plan_scan(*lake_.files_, *lake_.load())->files[0].path;
  TableChange change = lake_.change(Write::kRewrite, {});
  change.removed = {path, path + ".other"};
  EXPECT_EQ(lake_.commit("w", change).error().kind, ErrorKind::kConflict);
  change.removed = {};
  EXPECT_EQ(lake_.commit("w", change).error().kind, ErrorKind::kInvalidInput);
  change.write = Write::kAppend;
  change.removed = {path};
  EXPECT_EQ(lake_.commit("w", change).error().kind, ErrorKind::kInvalidInput);
  change.write = Write::kRewrite;
  ASSERT_TRUE(lake_.commit("w", change).ok());
  EXPECT_TRUE(live_files().empty());
}

TEST_F(CommitTest, ReturnsTheRecordedOutcomeForTheSameRequest) {
  lake_.create();
  const CommitRequest request =
      Warehouse::request("c", lake_.change(Write::kAppend, {lake_.stage("f", 1)}));
  const auto first = lake_.catalog_->commit(request);
  lake_.reopen();
  const auto again = lake_.catalog_->commit(request);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_FALSE(first->repeated);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->tables, first->tables);
  EXPECT_EQ((*lake_.catalog_->find_commit(request.id))->tables, first->tables);
  EXPECT_FALSE(lake_.catalog_->find_commit(base::CommitId("other"))->has_value());
  EXPECT_EQ(lake_.load()->snapshots.size(), 1u);
  CommitRequest other = request;
  other.changes[0].files.clear();
  EXPECT_EQ(lake_.catalog_->commit(other).error().kind, ErrorKind::kInvalidInput);
}

TEST_F(CommitTest, HashesEverythingThatIsAskedFor) {
  lake_.create();
  const CommitRequest request =
      Warehouse::request("c", lake_.change(Write::kAppend, {lake_.stage("f", 1)}));
  std::set<std::string> hashes = {request_hash(request)};
  const auto differs = [&](auto edit) {
    CommitRequest other = request;
    edit(other.changes[0]);
    EXPECT_TRUE(hashes.insert(request_hash(other)).second);
  };
  differs([](TableChange& c) { c.table.name = "b"; });
  differs([](TableChange& c) { c.base_metadata_location = "x"; });
  differs([](TableChange& c) { c.write = Write::kReplaceAll; });
  differs([](TableChange& c) { c.files[0].path += "x"; });
  differs([](TableChange& c) { c.files[0].record_count = 9; });
  differs([](TableChange& c) { c.new_schema = Warehouse::schema(); });
  differs([](TableChange& c) { c.set_properties = {{"a", "bc"}}; });
  differs([](TableChange& c) { c.set_properties = {{"ab", "c"}}; });
  differs([](TableChange& c) { c.summary = {{"a", "bc"}}; });
  CommitRequest same = request;
  same.in_transaction = [](metastore::Transaction&) { return base::ok_status(); };
  EXPECT_EQ(request_hash(same), request_hash(request));
}

TEST_F(CommitTest, LeavesNothingBehindWhenItsBaseHasMoved) {
  lake_.create();
  TableChange late = lake_.change(Write::kAppend, {lake_.stage("late", 1)});
  ASSERT_TRUE(append("a1", 5).ok());
  const auto files = lake_.metadata_files();
  EXPECT_EQ(lake_.commit("late", late).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(lake_.commit("again", lake_.creation()).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(lake_.metadata_files(), files);
  late.table = {"bronze", "none"};
  EXPECT_EQ(lake_.commit("none", late).error().kind, ErrorKind::kConflict);
}

TEST_F(CommitTest, MovesAllTablesOfAGroupOrNone) {
  lake_.create();
  const TableName quarantine{"quarantine", "a"};
  CommitRequest request =
      Warehouse::request("g", lake_.change(Write::kAppend, {lake_.stage("f", 1)}));
  request.changes.push_back(lake_.creation(quarantine));
  request.changes[1].write = Write::kAppend;
  const auto outcome = lake_.catalog_->commit(request);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->tables[1].table, quarantine);

  CommitRequest second =
      Warehouse::request("h", lake_.change(Write::kAppend, {lake_.stage("g", 1)}));
  second.changes.push_back(lake_.change(Write::kAppend, {}, quarantine));
  second.in_transaction = [&](metastore::Transaction& transaction) {
    return transaction.database().execute("UPDATE nope SET x = 1");
  };
  const auto files = lake_.metadata_files();
  EXPECT_FALSE(lake_.catalog_->commit(second).ok());
  EXPECT_EQ(lake_.metadata_files(), files);
  EXPECT_EQ(lake_.load()->current_snapshot_id, outcome->tables[0].snapshot_id);
  second.in_transaction = {};
  EXPECT_TRUE(lake_.catalog_->commit(second).ok()) << "the id is free, for nothing took place";
}

TEST_F(CommitTest, LosesToACommitThatMovesTheTableMeanwhile) {
  lake_.create();
  struct Overtaker : CommitGate {
    Warehouse* lake;
    base::Status judge(std::span<const PreparedChange>) override {
      Catalog other(*lake->database_, *lake->files_, lake->root_ + "/warehouse", lake->clock_,
                    lake->random_);
      return other.commit(Warehouse::request("fast", lake->change(Write::kAppend, {}))).ok()
                 ? base::ok_status()
                 : base::internal_error("the overtaker failed");
    }
  } gate;
  gate.lake = &lake_;
  lake_.catalog_->set_gate(&gate);
  EXPECT_EQ(lake_.commit("slow", lake_.change(Write::kAppend, {})).error().kind,
            ErrorKind::kConflict);
  EXPECT_FALSE(lake_.catalog_->find_commit(base::CommitId("slow"))->has_value());
  EXPECT_EQ(lake_.load()->snapshots.size(), 1u);
  EXPECT_EQ(lake_.metadata_files().size(), 4u) << "2 metadata, list, history";
}

TEST_F(CommitTest, WritesFurtherRowsInItsOwnTransaction) {
  lake_.create();
  ASSERT_TRUE(lake_.database_->execute("CREATE TABLE notes (x TEXT)").ok());
  CommitRequest request = Warehouse::request("c", lake_.change(Write::kAppend, {}));
  request.in_transaction = [](metastore::Transaction& transaction) {
    return transaction.database().execute("INSERT INTO notes VALUES ('seen')");
  };
  ASSERT_TRUE(lake_.catalog_->commit(request).ok());
  auto query = lake_.database_->prepare("SELECT x FROM notes");
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->get_text(0), "seen");
}

TEST_F(CommitTest, IsFencedOffOnceItsLeaseWasTaken) {
  lake_.create();
  const auto lease =
      *metastore::acquire_lease(*lake_.database_, "source bronze.a", "me", 1000, lake_.clock_);
  CommitRequest request = Warehouse::request("c", lake_.change(Write::kAppend, {}));
  request.fences = {lease};
  lake_.clock_.advance_us(2000);
  ASSERT_TRUE(
      metastore::acquire_lease(*lake_.database_, "source bronze.a", "other", 1000, lake_.clock_)
          .ok());
  const auto files = lake_.metadata_files();
  EXPECT_EQ(lake_.catalog_->commit(request).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(lake_.metadata_files(), files);
}

TEST_F(CommitTest, AsksTheGateBeforeAnythingIsWritten) {
  lake_.create();
  struct Gate : CommitGate {
    std::size_t files = 0;
    bool had_before = false;
    base::Status judge(std::span<const PreparedChange> group) override {
      files = group[0].change.files.size();
      had_before = group[0].before != nullptr && group[0].after.properties.contains("new");
      return base::Error{ErrorKind::kContractViolation, "no"};
    }
  } gate;
  lake_.catalog_->set_gate(&gate);
  const auto before = lake_.metadata_files();
  TableChange change = lake_.change(Write::kAppend, {lake_.stage("f", 1)});
  change.set_properties = {{"new", "1"}};
  EXPECT_EQ(lake_.commit("c", change).error().kind, ErrorKind::kContractViolation);
  EXPECT_EQ(gate.files, 1u);
  EXPECT_TRUE(gate.had_before);
  EXPECT_EQ(lake_.metadata_files(), before);
}

TEST_F(CommitTest, LetsPositionsOnlyAdvance) {
  lake_.create();
  const auto move = [&](const std::string& id, const std::string& value) {
    TableChange change = lake_.change(Write::kAppend, {});
    change.set_properties = {{"sluice.pos.bronze.a", value}};
    return lake_.commit(id, change);
  };
  ASSERT_TRUE(move("1", "ledger:5").ok());
  EXPECT_FALSE(move("2", "ledger:4").ok());
  EXPECT_FALSE(move("3", "another:6").ok());
  EXPECT_FALSE(move("4", "nonsense").ok());
  EXPECT_EQ(move("5", std::string(9000, 'x') + ":6").error().kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(move("6", "ledger:6").ok());
}

TEST_F(CommitTest, ChangesColumnsWithoutASnapshot) {
  lake_.create();
  ASSERT_TRUE(append("a1", 5).ok());
  TableChange change = lake_.change(Write::kNone, {});
  change.new_schema = Warehouse::schema();
  change.new_schema->fields.push_back({0, "added", {data::TypeKind::kDate}, false, ""});
  const auto outcome = lake_.commit("s", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->tables[0].snapshot_id, std::nullopt);
  const auto metadata = lake_.load();
  EXPECT_EQ(metadata->current_schema_id, 1);
  EXPECT_EQ(metadata->last_column_id, 3);
  EXPECT_EQ(metadata->current_schema().find("added")->id, 3);
  EXPECT_EQ(metadata->current_snapshot()->schema_id, 0) << "the older snapshot keeps its own";
  change = lake_.change(Write::kNone, {});
  change.new_schema = Warehouse::schema();
  ASSERT_TRUE(lake_.commit("back", change).ok());
  EXPECT_EQ(lake_.load()->current_schema_id, 0) << "an equal schema is used again";
  EXPECT_EQ(lake_.load()->schemas.size(), 2u);
}

TEST_F(CommitTest, RefusesToDropWhatTheTableIsPartitionedBy) {
  TableChange creation = lake_.creation();
  creation.create->spec = *make_partition_spec(0, {*parse_column_transform("t")},
                                               creation.create->schema, kFirstPartitionFieldId - 1);
  ASSERT_TRUE(lake_.commit("c", creation).ok());
  TableChange change = lake_.change(Write::kReplaceAll, {});
  change.new_schema = Warehouse::schema();
  change.new_schema->fields.pop_back();
  const auto refused = lake_.commit("d", change);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(refused.error().message.find("partitioned by"), std::string::npos);
}

TEST_F(CommitTest, ChangesPartitionsForNewFilesOnly) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const auto metadata = lake_.load();
  const auto wanted =
      make_partition_spec(0, {*parse_column_transform("k")}, metadata->current_schema(), 999);
  TableChange change = lake_.change(Write::kAppend, {lake_.stage("a2", 2)});
  change.new_spec =
      evolve_partition_spec(metadata->partition_specs, wanted->fields, metadata->last_partition_id);
  EXPECT_FALSE(lake_.commit("old", change).ok()) << "the file is of the old spec";
  change.files[0].spec_id = change.new_spec->spec_id;
  change.files[0].partition = {data::Value(std::int64_t{7})};
  const auto outcome = lake_.commit("new", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(lake_.load()->default_spec_id, change.new_spec->spec_id);
  EXPECT_EQ(lake_.load()->last_partition_id, 1000);
  const auto plan = plan_scan(*lake_.files_, *lake_.load(), std::nullopt,
                              {{"k", CompareOp::kEqual, {data::Value(std::int64_t{3})}}});
  ASSERT_EQ(plan->files.size(), 1u) << "the new file is pruned by its partition";
  EXPECT_TRUE(plan->files[0].path.ends_with("/a1.parquet"));
}

TEST_F(CommitTest, GoesBackToAnOlderSnapshotAndOnFromThere) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const std::int64_t first = *lake_.load()->current_snapshot_id;
  ASSERT_TRUE(append("a2", 2).ok());
  TableChange back = lake_.change(Write::kNone, {});
  back.make_current = first;
  const auto outcome = lake_.commit("back", back);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(lake_.catalog_->find(lake_.name())->value().current_snapshot_id, first);
  EXPECT_EQ(lake_.load()->refs.at("main").snapshot_id, first);
  EXPECT_EQ(lake_.load()->snapshot_log.back().snapshot_id, first);
  EXPECT_EQ(summary().at("total-records"), "1");
  ASSERT_TRUE(append("a3", 3).ok());
  EXPECT_EQ(summary().at("total-records"), "4");
  EXPECT_EQ(lake_.load()->current_snapshot()->parent_id, first);
  back = lake_.change(Write::kNone, {});
  back.make_current = 4711;
  EXPECT_EQ(lake_.commit("none", back).error().kind, ErrorKind::kNotFound);
}

TEST_F(CommitTest, KeepsTagsAndRefusesToMoveMain) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const std::int64_t first = *lake_.load()->current_snapshot_id;
  TableChange change = lake_.change(Write::kNone, {});
  change.set_refs["kept"] = SnapshotRef{first, RefType::kTag, {}, {}, {}};
  ASSERT_TRUE(lake_.commit("tag", change).ok());
  ASSERT_TRUE(append("a2", 2).ok());
  EXPECT_EQ(lake_.load()->refs.at("kept").snapshot_id, first);
  change = lake_.change(Write::kNone, {});
  change.set_refs["main"] = SnapshotRef{first, RefType::kBranch, {}, {}, {}};
  EXPECT_EQ(lake_.commit("main", change).error().kind, ErrorKind::kInvalidInput);
  change = lake_.change(Write::kNone, {});
  change.set_refs["kept"] = std::nullopt;
  ASSERT_TRUE(lake_.commit("gone", change).ok());
  EXPECT_FALSE(lake_.load()->refs.contains("kept"));
  change = lake_.change(Write::kNone, {});
  change.set_refs["kept"] = std::nullopt;
  EXPECT_EQ(lake_.commit("again", change).error().kind, ErrorKind::kNotFound);
}

TEST_F(CommitTest, RefusesFilesThatAreNotTheTablesOwn) {
  lake_.create();
  const DataFile file = lake_.stage("f", 1);
  const auto refused = [&](auto edit) {
    TableChange change = lake_.change(Write::kAppend, {file});
    edit(change);
    const auto outcome = lake_.commit("c", change);
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? ErrorKind::kInternal : outcome.error().kind;
  };
  const auto invalid = ErrorKind::kInvalidInput;
  EXPECT_EQ(refused([](TableChange& c) { c.files[0].path = "file:///elsewhere/f"; }), invalid);
  EXPECT_EQ(refused([&](TableChange& c) { c.files.push_back(file); }), invalid);
  EXPECT_EQ(refused([](TableChange& c) { c.files[0].spec_id = 3; }), invalid);
  EXPECT_EQ(refused([](TableChange& c) { c.files[0].partition = {std::int64_t{1}}; }), invalid);
  EXPECT_EQ(refused([](TableChange& c) { c.files[0].content = FileContent::kPositionDeletes; }),
            invalid);
  EXPECT_EQ(refused([](TableChange& c) { c.write = Write::kNone; }), invalid);
  EXPECT_EQ(refused([](TableChange& c) { c.summary = {{"total-records", "1"}}; }), invalid);
  EXPECT_EQ(refused([&](TableChange& c) { c.create = NewTable{Warehouse::schema(), {}, {}}; }),
            invalid);
  EXPECT_EQ(lake_.metadata_files().size(), 2u) << "metadata, history";
}

TEST_F(CommitTest, RefusesRequestsThatAreIncomplete) {
  EXPECT_EQ(lake_.catalog_->commit({}).error().kind, ErrorKind::kInvalidInput);
  CommitRequest twice = Warehouse::request("c", lake_.creation());
  twice.changes.push_back(lake_.creation());
  EXPECT_EQ(lake_.catalog_->commit(twice).error().kind, ErrorKind::kInvalidInput);
  TableChange nothing;
  nothing.table = {"a", "b"};
  EXPECT_EQ(lake_.commit("n", nothing).error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(lake_.commit("e", lake_.creation({"..", "b"})).error().kind, ErrorKind::kInvalidInput);
}

TEST_F(CommitTest, MergesSmallManifestsAndKeepsEachFilesNumbers) {
  TableChange creation = lake_.creation();
  creation.create->properties = {{"commit.manifest.min-count-to-merge", "3"}};
  ASSERT_TRUE(lake_.commit("c", creation).ok());
  const auto manifests = [&] {
    return read_manifest_files(*lake_.files_, *lake_.load()->current_snapshot())->size();
  };
  ASSERT_TRUE(append("a1", 1).ok());
  ASSERT_TRUE(append("a2", 2).ok());
  EXPECT_EQ(manifests(), 2u);
  ASSERT_TRUE(append("a3", 3).ok());
  EXPECT_EQ(manifests(), 1u);
  lake_.reopen();
  ASSERT_TRUE(append("a4", 4).ok());
  EXPECT_EQ(manifests(), 2u);
  EXPECT_EQ(live_files(),
            (std::set<std::pair<std::string, std::int64_t>>{
                {"a1.parquet", 1}, {"a2.parquet", 2}, {"a3.parquet", 3}, {"a4.parquet", 4}}));
  EXPECT_EQ(summary().at("total-records"), "10");
}

TEST_F(CommitTest, MergesPartitionsWhoseColumnWasWidened) {
  TableChange creation = lake_.creation();
  creation.create->schema.fields[0].type = {data::TypeKind::kInt};
  creation.create->spec = *make_partition_spec(0, {*parse_column_transform("k")},
                                               creation.create->schema, kFirstPartitionFieldId - 1);
  creation.create->properties = {{"commit.manifest.min-count-to-merge", "2"}};
  ASSERT_TRUE(lake_.commit("c", creation).ok());
  DataFile file = lake_.stage("a1", 1);
  file.partition = {std::int32_t{7}};
  ASSERT_TRUE(lake_.commit("a1", lake_.change(Write::kAppend, {file})).ok());
  file = lake_.stage("a2", 1);
  file.partition = {std::int64_t{1} << 40};
  TableChange change = lake_.change(Write::kAppend, {file});
  change.new_schema = Warehouse::schema();
  const auto outcome = lake_.commit("a2", change);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto manifests = read_manifest_files(*lake_.files_, *lake_.load()->current_snapshot());
  ASSERT_EQ(manifests->size(), 1u);
  const auto manifest = read_manifest_file(*lake_.files_, (*manifests)[0]);
  ASSERT_EQ(manifest->entries.size(), 2u);
  EXPECT_EQ(manifest->entries[1].file.partition[0], data::Value(std::int64_t{7}));
}

TEST_F(CommitTest, TimesNeverRunBackwards) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const std::int64_t before = lake_.load()->last_updated_ms;
  lake_.clock_.set({lake_.clock_.now().us - 3'600'000'000});
  ASSERT_TRUE(append("a2", 1).ok());
  EXPECT_GE(lake_.load()->current_snapshot()->timestamp_ms, before);
  EXPECT_GE(lake_.load()->last_updated_ms, before);
}

TEST_F(CommitTest, KeepsTheMetadataLogShort) {
  TableChange creation = lake_.creation();
  creation.create->properties = {{"write.metadata.previous-versions-max", "2"}};
  ASSERT_TRUE(lake_.commit("c", creation).ok());
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(append("a" + std::to_string(i), 1).ok());
  }
  const auto metadata = lake_.load();
  ASSERT_EQ(metadata->metadata_log.size(), 2u);
  EXPECT_NE(metadata->metadata_log[1].metadata_file.find("/00003-"), std::string::npos);
}

TEST_F(CommitTest, NamesAManifestThatIsDamaged) {
  lake_.create();
  ASSERT_TRUE(append("a1", 1).ok());
  const auto manifests = read_manifest_files(*lake_.files_, *lake_.load()->current_snapshot());
  const std::string path = *storage::local_path((*manifests)[0].path);
  ASSERT_TRUE(lake_.files_->write_atomic(path, "rubbish").ok());
  const auto refused = lake_.commit("r", lake_.change(Write::kReplaceAll, {}));
  EXPECT_EQ(refused.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(refused.error().message.find(path), std::string::npos);
  const std::string list = *storage::local_path(lake_.load()->current_snapshot()->manifest_list);
  ASSERT_TRUE(lake_.files_->remove(list).ok());
  lake_.reopen();
  const auto missing = append("a2", 1);
  EXPECT_EQ(missing.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(missing.error().message.find(list), std::string::npos);
}

}  // namespace
}  // namespace sluice::lake
