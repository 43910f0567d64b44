#include "sluice/ingest/extracts.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "sluice/lake/landed_files.h"

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

constexpr std::string_view kUpTo = " <= ";  // in names and properties: what follows is the value
constexpr const char* kSelect = "SELECT seq, identity, cursor, upto FROM extracts WHERE source = ?";

Result<std::optional<ExtractPosition>> read_one(metastore::Statement& select) {
  SLUICE_ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) {
    return std::optional<ExtractPosition>();
  }
  return std::optional(ExtractPosition{select.get_int(0), select.get_text(1), select.get_text(2),
                                       select.get_text(3)});
}

/// How far the newest extract of each landed file went.
Result<std::map<std::int64_t, std::string>> upto_by_file(metastore::Database& database,
                                                         std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(
      metastore::Statement select,
      database.prepare("SELECT seq, upto FROM extracts WHERE source = ? ORDER BY id"));
  select.bind(1, source);
  std::map<std::int64_t, std::string> known;
  for (;;) {
    SLUICE_ASSIGN_OR_RETURN(const bool found, select.step());
    if (!found) {
      return known;
    }
    known[select.get_int(0)] = select.get_text(1);
  }
}

/// The table's identity in what to_text() has written.
std::string_view identity_in(std::string_view property) {
  std::size_t found = std::string_view::npos;
  for (const std::string_view kind : {" of postgresql:", " of mysql:", " of sqlite:"}) {
    const std::size_t at = property.rfind(kind);
    found = at == std::string_view::npos ? found : at + std::string_view(" of ").size();
  }
  return found == std::string_view::npos ? "" : property.substr(found);
}

std::string place_of(const project::Source& source, const yaml::Mark& mark) {
  return fmt::format("{}:{}:{}", source.file, mark.line, mark.column);
}

/// A position says nothing of another column.
Status check_same_way(const project::Source& source, const std::optional<ExtractPosition>& last) {
  const project::DatabaseTable& database = *source.database;
  if (!last || last->cursor == database.cursor) {
    return {};
  }
  if (database.cursor.empty()) {
    return base::conflict(
        fmt::format("{}: the rows were taken by the cursor '{}' up to now; write cursor: {} again, "
                    "or make another source",
                    place_of(source, database.snapshot_mark), last->cursor, last->cursor));
  }
  if (last->cursor.empty()) {
    return base::conflict(
        fmt::format("{}: the table was read in full up to now, so nothing is known of '{}'; write "
                    "snapshot_key again, or make another source",
                    place_of(source, database.cursor_mark), database.cursor));
  }
  return base::conflict(fmt::format(
      "{}: the cursor was '{}' up to now, and its position ({}) says nothing about '{}'; write "
      "cursor: {} again, or make another source",
      place_of(source, database.cursor_mark), last->cursor, last->upto, database.cursor,
      last->cursor));
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

std::string extract_property(std::string_view source) {
  return fmt::format("sluice.extract.{}", source);
}

std::string to_text(const ExtractPosition& position) {
  return position.cursor.empty() ? "all rows of " + position.identity
                                 : fmt::format("{}{}{} of {}", position.cursor, kUpTo,
                                               position.upto, position.identity);
}

Status restore_extracts(metastore::Database& database, const project::Source& source,
                        std::string_view property) {
  SLUICE_ASSIGN_OR_RETURN(const auto last, last_extract(database, source.table));
  SLUICE_ASSIGN_OR_RETURN(const auto landed,
                          lake::list_landed(database, source.table, last ? last->seq : 0));
  if (landed.empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto known, upto_by_file(database, source.table));
  ExtractPosition restored;
  restored.cursor = last ? last->cursor : source.database->cursor;
  restored.identity = last ? last->identity : std::string(identity_in(property));
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database));
  for (const lake::LandedFile& file : landed) {
    const std::size_t at = file.original_name.rfind(kUpTo);
    if (known.contains(file.seq) || (at == std::string::npos && !restored.cursor.empty())) {
      continue;
    }
    restored.seq = file.seq;
    restored.upto = restored.cursor.empty() ? "" : file.original_name.substr(at + kUpTo.size());
    SLUICE_RETURN_IF_ERROR(insert_extract(transaction, source.table, restored));
  }
  return transaction.commit();
}

Result<job::CursorLag> lag_request(metastore::Database& database, const project::Source& source,
                                   std::span<const std::string> key) {
  job::CursorLag lag;
  if (source.database->lag) {
    lag.amount = source.database->lag->amount;
    lag.is_time = source.database->lag->is_time;
  } else if (source.database->snapshot_key.empty()) {
    return lag;
  }
  for (const std::string& column : key) {
    job::KeyColumn& one = lag.key.emplace_back();
    one.name = column;
    for (const auto& [former, name] : source.renames) {
      if (name == column) {
        one.former.push_back(former);
      }
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const auto landed, lake::list_landed(database, source.table));
  SLUICE_ASSIGN_OR_RETURN(const auto known, upto_by_file(database, source.table));
  for (auto file = landed.rbegin(); file != landed.rend(); ++file) {
    if (const auto extract = known.find(file->seq); extract != known.end()) {
      lag.taken.push_back({file->raw_path, extract->second});
    }
  }
  return lag;
}

Result<job::ExtractJob> extract_request(const project::Source& source,
                                        const project::Connection& connection,
                                        const std::optional<ExtractPosition>& last) {
  const project::DatabaseTable& database = *source.database;
  SLUICE_RETURN_IF_ERROR(check_same_way(source, last));
  job::ExtractJob job;
  job.kind = connection.kind == project::DatabaseKind::kPostgres ? job::DatabaseKind::kPostgres
             : connection.kind == project::DatabaseKind::kMysql  ? job::DatabaseKind::kMysql
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
  if (database.cursor.empty()) {
    return fmt::format("{}, rows that are new or changed", from);
  }
  if (after.empty()) {
    return fmt::format("{} where {}{}{}", from, database.cursor, kUpTo, upto);
  }
  const std::string lag = database.lag ? " - " + database.lag->text : "";
  return fmt::format("{} where {} > {}{} and{}{}", from, database.cursor, after, lag, kUpTo, upto);
}

}  // namespace sluice::ingest
