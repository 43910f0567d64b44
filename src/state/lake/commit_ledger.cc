#include "sluice/lake/commit_ledger.h"

#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;
using nlohmann::json;

std::string to_response(const std::vector<TableCommit>& tables) {
  json items = json::array();
  for (const TableCommit& table : tables) {
    json item = {{"table", to_text(table.table)},
                 {"metadata_location", table.metadata_location},
                 {"version", table.version}};
    if (table.snapshot_id) {
      item["snapshot_id"] = *table.snapshot_id;
    }
    items.push_back(std::move(item));
  }
  return json{{"tables", std::move(items)}}.dump();
}

Result<std::vector<TableCommit>> parse_response(const std::string& text, const std::string& what) {
  SLUICE_ASSIGN_OR_RETURN(const json object, base::parse_json(text, what));
  SLUICE_ASSIGN_OR_RETURN(const json* items, base::json_array(object, "tables", what));
  std::vector<TableCommit> tables;
  for (const json& item : *items) {
    TableCommit table;
    SLUICE_ASSIGN_OR_RETURN(const std::string name, base::json_string(item, "table", what));
    SLUICE_ASSIGN_OR_RETURN(table.table, parse_table_name(name));
    SLUICE_ASSIGN_OR_RETURN(table.metadata_location,
                            base::json_string(item, "metadata_location", what));
    SLUICE_ASSIGN_OR_RETURN(table.version, base::json_int(item, "version", what));
    SLUICE_ASSIGN_OR_RETURN(table.snapshot_id, base::json_int_if(item, "snapshot_id", what));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

Status insert_ledger_entry(metastore::Transaction& transaction, const LedgerEntry& entry) {
  metastore::Database& database = transaction.database();
  SLUICE_ASSIGN_OR_RETURN(Statement commit,
                          database.prepare("INSERT INTO commit_ledger VALUES (?, ?, ?, ?)"));
  SLUICE_RETURN_IF_ERROR(commit.bind(1, std::string_view(entry.id.text))
                             .bind(2, std::string_view(entry.request_hash))
                             .bind(3, std::string_view(to_response(entry.tables)))
                             .bind(4, entry.committed_at_us)
                             .run());
  SLUICE_ASSIGN_OR_RETURN(Statement move,
                          database.prepare("INSERT INTO commit_tables VALUES (?, ?, ?, ?, ?, ?)"));
  for (const TableCommit& table : entry.tables) {
    SLUICE_RETURN_IF_ERROR(move.bind(1, std::string_view(table.table.ns))
                               .bind(2, std::string_view(table.table.name))
                               .bind(3, table.version)
                               .bind(4, std::string_view(entry.id.text))
                               .bind(5, std::string_view(table.metadata_location))
                               .bind(6, table.snapshot_id)
                               .run());
  }
  return {};
}

Result<std::optional<LedgerEntry>> find_ledger_entry(metastore::Database& database,
                                                     const base::CommitId& id) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(
          "SELECT request_hash, response, committed_at FROM commit_ledger WHERE commit_id = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, std::string_view(id.text)).step());
  if (!found) {
    return std::optional<LedgerEntry>();
  }
  LedgerEntry entry{id, query.get_text(0), {}, query.get_int(2)};
  SLUICE_ASSIGN_OR_RETURN(entry.tables,
                          parse_response(query.get_text(1), "ledger row of commit " + id.text));
  return std::optional(std::move(entry));
}

Result<std::vector<LedgerEntry>> list_table_commits(metastore::Database& database,
                                                    const TableName& table,
                                                    std::int64_t version_min) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT l.commit_id, l.request_hash, l.committed_at, t.version, "
                       "t.metadata_location, t.snapshot_id FROM commit_tables t "
                       "JOIN commit_ledger l USING (commit_id) "
                       "WHERE t.ns = ? AND t.name = ? AND t.version >= ? ORDER BY t.version"));
  query.bind(1, std::string_view(table.ns)).bind(2, std::string_view(table.name));
  query.bind(3, version_min);
  std::vector<LedgerEntry> entries;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return entries;
    }
    TableCommit commit{table, query.get_text(4), query.get_int_if(5), query.get_int(3)};
    entries.push_back({base::CommitId(query.get_text(0)),
                       query.get_text(1),
                       {std::move(commit)},
                       query.get_int(2)});
  }
}

}  // namespace sluice::lake
