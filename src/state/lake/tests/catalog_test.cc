#include "sluice/lake/catalog.h"

#include "sluice/lake/pointer_history.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

using base::ErrorKind;
using CatalogTest = WarehouseTest;

TEST_F(CatalogTest, ListsTablesByName) {
  EXPECT_TRUE(lake_.catalog_->list_tables()->empty());
  ASSERT_TRUE(lake_.commit("1", lake_.creation({"silver", "b"})).ok());
  ASSERT_TRUE(lake_.commit("2", lake_.creation({"bronze", "z"})).ok());
  const auto tables = lake_.catalog_->list_tables();
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ(to_text((*tables)[0].table), "bronze.z");
  EXPECT_EQ(to_text((*tables)[1].table), "silver.b");
  EXPECT_EQ((*tables)[0].version, 0);
  EXPECT_EQ((*tables)[0].current_snapshot_id, std::nullopt);
  EXPECT_EQ((*tables)[0].uuid, (*lake_.catalog_->load({"bronze", "z"}))->table_uuid);
}

TEST_F(CatalogTest, SaysThatATableDoesNotExist) {
  EXPECT_FALSE(lake_.catalog_->find({"a", "b"})->has_value());
  const auto missing = lake_.catalog_->load({"a", "b"});
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message.find("a.b"), std::string::npos);
}

TEST_F(CatalogTest, NamesAMetadataFileThatIsDamagedOrMissing) {
  lake_.create();
  const std::string uri = (*lake_.catalog_->find(Warehouse::name()))->metadata_location;
  const std::string path = *storage::local_path(uri);
  const std::string text = *lake_.files_->read_all(path, 1 << 20);
  lake_.reopen();
  ASSERT_TRUE(lake_.files_->write_atomic(path, text.substr(0, text.size() / 2)).ok());
  auto damaged = lake_.catalog_->load(Warehouse::name());
  EXPECT_EQ(damaged.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().message.find(path), std::string::npos);
  ASSERT_TRUE(lake_.files_->remove(path).ok());
  damaged = lake_.catalog_->load(Warehouse::name());
  EXPECT_EQ(damaged.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().message.find(path), std::string::npos);
}

TEST_F(CatalogTest, ReadsButDoesNotWriteFormatVersion3) {
  lake_.create();
  const std::string path =
      *storage::local_path((*lake_.catalog_->find(Warehouse::name()))->metadata_location);
  std::string text = *lake_.files_->read_all(path, 1 << 20);
  const std::string two = "\"format-version\":2";
  text.replace(text.find(two), two.size(), "\"format-version\":3,\"next-row-id\":0");
  ASSERT_TRUE(lake_.files_->write_atomic(path, text).ok());
  lake_.reopen();
  ASSERT_TRUE(lake_.catalog_->load(Warehouse::name()).ok());
  const auto refused = lake_.commit("1", lake_.change(Write::kAppend, {}));
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
  text.replace(text.find("\"format-version\":3"), two.size(), "\"format-version\":4");
  ASSERT_TRUE(lake_.files_->write_atomic(path, text).ok());
  lake_.reopen();
  EXPECT_EQ(lake_.catalog_->load(Warehouse::name()).error().kind, ErrorKind::kUnsupported);
}

TEST_F(CatalogTest, AReaderBesideTheWriterSeesCommits) {
  lake_.create();
  const auto database =
      *metastore::Database::open(lake_.root_ + "/metastore.db", metastore::OpenMode::kReadOnly);
  Catalog reader(*database, *lake_.files_, lake_.root_ + "/warehouse", lake_.clock_, lake_.random_);
  EXPECT_EQ((*reader.load(Warehouse::name()))->current_snapshot_id, std::nullopt);
  ASSERT_TRUE(lake_.commit("1", lake_.change(Write::kAppend, {lake_.stage("f", 3)})).ok());
  EXPECT_TRUE((*reader.load(Warehouse::name()))->current_snapshot_id.has_value());
  EXPECT_FALSE(reader.commit(Warehouse::request("2", lake_.change(Write::kAppend, {}))).ok());
  EXPECT_EQ(lake_.metadata_files().size(), 5u) << "2 metadata, manifest, list, history";
}

TEST_F(CatalogTest, DiscardsStagedFilesInsideTheWarehouseOnly) {
  lake_.create();
  const DataFile staged = lake_.stage("f", 3);
  DataFile foreign;
  foreign.path = "file://" + lake_.root_ + "/metastore.db";
  EXPECT_EQ(lake_.catalog_->discard(std::vector{staged, foreign}).error().kind,
            ErrorKind::kInvalidInput);
  EXPECT_TRUE(*lake_.files_->exists(*storage::local_path(staged.path)));
  foreign.path = "file://" + lake_.root_ + "/warehouse/../metastore.db";
  EXPECT_FALSE(lake_.catalog_->discard(std::vector{foreign}).ok());
  EXPECT_TRUE(lake_.catalog_->discard(std::vector{staged}).ok());
  EXPECT_FALSE(*lake_.files_->exists(*storage::local_path(staged.path)));
}

TEST_F(CatalogTest, WritesThePointersHistoryBesideTheTable) {
  lake_.create();
  ASSERT_TRUE(lake_.commit("1", lake_.change(Write::kAppend, {})).ok());
  const std::string dir = lake_.catalog_->metadata_path(Warehouse::name());
  auto history = read_pointer_history(*lake_.files_, dir);
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ((*history)[0].commit_id.text, "create");
  EXPECT_EQ((*history)[1].version, 1);
  EXPECT_EQ((*history)[1].metadata_location,
            (*lake_.catalog_->find(Warehouse::name()))->metadata_location);
}

TEST_F(CatalogTest, CatchesUpWithHistoryThatWasLost) {
  lake_.create();
  ASSERT_TRUE(lake_.commit("1", lake_.change(Write::kAppend, {})).ok());
  const std::string dir = lake_.catalog_->metadata_path(Warehouse::name());
  const std::string path = storage::join_path(dir, kPointerHistoryName);
  const auto whole = *read_pointer_history(*lake_.files_, dir);
  const std::string text = *lake_.files_->read_all(path, 1 << 20);
  ASSERT_TRUE(lake_.files_->write_atomic(path, text.substr(0, text.size() - 10)).ok());
  EXPECT_EQ(read_pointer_history(*lake_.files_, dir)->size(), 1u);
  lake_.reopen();
  ASSERT_TRUE(lake_.commit("2", lake_.change(Write::kAppend, {})).ok());
  const auto history = read_pointer_history(*lake_.files_, dir);
  ASSERT_TRUE(history.ok()) << history.error().message;
  ASSERT_EQ(history->size(), 3u);
  EXPECT_EQ((*history)[1], whole[1]);
  EXPECT_EQ((*history)[2].commit_id.text, "2");
}

}  // namespace
}  // namespace sluice::lake
