#include "sluice/metastore/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

namespace sluice::metastore {

namespace {

using base::Result;
using base::Status;

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "module TEXT NOT NULL, version INTEGER NOT NULL, applied_at INTEGER NOT NULL, "
    "program_version TEXT NOT NULL, PRIMARY KEY (module, version))";

using Versions = std::map<std::string, int, std::less<>>;

Result<Versions> applied_versions(Database& database) {
  Versions versions;
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT module, max(version) FROM schema_migrations GROUP BY module"));
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return versions;
    }
    versions[query.get_text(0)] = static_cast<int>(query.get_int(1));
  }
}

/// Whether a migration was ever begun: the process that made the file may have died before.
Result<bool> has_versions(Database& database) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'"));
  return query.step();
}

Versions known_versions(std::span<const Migration> migrations) {
  Versions versions;
  for (const Migration& migration : migrations) {
    int& newest = versions[std::string(migration.module)];
    newest = std::max(newest, migration.version);
  }
  return versions;
}

Status refuse_newer(const Database& database, const Versions& applied, const Versions& known) {
  for (const auto& [module, version] : applied) {
    const auto found = known.find(module);
    const int newest = found == known.end() ? 0 : found->second;
    if (version > newest) {
      return base::unsupported(
          fmt::format("metastore {} was written by a newer Sluice ({} is at version {}, this one "
                      "knows {}); upgrade Sluice to use it",
                      database.path(), module, version, newest));
    }
  }
  return {};
}

Status apply(Database& database, const Migration& migration, std::string_view program_version,
             const base::Clock& clock) {
  SLUICE_RETURN_IF_ERROR(database.execute(std::string(migration.sql)));
  SLUICE_ASSIGN_OR_RETURN(Statement record,
                          database.prepare("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)"));
  return record.bind(1, migration.module)
      .bind(2, std::int64_t{migration.version})
      .bind(3, clock.now().us)
      .bind(4, program_version)
      .run();
}

}  // namespace

Status migrate(Database& database, std::span<const Migration> migrations,
               std::string_view program_version, const base::Clock& clock) {
  SLUICE_RETURN_IF_ERROR(database.execute(kTable));
  SLUICE_ASSIGN_OR_RETURN(const Versions applied, applied_versions(database));
  SLUICE_RETURN_IF_ERROR(refuse_newer(database, applied, known_versions(migrations)));
  if (applied == known_versions(migrations)) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.module);
    if (found == applied.end() || found->second < migration.version) {
      SLUICE_RETURN_IF_ERROR(apply(database, migration, program_version, clock));
    }
  }
  return transaction.commit();
}

Status check_version(Database& database, std::span<const Migration> migrations) {
  SLUICE_ASSIGN_OR_RETURN(const bool begun, has_versions(database));
  Versions applied;
  if (begun) {
    SLUICE_ASSIGN_OR_RETURN(applied, applied_versions(database));
  }
  if (applied.empty()) {
    return base::not_found(fmt::format("metastore {} holds nothing yet", database.path()));
  }
  const Versions known = known_versions(migrations);
  SLUICE_RETURN_IF_ERROR(refuse_newer(database, applied, known));
  if (applied != known) {
    return base::conflict(
        fmt::format("metastore {} is older than this Sluice; 'sluice run' brings it "
                    "up to date",
                    database.path()));
  }
  return {};
}

}  // namespace sluice::metastore
