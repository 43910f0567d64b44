#include "sluice/lake/table_drop.h"

#include <filesystem>

#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/pointer_history.h"
#include "sluice/lake/restore_check.h"
#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

class TableDropTest : public WarehouseTest {
 protected:
  void SetUp() override {
    lake_.create();
    ASSERT_TRUE(lake_.commit("a1", lake_.change(Write::kAppend, {lake_.stage("f1", 5)})).ok());
    for (const metastore::Migration& migration : drop_migrations()) {
      ASSERT_TRUE(lake_.database_->execute(std::string(migration.sql)).ok());
    }
  }

  Catalog& catalog() { return *lake_.catalog_; }
};

TEST_F(TableDropTest, TheTableIsGoneAndCanBeMadeAgain) {
  Drop drop;
  drop.tables = {Warehouse::name()};
  ASSERT_TRUE(drop_tables(catalog(), drop, lake_.clock_).ok());
  EXPECT_FALSE(catalog().find(Warehouse::name())->has_value());
  EXPECT_FALSE(std::filesystem::exists(catalog().table_path(Warehouse::name())));
  EXPECT_TRUE(find_ledger_entry(*lake_.database_, base::CommitId("a1"))->has_value());

  ASSERT_TRUE(lake_.commit("again", lake_.creation()).ok());
  EXPECT_EQ((*catalog().find(Warehouse::name()))->version, 0);
  const auto moves =
      read_pointer_history(*lake_.files_, catalog().metadata_path(Warehouse::name()));
  ASSERT_EQ(moves->size(), 1U);
  EXPECT_EQ(moves->front().commit_id.text, "again");
  EXPECT_TRUE(check_restore(catalog())->newer.empty());
}

TEST_F(TableDropTest, ASourceForgetsWhatItLanded) {
  LandedFile file;
  file.source = "bronze.a";
  file.seq = 1;
  file.sha256 = "00";
  file.bytes = 3;
  {
    auto transaction = metastore::Transaction::begin(*lake_.database_);
    ASSERT_TRUE(insert_raw(*transaction, file).ok());
    ASSERT_TRUE(lineage(*transaction, "bronze.a", "first").ok());
    ASSERT_TRUE(transaction->commit().ok());
  }
  const std::string raw = catalog().warehouse() + "/_raw/bronze.a";
  std::filesystem::create_directories(raw);
  Drop drop;
  drop.tables = {Warehouse::name()};
  drop.sources = {"bronze.a"};
  ASSERT_TRUE(drop_tables(catalog(), drop, lake_.clock_).ok());
  EXPECT_TRUE(list_landed(*lake_.database_, "bronze.a")->empty());
  EXPECT_FALSE(find_lineage(*lake_.database_, "bronze.a")->has_value());
  EXPECT_FALSE(std::filesystem::exists(raw));
}

TEST_F(TableDropTest, WhatAProcessThatDiedLeftIsRemovedLater) {
  const std::string folder = catalog().table_path(Warehouse::name());
  ASSERT_TRUE(lake_.database_->execute("DELETE FROM lake_tables").ok());
  ASSERT_TRUE(
      lake_.database_->execute("INSERT INTO dropped_folders VALUES ('" + folder + "', 1)").ok());
  EXPECT_EQ(*finish_drops(catalog()), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(*finish_drops(catalog()), 0U);
}

TEST_F(TableDropTest, NothingGoesWhenTheCallersRowsDoNot) {
  Drop drop;
  drop.tables = {Warehouse::name()};
  drop.in_transaction = [](metastore::Transaction&) { return base::conflict("no"); };
  EXPECT_FALSE(drop_tables(catalog(), drop, lake_.clock_).ok());
  EXPECT_TRUE(catalog().find(Warehouse::name())->has_value());
  EXPECT_TRUE(std::filesystem::exists(catalog().table_path(Warehouse::name())));
  EXPECT_EQ(*finish_drops(catalog()), 0U);
}

}  // namespace
}  // namespace sluice::lake
