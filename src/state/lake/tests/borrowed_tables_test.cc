#include <filesystem>
#include <string>
#include <utility>

#include "sluice/lake/tests/warehouse_example.h"

namespace sluice::lake {
namespace {

/// Another catalog's tables, as a target that borrows has them.
class BorrowingTest : public WarehouseTest {
 protected:
  void SetUp() override {
    lender_.create();
    ASSERT_TRUE(
        lender_.commit("a1", lender_.change(Write::kAppend, {lender_.stage("f1", 5)})).ok());
    BorrowedTables lent;
    lent.from = "prod";
    lent.tables[Warehouse::name()] = **lender_.catalog_->find(Warehouse::name());
    lent.tables[Warehouse::name()].borrowed = true;
    lent.tables[{"quarantine", "a"}] = lent.tables[Warehouse::name()];
    lent.tables[{"quarantine", "a"}].table = {"quarantine", "a"};
    lent.goes_with[{"quarantine", "a"}] = Warehouse::name();
    lake_.catalog_->borrow(std::move(lent));
  }
  void TearDown() override {
    std::filesystem::remove_all(lender_.root_);
    WarehouseTest::TearDown();
  }

  Warehouse lender_{new_test_folder()};
};

TEST_F(BorrowingTest, ReadsTheOthersTableWhereItHasNone) {
  const auto entry = *lake_.catalog_->find(Warehouse::name());
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(entry->borrowed);
  EXPECT_EQ(lake_.load()->current_snapshot()->summary.at("total-records"), "5");
  EXPECT_EQ(lake_.catalog_->list_tables()->size(), 2U);
  EXPECT_TRUE(lake_.catalog_->list_own_tables()->empty());
}

TEST_F(BorrowingTest, MakesATableOfItsOwnBesideIt) {
  lake_.create();
  const auto entry = *lake_.catalog_->find(Warehouse::name());
  EXPECT_FALSE(entry->borrowed);
  EXPECT_EQ(lake_.load()->current_snapshot(), nullptr);
  EXPECT_FALSE(lake_.catalog_->find({"quarantine", "a"})->has_value());
  EXPECT_EQ(lake_.catalog_->list_tables()->size(), 1U);
}

TEST_F(BorrowingTest, NeverChangesTheOthersTable) {
  const auto refused = lake_.catalog_->find_to_change(Warehouse::name());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kUnsupported);
  EXPECT_NE(refused.error().message.find("borrowed from prod"), std::string::npos);
  const auto change = lake_.change(Write::kAppend, {lake_.stage("f2", 1)});
  EXPECT_EQ(lake_.commit("b1", change).error().kind, base::ErrorKind::kConflict);
  EXPECT_EQ((*lender_.catalog_->find(Warehouse::name()))->version, 1);
}

}  // namespace
}  // namespace sluice::lake
