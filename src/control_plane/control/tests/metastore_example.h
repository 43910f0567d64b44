#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "sluice/control/decision_store.h"

namespace sluice::control {

/// A metastore in memory that has the tables of decisions.
inline std::unique_ptr<metastore::Database> metastore_example() {
  auto database = metastore::Database::open(":memory:", metastore::OpenMode::kReadWrite);
  EXPECT_TRUE(database.ok());
  const base::ManualClock clock({0});
  EXPECT_TRUE(metastore::migrate(**database, decision_migrations(), "test", clock).ok());
  return std::move(*database);
}

}  // namespace sluice::control
