#include "sluice/lake/table_drop.h"

#include <array>
#include <utility>

#include "sluice/base/crash_point.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;
using metastore::Transaction;

constexpr std::array kMigrations = {
    metastore::Migration{"lake_drop", 1,
                         "CREATE TABLE dropped_folders (path TEXT PRIMARY KEY, "
                         "dropped_at INTEGER NOT NULL) WITHOUT ROWID"}};

constexpr std::array kOfTables = {"DELETE FROM commit_tables WHERE ns = ? AND name = ?",
                                  "DELETE FROM lake_tables WHERE ns = ? AND name = ?"};
constexpr std::array kOfSources = {"DELETE FROM landed_files WHERE source = ?",
                                   "DELETE FROM skipped_files WHERE source = ?",
                                   "DELETE FROM landing_ledgers WHERE source = ?"};

Status note_folder(Transaction& transaction, const std::string& path, std::int64_t at_us) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare("INSERT OR REPLACE INTO dropped_folders VALUES (?, ?)"));
  return write.bind(1, path).bind(2, at_us).run();
}

Status forget_rows(Transaction& transaction, const Drop& drop) {
  for (const TableName& table : drop.tables) {
    for (const char* sql : kOfTables) {
      SLUICE_ASSIGN_OR_RETURN(Statement remove, transaction.database().prepare(sql));
      SLUICE_RETURN_IF_ERROR(remove.bind(1, table.ns).bind(2, table.name).run());
    }
  }
  for (const std::string& source : drop.sources) {
    for (const char* sql : kOfSources) {
      SLUICE_ASSIGN_OR_RETURN(Statement remove, transaction.database().prepare(sql));
      SLUICE_RETURN_IF_ERROR(remove.bind(1, source).run());
    }
  }
  return {};
}

}  // namespace

std::span<const metastore::Migration> drop_migrations() { return kMigrations; }

Status drop_tables(Catalog& catalog, const Drop& drop, const base::Clock& clock) {
  std::vector<std::string> folders;
  for (const TableName& table : drop.tables) {
    SLUICE_RETURN_IF_ERROR(catalog.find_to_change(table));
    folders.push_back(catalog.table_path(table));
  }
  for (const std::string& source : drop.sources) {
    folders.push_back(catalog.warehouse() + "/_raw/" + source);
  }
  SLUICE_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(catalog.database()));
  for (const std::string& folder : folders) {
    SLUICE_RETURN_IF_ERROR(note_folder(transaction, folder, clock.now().us));
  }
  SLUICE_RETURN_IF_ERROR(forget_rows(transaction, drop));
  if (drop.in_transaction) {
    SLUICE_RETURN_IF_ERROR(drop.in_transaction(transaction));
  }
  base::crash_point("lake.drop.before_transaction");
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  base::crash_point("lake.drop.after_transaction");
  for (const TableName& table : drop.tables) {
    catalog.forget(table);
  }
  const auto removed = finish_drops(catalog);
  return removed ? Status() : Status(removed.error());
}

Result<std::size_t> finish_drops(Catalog& catalog) {
  std::vector<std::string> folders;
  {
    SLUICE_ASSIGN_OR_RETURN(Statement query,
                            catalog.database().prepare("SELECT path FROM dropped_folders"));
    while (true) {
      SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
      if (!row) {
        break;
      }
      folders.push_back(query.get_text(0));
    }
  }
  for (const std::string& folder : folders) {
    SLUICE_RETURN_IF_ERROR(catalog.files().remove_all(folder));
    base::crash_point("lake.drop.folder_removed");
    SLUICE_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(catalog.database()));
    SLUICE_ASSIGN_OR_RETURN(
        Statement remove, catalog.database().prepare("DELETE FROM dropped_folders WHERE path = ?"));
    SLUICE_RETURN_IF_ERROR(remove.bind(1, folder).run());
    SLUICE_RETURN_IF_ERROR(transaction.commit());
  }
  return folders.size();
}

}  // namespace sluice::lake
