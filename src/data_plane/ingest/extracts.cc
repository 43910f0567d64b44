#include "sluice/ingest/extracts.h"

#include <fmt/format.h>

#include <array>

namespace sluice::ingest {

namespace {

using base::Result;
using base::Status;

constexpr std::array kMigrations = {metastore::Migration{
    "ingest", 1,
    "CREATE TABLE extracts ("
    "id INTEGER PRIMARY KEY, source TEXT NOT NULL, seq INTEGER NOT NULL, identity TEXT NOT NULL,"
    "cursor TEXT NOT NULL, upto TEXT NOT NULL);"
    "CREATE INDEX extracts_by_source ON extracts (source, seq);"}};

constexpr const char* kSelect = "SELECT seq, identity, cursor, upto FROM extracts WHERE source = ?";

Result<std::optional<ExtractPosition>> read_one(metastore::Statement& select) {
  SLUICE_ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) {
    return std::optional<ExtractPosition>();
  }
  return std::optional(ExtractPosition{select.get_int(0), select.get_text(1), select.get_text(2),
                                       select.get_text(3)});
}

std::string place_of(const project::Source& source, const yaml::Mark& mark) {
  return fmt::format("{}:{}:{}", source.file, mark.line, mark.column);
}

}  // namespace

std::span<const metastore::Migration> extract_migrations() { return kMigrations; }

Status insert_extract(metastore::Transaction& transaction, std::string_view source,
                      const ExtractPosition& position) {
  SLUICE_ASSIGN_OR_RETURN(
      metastore::Statement insert,
      transaction.database().prepare(
          "INSERT INTO extracts (source, seq, identity, cursor, upto) VALUES (?, ?, ?, ?, ?)"));
  return insert.bind(1, source)
      .bind(2, position.seq)
      .bind(3, position.identity)
      .bind(4, position.cursor)
      .bind(5, position.upto)
      .run();
}

Result<std::optional<ExtractPosition>> last_extract(metastore::Database& database,
                                                    std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(metastore::Statement select,
                          database.prepare(std::string(kSelect) + " ORDER BY id DESC LIMIT 1"));
  select.bind(1, source);
  return read_one(select);
}

Result<std::optional<ExtractPosition>> extract_of_file(metastore::Database& database,
                                                       std::string_view source, std::int64_t seq) {
  SLUICE_ASSIGN_OR_RETURN(
      metastore::Statement select,
      database.prepare(std::string(kSelect) + " AND seq = ? ORDER BY id DESC LIMIT 1"));
  select.bind(1, source).bind(2, seq);
  return read_one(select);
}

std::string to_text(const ExtractPosition& position) {
  return fmt::format("{} <= {} of {}", position.cursor, position.upto, position.identity);
}

Result<job::ExtractJob> extract_request(const project::Source& source,
                                        const project::Connection& connection,
                                        const std::optional<ExtractPosition>& last) {
  const project::DatabaseTable& database = *source.database;
  if (last && last->cursor != database.cursor) {
    return base::conflict(fmt::format(
        "{}: the cursor was '{}' up to now, and its position ({}) says nothing about '{}'; write "
        "cursor: {} again, or make another source",
        place_of(source, database.cursor_mark), last->cursor, last->upto, database.cursor,
        last->cursor));
  }
  job::ExtractJob job;
  job.kind = database.kind == project::DatabaseKind::kPostgres ? job::DatabaseKind::kPostgres
                                                               : job::DatabaseKind::kSqlite;
  job.connection = connection.text;
  job.secrets = connection.secrets;
  job.table = database.table;
  job.query = database.query;
  job.cursor = database.cursor;
  job.continues = database.continues;
  job.place = place_of(source, database.table_mark);
  if (last) {
    job.after = last->upto;
    job.identity = last->identity;
  }
  return job;
}

std::string extract_name(const project::Source& source, std::string_view after,
                         std::string_view upto) {
  const project::DatabaseTable& database = *source.database;
  const std::string from = database.table.empty() ? "query" : database.table;
  return after.empty()
             ? fmt::format("{} where {} <= {}", from, database.cursor, upto)
             : fmt::format("{} where {} > {} and <= {}", from, database.cursor, after, upto);
}

}  // namespace sluice::ingest
