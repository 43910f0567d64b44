#pragma once

#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"

namespace sluice::lake {

/// What speaks against taking a metastore for the truth about a warehouse.
struct RestoreCheck {
  std::vector<std::string> newer;    // tables that have moved on since, each with both versions
  std::vector<std::string> missing;  // metadata files that it points to and that are not there
  std::int64_t tables = 0;
};

/// Compares a metastore, such as a backup, with the warehouse beside which it would be used: by the
/// pointer history that each table has.
base::Result<RestoreCheck> check_restore(Catalog& catalog);

}  // namespace sluice::lake
