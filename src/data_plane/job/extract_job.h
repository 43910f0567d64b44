#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::job {

enum class DatabaseKind : std::uint8_t { kPostgres, kMysql, kSqlite };

/// An extract that was landed before.
struct TakenRows {
  std::string path;
  std::string upto;
};

struct KeyColumn {
  std::string name;
  std::vector<std::string> former;  // names that it had in earlier extracts
};

/// How far behind `after` rows are looked for again.
struct CursorLag {
  std::int64_t amount = 0;  // ms of a time, or what is taken off a number; 0: no row is late
  bool is_time = false;
  std::vector<KeyColumn> key;    // tells rows with the same cursor apart
  std::vector<TakenRows> taken;  // newest first
};

/// Reads the rows of a table or query of a database whose `cursor` is beyond `after`, in its order
/// and one transaction, and writes them as one Parquet file at `path`, durably.
///
/// `after` and the answer's `upto` are values of the cursor as literals of the database's own SQL,
/// "" for none. With a lag, rows that far behind `after` are read again, and those that no extract
/// before has, by cursor and key, are late ones and come along. Values that a Parquet file or
/// DuckDB would change (numbers without a fixed scale, what has no counterpart) are written as the
/// text that the database gives them.
struct ExtractJob {
  DatabaseKind kind = DatabaseKind::kPostgres;
  std::string connection;            // a URL, or the path of a SQLite file
  std::vector<std::string> secrets;  // parts of it that no message may show
  std::string table;                 // `orders`, `sales.orders`; "" with a query
  std::string query;
  std::string cursor;
  std::string after;
  std::string identity;   // the table's at the extract before, "" for none: another is kConflict
  std::string continues;  // an identity that may take its place
  std::string path;
  std::string place;  // where the source says this: in front of every error
  CursorLag lag;
};

struct ExtractResult {
  std::int64_t rows = 0;  // 0: there is no file
  std::string identity;   // of the table that was read
  std::string upto;       // the highest value of the cursor that was read, or `after`
};

}  // namespace sluice::job
