#include "sluice/project/internal/source_database.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/connection.h"
#include "sluice/project/internal/source_file.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::int64_t kLagMsMax = std::int64_t{365} * 24 * 3600 * 1000;
constexpr std::string_view kSchemesHint =
    "write postgresql://user:${PASSWORD}@host:5432/database, mysql://user:${PASSWORD}@host:3306/"
    "database, or sqlite:path/of/the.db";

/// Reports something about the connection without its text, which may have a password.
void report(const Node& node, std::string message, std::string hint, Reader& reader) {
  reader.diagnostics().add({node.source == nullptr ? "" : node.source->file, node.mark,
                            std::move(message), std::move(hint), ""});
}

void read_connection(const Node& node, const std::filesystem::path& project_root,
                     DatabaseTable& database, Reader& reader) {
  database.connection_mark = node.mark;
  if (!node.is_scalar() || node.text.empty()) {
    report(node, "connection must be text", std::string(kSchemesHint), reader);
    return;
  }
  const std::string& text = node.text;
  database.connection = text;
  if (text.starts_with("${")) {
    return;  // whole in a variable: looked at when it is used
  }
  const bool mysql = text.starts_with("mysql://") || text.starts_with("mariadb://");
  if (mysql || text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    database.kind = mysql ? DatabaseKind::kMysql : DatabaseKind::kPostgres;
    const std::string_view password = password_in(text);
    if (!password.empty() && !password.starts_with("${")) {
      report(node, "a password must not stand in the project",
             "write ${NAME} for it and export NAME where sluice runs", reader);
    }
    return;
  }
  if (text.starts_with("sqlite:")) {
    database.kind = DatabaseKind::kSqlite;
    std::string_view path = std::string_view(text).substr(7);
    if (path.starts_with("///")) {
      path.remove_prefix(2);
    }
    if (path.empty() || path.starts_with("//")) {
      report(node, "the connection names no file", std::string(kSchemesHint), reader);
      return;
    }
    database.connection = (project_root / path).lexically_normal().string();
    return;
  }
  report(node, "the connection is to no database that is known", std::string(kSchemesHint), reader);
}

/// Reads `cursor_lag`: a time, or a number for a cursor that is one.
void read_lag(const Node& node, DatabaseTable& database, Reader& reader) {
  database.lag_mark = node.mark;
  const auto text = reader.text(node, "cursor_lag");
  if (!text) {
    return;
  }
  CursorLag lag;
  lag.text = *text;
  const char* end = text->data() + text->size();
  const auto number = std::from_chars(text->data(), end, lag.amount);
  if (number.ec != std::errc() || number.ptr != end) {
    const auto duration = yaml::parse_duration_ms(*text);
    if (!duration) {
      reader.add(node, "cursor_lag must be a time or a number, not '" + *text + "'",
                 "write how late rows may be committed: 10m for a cursor that is a time, 1000 for "
                 "one that is a number");
      return;
    }
    lag.amount = *duration;
    lag.is_time = true;
  }
  if (lag.amount <= 0 || (lag.is_time && lag.amount > kLagMsMax)) {
    reader.add(node, "cursor_lag must be above 0, and a time at most 365d, not " + *text);
    return;
  }
  if (lag.is_time && database.kind == DatabaseKind::kSqlite) {
    reader.add(node, "cursor_lag of a time is not known for SQLite, which keeps times as texts",
               "take a number as the cursor, such as rowid, and write how much of it rows may be "
               "late");
    return;
  }
  database.lag = std::move(lag);
}

void read_snapshot_key(const Node& root, DatabaseTable& database, Reader& reader) {
  const Node* key = root.find("snapshot_key");
  if (key == nullptr) {
    return;
  }
  database.snapshot_mark = key->mark;
  for (const NamedPlace& place : read_places(*key, "snapshot_key", reader)) {
    database.snapshot_key.push_back(place.name);
  }
  if (key->is_list() && key->children.empty()) {
    reader.add(*key, "snapshot_key must name at least one column");
  }
  for (const std::string_view other : {"cursor", "cursor_lag"}) {
    if (const Node* given = root.find(other)) {
      reader.add(*given,
                 "a source of type sql has either '" + std::string(other) + "' or 'snapshot_key'");
    }
  }
}

/// Says whether a name is one that can be quoted, part by part: `orders`, `sales.orders`.
bool is_dotted_name(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.back() == '.') {
    return false;
  }
  return name.find("..") == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

void read_rows(const Node& root, DatabaseTable& database, Reader& reader) {
  const Node* table = root.find("table");
  const Node* query = root.find("query");
  if ((table == nullptr) == (query == nullptr)) {
    reader.add(table == nullptr ? root : *query,
               table == nullptr ? "a source of type sql needs 'table' or 'query'"
                                : "a source of type sql has either 'table' or 'query'");
    return;
  }
  const Node& given = table == nullptr ? *query : *table;
  database.table_mark = given.mark;
  auto text = reader.text(given, table == nullptr ? "query" : "table");
  if (!text) {
    return;
  }
  if (table != nullptr) {
    if (!is_dotted_name(*text)) {
      reader.add(given, "'" + *text + "' names no table", "write name, or schema.name");
    }
    database.table = std::move(*text);
    return;
  }
  std::string trimmed(base::trim(*text));
  while (trimmed.ends_with(';')) {
    trimmed.pop_back();
    trimmed = std::string(base::trim(trimmed));
  }
  if (trimmed.empty()) {
    reader.add(given, "the query must not be empty");
  }
  database.query = std::move(trimmed);
}

}  // namespace

void read_database(const Node& root, const std::filesystem::path& project_root, Source& source,
                   Reader& reader) {
  DatabaseTable database;
  source.format = FileFormat::kParquet;  // of the extracts
  if (const Node* connection = reader.required(root, "connection", "a source of type sql")) {
    read_connection(*connection, project_root, database, reader);
  }
  read_rows(root, database, reader);
  read_snapshot_key(root, database, reader);
  if (const Node* cursor = root.find("cursor")) {
    database.cursor_mark = cursor->mark;
    database.cursor = reader.text(*cursor, "cursor").value_or("");
    if (database.cursor.empty()) {
      reader.add(*cursor, "the cursor must name a column");
    }
  } else if (database.snapshot_key.empty()) {
    reader.add(root, "a source of type sql needs 'cursor' or 'snapshot_key'",
               "cursor: a column that only grows from row to row, such as updated_at or id; each "
               "run takes the rows beyond the highest value of the run before. snapshot_key: "
               "columns that tell rows apart; each run reads all and takes what changed");
  }
  if (const Node* lag = root.find("cursor_lag")) {
    read_lag(*lag, database, reader);
  }
  if (const Node* continues = root.find("continues")) {
    database.continues = reader.text(*continues, "continues").value_or("");
  }
  source.database = std::move(database);
}

}  // namespace sluice::project::internal
