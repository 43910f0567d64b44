#pragma once

#include <span>
#include <string_view>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"

namespace sluice::metastore {

/// One step of a module's part of the schema. Versions of a module count from 1 without gaps; a
/// step that has been released is never changed.
struct Migration {
  std::string_view module;
  int version = 1;
  std::string_view sql;
};

/// Brings the database to the newest version of every module, all steps in one transaction.
/// kUnsupported when it was written by a newer program, naming the module and both versions.
base::Status migrate(Database& database, std::span<const Migration> migrations,
                     std::string_view program_version, const base::Clock& clock);

/// Checks for a reader that the database has exactly these versions: kUnsupported when it is newer,
/// kConflict when it is older and a writer must migrate it first, kNotFound when it is empty.
base::Status check_version(Database& database, std::span<const Migration> migrations);

}  // namespace sluice::metastore
