#include "sluice/run/erasure_store.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;
using nlohmann::json;

constexpr std::array kMigrations = {metastore::Migration{
    "erasure", 1,
    "CREATE TABLE erasures (id TEXT PRIMARY KEY, column_name TEXT NOT NULL, salt TEXT NOT NULL, "
    "key_hash TEXT NOT NULL, by_whom TEXT NOT NULL, commit_id TEXT NOT NULL, "
    "committed_at INTEGER NOT NULL, done_at INTEGER, rows INTEGER NOT NULL, "
    "report TEXT NOT NULL)"}};

json to_json(const Erasure& erasure) {
  json report = {{"tables", json::array()},
                 {"raw_files", json::array()},
                 {"models", erasure.models},
                 {"remains", erasure.remains},
                 {"drop_tags", erasure.drop_tags}};
  for (const ErasedTable& table : erasure.tables) {
    report["tables"].push_back({{"table", table.table},
                                {"rows", table.rows},
                                {"files", table.files},
                                {"snapshots", table.snapshots}});
  }
  for (const ErasedRaw& raw : erasure.raw) {
    report["raw_files"].push_back({{"source", raw.source},
                                   {"seq", raw.seq},
                                   {"raw_path", raw.raw_path},
                                   {"replacement", raw.replacement},
                                   {"records", raw.records}});
  }
  return report;
}

Status read_report(const std::string& text, Erasure& erasure) {
  constexpr const char* kWhat = "erasures.report";
  SLUICE_ASSIGN_OR_RETURN(const json report, base::parse_json(text, kWhat));
  SLUICE_ASSIGN_OR_RETURN(erasure.drop_tags, base::json_bool(report, "drop_tags", kWhat));
  SLUICE_ASSIGN_OR_RETURN(const json* tables, base::json_array(report, "tables", kWhat));
  for (const json& item : *tables) {
    ErasedTable table;
    SLUICE_ASSIGN_OR_RETURN(table.table, base::json_string(item, "table", kWhat));
    SLUICE_ASSIGN_OR_RETURN(table.rows, base::json_int(item, "rows", kWhat));
    SLUICE_ASSIGN_OR_RETURN(table.files, base::json_int(item, "files", kWhat));
    SLUICE_ASSIGN_OR_RETURN(table.snapshots, base::json_int(item, "snapshots", kWhat));
    erasure.tables.push_back(std::move(table));
  }
  SLUICE_ASSIGN_OR_RETURN(const json* raw_files, base::json_array(report, "raw_files", kWhat));
  for (const json& item : *raw_files) {
    ErasedRaw raw;
    SLUICE_ASSIGN_OR_RETURN(raw.source, base::json_string(item, "source", kWhat));
    SLUICE_ASSIGN_OR_RETURN(raw.seq, base::json_int(item, "seq", kWhat));
    SLUICE_ASSIGN_OR_RETURN(raw.raw_path, base::json_string(item, "raw_path", kWhat));
    SLUICE_ASSIGN_OR_RETURN(raw.replacement, base::json_string(item, "replacement", kWhat));
    SLUICE_ASSIGN_OR_RETURN(raw.records, base::json_int(item, "records", kWhat));
    erasure.raw.push_back(std::move(raw));
  }
  const auto texts = [&](const char* key, std::vector<std::string>& list) -> Status {
    SLUICE_ASSIGN_OR_RETURN(const json* items, base::json_array(report, key, kWhat));
    for (const json& item : *items) {
      list.push_back(item.is_string() ? item.get<std::string>() : "");
    }
    return {};
  };
  SLUICE_RETURN_IF_ERROR(texts("models", erasure.models));
  return texts("remains", erasure.remains);
}

std::int64_t rows_of(const Erasure& erasure) {
  std::int64_t rows = 0;
  for (const ErasedTable& table : erasure.tables) {
    rows += table.rows;
  }
  return rows;
}

std::string report_text(const Erasure& erasure) {
  return to_json(erasure).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::span<const metastore::Migration> erasure_migrations() { return kMigrations; }

Status insert_erasure(metastore::Transaction& transaction, const Erasure& erasure) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement insert,
      transaction.database().prepare(
          "INSERT INTO erasures (id, column_name, salt, key_hash, by_whom, commit_id, "
          "committed_at, rows, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return insert.bind(1, erasure.id)
      .bind(2, erasure.column)
      .bind(3, erasure.salt)
      .bind(4, erasure.key_hash)
      .bind(5, erasure.by)
      .bind(6, erasure.commit.text)
      .bind(7, erasure.committed_at.us)
      .bind(8, rows_of(erasure))
      .bind(9, report_text(erasure))
      .run();
}

Status mark_erasure_done(metastore::Transaction& transaction, const Erasure& erasure,
                         base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement update,
      transaction.database().prepare("UPDATE erasures SET done_at = ?, report = ? WHERE id = ?"));
  return update.bind(1, at.us).bind(2, report_text(erasure)).bind(3, erasure.id).run();
}

Result<std::vector<Erasure>> open_erasures(metastore::Database& database) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT id, column_name, salt, key_hash, by_whom, commit_id, committed_at, "
                       "report FROM erasures WHERE done_at IS NULL ORDER BY committed_at"));
  std::vector<Erasure> open;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return open;
    }
    Erasure erasure;
    erasure.id = query.get_text(0);
    erasure.column = query.get_text(1);
    erasure.salt = query.get_text(2);
    erasure.key_hash = query.get_text(3);
    erasure.by = query.get_text(4);
    erasure.commit = base::CommitId(query.get_text(5));
    erasure.committed_at = {query.get_int(6)};
    SLUICE_RETURN_IF_ERROR(read_report(query.get_text(7), erasure));
    open.push_back(std::move(erasure));
  }
}

}  // namespace sluice::run
