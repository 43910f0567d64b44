#include "sluice/metastore/migration.h"

#include <vector>

#include "sluice/metastore/tests/scratch_database.h"

namespace sluice::metastore {
namespace {

using base::ErrorKind;

const std::vector<Migration> kFirst = {{"a", 1, "CREATE TABLE a (x INTEGER)"}};
const std::vector<Migration> kSecond = {{"a", 1, "CREATE TABLE a (x INTEGER)"},
                                        {"b", 1, "CREATE TABLE b (x INTEGER)"},
                                        {"a", 2, "ALTER TABLE a ADD COLUMN y INTEGER"}};
const base::ManualClock kClock({0});

using MigrationTest = ScratchDatabase;

TEST_F(MigrationTest, AppliesEachStepOnce) {
  ASSERT_TRUE(migrate(*database_, kFirst, "0.1", kClock).ok());
  ASSERT_TRUE(migrate(*database_, kFirst, "0.1", kClock).ok());
  ASSERT_TRUE(migrate(*database_, kSecond, "0.2", kClock).ok());
  EXPECT_TRUE(database_->execute("INSERT INTO a (x, y) SELECT 1, 2 FROM b").ok());
  EXPECT_TRUE(check_version(*database_, kSecond).ok());
}

TEST_F(MigrationTest, RefusesADatabaseOfANewerProgram) {
  ASSERT_TRUE(migrate(*database_, kSecond, "0.2", kClock).ok());
  const auto refused = migrate(*database_, kFirst, "0.1", kClock);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(refused.error().message.find("newer Sluice"), std::string::npos);
  EXPECT_EQ(check_version(*database_, kFirst).error().kind, ErrorKind::kUnsupported);
}

TEST_F(MigrationTest, ChangesNothingWhenOneStepFails) {
  const std::vector<Migration> broken = {kFirst[0], {"a", 2, "ALTER TABLE nope ADD COLUMN y"}};
  EXPECT_FALSE(migrate(*database_, broken, "0.1", kClock).ok());
  EXPECT_FALSE(database_->execute("SELECT * FROM a").ok());
  EXPECT_TRUE(migrate(*database_, kFirst, "0.1", kClock).ok());
}

TEST_F(MigrationTest, TellsAReaderOfAnEmptyDatabaseThatNothingIsThere) {
  EXPECT_EQ(check_version(*database_, kFirst).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(
      migrate(*database_, {}, "0.1", kClock).ok());  // as after a crash in the first migration
  EXPECT_EQ(check_version(*database_, kFirst).error().kind, ErrorKind::kNotFound);
}

TEST_F(MigrationTest, TellsAReaderToWaitForAnUpgrade) {
  ASSERT_TRUE(migrate(*database_, kFirst, "0.1", kClock).ok());
  EXPECT_EQ(check_version(*database_, kSecond).error().kind, ErrorKind::kConflict);
}

}  // namespace
}  // namespace sluice::metastore
