#include "sluice/lake/scan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sluice/lake/tests/partitioned_rows.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {

namespace {

using base::ErrorKind;
using data::TypeKind;
using data::Value;

class ScanTest : public WarehouseTest {
 protected:
  base::Result<ScanPlan> plan(const std::vector<Predicate>& predicates = {},
                              std::optional<std::int64_t> snapshot_id = std::nullopt) {
    return plan_scan(*lake_.files_, *lake_.load(), snapshot_id, predicates);
  }

  /// Names of the files that a plan has, in its order.
  static std::vector<std::string> names(const ScanPlan& plan) {
    std::vector<std::string> names;
    for (const DataFile& file : plan.files) {
      names.push_back(file.path.substr(file.path.rfind('/') + 1));
    }
    return names;
  }

  void append(const std::string& name, std::int64_t low, std::int64_t high) {
    ASSERT_TRUE(
        lake_.commit(name, lake_.change(Write::kAppend, {lake_.stage(name, 5, low, high)})).ok());
  }

  /// A table with the columns of rows_schema(), partitioned as the texts say.
  PartitionSpec create_partitioned(const std::vector<std::string>& transforms) {
    std::vector<ColumnTransform> parsed;
    for (const std::string& text : transforms) {
      parsed.push_back(*parse_column_transform(text));
    }
    TableChange change = lake_.creation();
    change.create->schema = rows_schema();
    change.create->spec =
        *make_partition_spec(0, parsed, rows_schema(), kFirstPartitionFieldId - 1);
    const PartitionSpec spec = change.create->spec;
    const auto made = lake_.commit("create", std::move(change));
    EXPECT_TRUE(made.ok()) << made.error().message;
    return spec;
  }

  void append_partition(const std::string& name, std::vector<Value> partition) {
    DataFile file;
    file.path = lake_.load()->location + "/data/" + name;
    file.partition = std::move(partition);
    file.record_count = 1;
    const auto done = lake_.commit(name, lake_.change(Write::kAppend, {file}));
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  void never_drops_a_matching_file(const std::vector<std::string>& transforms, std::uint64_t seed);
};

Predicate where(const std::string& column, CompareOp op, std::vector<Value> literals = {}) {
  return {column, op, std::move(literals)};
}

Value whole(std::int64_t value) { return value; }

TEST_F(ScanTest, OfATableWithoutSnapshotsIsEmpty) {
  lake_.create();
  const auto scanned = plan();
  ASSERT_TRUE(scanned.ok());
  EXPECT_FALSE(scanned->snapshot_id);
  EXPECT_TRUE(scanned->files.empty());
  EXPECT_EQ(scanned->schema.fields.size(), 2U);
}

TEST_F(ScanTest, ListsTheFilesOfTheCurrentSnapshot) {
  lake_.create();
  append("a", 0, 9);
  append("b", 10, 19);
  const auto scanned = plan();
  ASSERT_TRUE(scanned.ok());
  EXPECT_THAT(names(*scanned), testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(scanned->rows(), 10);
  EXPECT_EQ(scanned->bytes(), 12);
  EXPECT_EQ(scanned->snapshot_id, lake_.load()->current_snapshot_id);
}

TEST_F(ScanTest, ListsTheFilesAndColumnsOfAnOlderSnapshot) {
  lake_.create();
  append("a", 0, 9);
  const std::int64_t first = *lake_.load()->current_snapshot_id;
  TableChange change = lake_.change(Write::kAppend, {lake_.stage("b", 5)});
  change.new_schema = Warehouse::schema();
  change.new_schema->fields.push_back({0, "extra", {TypeKind::kInt}, false, ""});
  ASSERT_TRUE(lake_.commit("b", change).ok());
  const auto older = plan({}, first);
  ASSERT_TRUE(older.ok());
  EXPECT_THAT(names(*older), testing::ElementsAre("a"));
  EXPECT_EQ(older->schema.fields.size(), 2U);
  EXPECT_EQ(plan()->schema.fields.size(), 3U);
  EXPECT_EQ(plan({}, 42).error().kind, ErrorKind::kNotFound);
}

TEST_F(ScanTest, LeavesOutFilesThatWereReplaced) {
  lake_.create();
  append("a", 0, 9);
  ASSERT_TRUE(lake_.commit("r", lake_.change(Write::kReplaceAll, {lake_.stage("r", 1)})).ok());
  EXPECT_THAT(names(*plan()), testing::ElementsAre("r"));
}

TEST_F(ScanTest, PrunesByBounds) {
  lake_.create();
  append("low", 0, 9);
  append("high", 10, 19);
  const auto kept = [&](CompareOp op, std::vector<Value> literals) {
    return names(*plan({where("k", op, std::move(literals))}));
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  using testing::UnorderedElementsAre;
  EXPECT_THAT(kept(CompareOp::kEqual, {whole(9)}), ElementsAre("low"));
  EXPECT_THAT(kept(CompareOp::kEqual, {whole(20)}), IsEmpty());
  EXPECT_THAT(kept(CompareOp::kLess, {whole(10)}), ElementsAre("low"));
  EXPECT_THAT(kept(CompareOp::kLessOrEqual, {whole(10)}), UnorderedElementsAre("low", "high"));
  EXPECT_THAT(kept(CompareOp::kGreater, {whole(9)}), ElementsAre("high"));
  EXPECT_THAT(kept(CompareOp::kGreaterOrEqual, {whole(9)}), UnorderedElementsAre("low", "high"));
  EXPECT_THAT(kept(CompareOp::kIn, {whole(-1), whole(12)}), ElementsAre("high"));
  EXPECT_THAT(kept(CompareOp::kIn, {}), IsEmpty());
  EXPECT_THAT(kept(CompareOp::kIsNull, {}), IsEmpty());
  EXPECT_EQ(plan({where("k", CompareOp::kEqual, {whole(9)})})->files_pruned, 1);
  EXPECT_EQ(
      plan({where("k", CompareOp::kGreater, {whole(3)}), where("k", CompareOp::kLess, {whole(8)})})
          ->files.size(),
      1U);
}

TEST_F(ScanTest, KeepsFilesWrittenBeforeAColumnWasAddedOrWidened) {
  TableChange creation = lake_.creation();
  creation.create->schema.fields[0] = {1, "n", {TypeKind::kInt}, false, ""};
  ASSERT_TRUE(lake_.commit("create", creation).ok());
  DataFile file = lake_.stage("a", 5);
  file.lower_bounds[1] = *encode_value(Value(std::int32_t{3}), {TypeKind::kInt});
  file.upper_bounds[1] = *encode_value(Value(std::int32_t{5}), {TypeKind::kInt});
  TableChange change = lake_.change(Write::kAppend, {file});
  ASSERT_TRUE(lake_.commit("a", change).ok());
  change = lake_.change(Write::kNone, {});
  change.new_schema = creation.create->schema;
  change.new_schema->fields[0].type = {TypeKind::kLong};
  change.new_schema->fields.push_back({0, "extra", {TypeKind::kInt}, false, ""});
  ASSERT_TRUE(lake_.commit("widen", change).ok());
  EXPECT_EQ(plan({where("n", CompareOp::kEqual, {whole(4)})})->files.size(), 1U);
  EXPECT_EQ(plan({where("n", CompareOp::kEqual, {whole(6)})})->files.size(), 0U);
  EXPECT_EQ(plan({where("extra", CompareOp::kIsNull)})->files.size(), 1U);
}

TEST_F(ScanTest, PrunesManifestsByIdentityPartitions) {
  create_partitioned({"k"});
  append_partition("one", {Value(std::int32_t{1})});
  append_partition("two", {Value(std::int32_t{2})});
  append_partition("null", {Value()});
  const auto scanned = plan({where("k", CompareOp::kEqual, {Value(std::int32_t{2})})});
  EXPECT_THAT(names(*scanned), testing::ElementsAre("two"));
  EXPECT_EQ(scanned->manifests_pruned, 2);
  EXPECT_EQ(scanned->files_pruned, 2);
  EXPECT_THAT(names(*plan({where("k", CompareOp::kIsNull)})), testing::ElementsAre("null"));
}

TEST_F(ScanTest, PrunesByDayAndBucket) {
  create_partitioned({"day(ts)", "bucket(16, id)"});
  const data::Type id_type{TypeKind::kLong};
  const Value bucket = *apply({TransformKind::kBucket, 16}, whole(7), id_type);
  const Value other = (std::get<std::int32_t>(bucket) + 1) % 16;
  append_partition("hit", {Value(std::int32_t{15'706}), bucket});  // 2013-01-01
  append_partition("other_day", {Value(std::int32_t{15'707}), bucket});
  append_partition("other_bucket", {Value(std::int32_t{15'706}), other});
  const Value noon = *data::parse_value("2013-01-01T12:00:00", {TypeKind::kTimestamp});
  const std::vector<Predicate> both = {where("ts", CompareOp::kLessOrEqual, {noon}),
                                       where("id", CompareOp::kEqual, {whole(7)})};
  EXPECT_THAT(names(*plan(both)), testing::ElementsAre("hit"));
  EXPECT_EQ(plan({where("id", CompareOp::kLess, {whole(7)})})->files.size(), 3U);
}

void ScanTest::never_drops_a_matching_file(const std::vector<std::string>& transforms,
                                           std::uint64_t seed) {
  base::Random random(seed);
  const PartitionSpec spec = create_partitioned(transforms);
  std::map<std::string, std::vector<Row>> rows;
  for (int i = 0; i < 4; ++i) {
    const auto files = random_files(spec, lake_.load()->location + "/data", random, rows);
    const auto done = lake_.commit(std::to_string(i), lake_.change(Write::kAppend, files));
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::int64_t pruned = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<Predicate> predicates{random_predicate(random)};
    if (random.below(2) == 0) {
      predicates.push_back(random_predicate(random));
    }
    const auto scanned = plan(predicates);
    ASSERT_TRUE(scanned.ok()) << scanned.error().message;
    std::set<std::string> kept;
    for (const DataFile& file : scanned->files) {
      kept.insert(file.path);
    }
    EXPECT_EQ(kept.size() + static_cast<std::size_t>(scanned->files_pruned), rows.size());
    pruned += scanned->files_pruned;
    for (const auto& [path, members] : rows) {
      const bool matches = std::any_of(members.begin(), members.end(), [&](const Row& row) {
        return std::all_of(predicates.begin(), predicates.end(),
                           [&](const Predicate& p) { return holds(p, row); });
      });
      EXPECT_TRUE(!matches || kept.contains(path))
          << "round " << round << ": " << path << " dropped by " << predicates[0].column << " op "
          << static_cast<int>(predicates[0].op);
    }
  }
  EXPECT_GT(pruned, 400) << "files are pruned at all";
}

TEST_F(ScanTest, NeverDropsAMatchingFileUnpartitioned) { never_drops_a_matching_file({}, 1); }
TEST_F(ScanTest, NeverDropsAMatchingFileByIdentity) {
  never_drops_a_matching_file({"k", "flag"}, 2);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByFloatIdentity) {
  never_drops_a_matching_file({"f", "d"}, 3);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByDayAndBucket) {
  never_drops_a_matching_file({"day(ts)", "bucket(4, id)"}, 4);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByTruncate) {
  never_drops_a_matching_file({"truncate(10, k)", "truncate(1, t)"}, 5);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByTruncatedLongAndDecimal) {
  never_drops_a_matching_file({"truncate(7, id)", "truncate(50, p)"}, 6);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByMonthAndHour) {
  never_drops_a_matching_file({"month(day)", "hour(ts)"}, 7);
}
TEST_F(ScanTest, NeverDropsAMatchingFileByBuckets) {
  never_drops_a_matching_file({"bucket(3, t)", "bucket(3, p)", "void(k)", "year(day)"}, 8);
}

TEST_F(ScanTest, RefusesPredicatesThatDoNotFit) {
  lake_.create();
  const auto refused = [&](const Predicate& predicate) {
    const auto scanned = plan({predicate});
    return !scanned && scanned.error().kind == ErrorKind::kInvalidInput;
  };
  EXPECT_TRUE(refused(where("kk", CompareOp::kIsNull)));
  EXPECT_TRUE(refused(where("k", CompareOp::kEqual)));
  EXPECT_TRUE(refused(where("k", CompareOp::kIsNull, {whole(1)})));
  EXPECT_TRUE(refused(where("k", CompareOp::kEqual, {Value()})));
  EXPECT_TRUE(refused(where("k", CompareOp::kEqual, {Value(std::int32_t{1})})));
  EXPECT_TRUE(refused(where("k", CompareOp::kLess, {whole(1), whole(2)})));
}

TEST_F(ScanTest, NamesADamagedManifestAndAMissingList) {
  lake_.create();
  append("a", 0, 9);
  const auto metadata = lake_.load();
  const std::string list = *storage::local_path(metadata->current_snapshot()->manifest_list);
  for (const std::string& name : lake_.metadata_files()) {
    const std::string path =
        storage::join_path(lake_.catalog_->metadata_path(Warehouse::name()), name);
    if (path.ends_with("-m0.avro")) {
      const std::string bytes = *lake_.files_->read_all(path, 1 << 20);
      ASSERT_TRUE(lake_.files_->write_atomic(path, bytes.substr(0, bytes.size() / 2)).ok());
      const auto scanned = plan();
      EXPECT_EQ(scanned.error().kind, ErrorKind::kCorrupt);
      EXPECT_NE(scanned.error().message.find(name), std::string::npos) << scanned.error().message;
    }
  }
  ASSERT_TRUE(lake_.files_->remove(list).ok());
  const auto scanned = plan();
  EXPECT_EQ(scanned.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(scanned.error().message.find("snap-"), std::string::npos) << scanned.error().message;
}

}  // namespace

}  // namespace sluice::lake
