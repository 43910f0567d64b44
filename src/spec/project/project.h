#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/project/alert_settings.h"
#include "sluice/project/settings.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project {

enum class OnViolation { kQuarantine, kDrop, kFail };
/// What becomes of a dropped file: copied into the raw zone, moved there, or read where it is.
enum class RawMode { kCopy, kMove, kReference };
enum class RefreshMode { kAuto, kIncremental, kFull };
enum class Priority { kLow, kNormal, kHigh };

/// What happens to a batch whose records have other columns than the table.
enum class SchemaChanges {
  kDiscardRow,    // those records go where `on_violation` says
  kFreeze,        // the whole batch waits until the contract or the data is changed
  kEvolve,        // the table gets the column, or the wider type, where it may
  kDiscardValue,  // what the contract does not know, and a value that does not fit, are left out
};

std::string_view to_text(OnViolation action);
std::string_view to_text(SchemaChanges changes);
std::string_view to_text(RawMode mode);
std::string_view to_text(RefreshMode mode);
std::string_view to_text(Priority priority);

/// What the dropped files are. `json` is one array of objects or top-level objects, `ndjson` one
/// object a line.
enum class FileFormat { kCsv, kNdjson, kJson, kParquet };
/// How they are packed; kAuto is told by the first bytes of each.
enum class Compression { kAuto, kNone, kGzip, kZstd };
/// What the bytes of a text file mean where it has no byte order mark.
enum class Encoding { kUtf8, kUtf16Le, kUtf16Be, kLatin1, kWindows1252 };

std::string_view to_text(FileFormat format);

/// How the text of a CSV file is divided. A NUL character stands for none.
struct CsvOptions {
  char delimiter = ',';
  char quote = '"';
  bool header = true;
  char escape = 0;
  char comment = 0;
  std::int64_t skip_lines = 0;
  char decimal = '.';
};

/// Which records of a source say the same: those with equal values in `key`. Of such records the
/// first stays, of those that arrived less than `window_ms` apart; without a window, of all.
struct Dedupe {
  std::vector<std::string> key;
  std::optional<std::int64_t> window_ms;
};

enum class DatabaseKind { kPostgres, kMysql, kSqlite };

/// How far behind its cursor a source looks for rows that were committed late.
struct CursorLag {
  std::int64_t amount = 0;  // ms of a time, or what is taken off a number
  bool is_time = false;
  std::string text;  // as written
};

/// Which rows of a database a source takes: those of `table`, or of `query` when that is not empty,
/// whose `cursor` is beyond what was taken before, or those that changed by `snapshot_key`.
/// `connection` is as written, with `${...}` in it, so that no secret is kept; expand_connection()
/// resolves it.
struct DatabaseTable {
  DatabaseKind kind = DatabaseKind::kPostgres;
  std::string connection;
  yaml::Mark connection_mark;
  std::string table;
  std::string query;
  yaml::Mark table_mark;  // of the table or the query
  std::string cursor;
  yaml::Mark cursor_mark;
  std::optional<CursorLag> lag;
  yaml::Mark lag_mark;
  // In place of a cursor: all rows are read each time, and those whose values differ from what was
  // taken last under the same key are taken.
  std::vector<std::string> snapshot_key;
  yaml::Mark snapshot_mark;
  std::string continues;  // identity of a table that may take the place of the one before
};

/// A source of rows: files dropped where `paths` match, each an absolute file, folder or glob, or a
/// table of a database, whose extracts are Parquet files. `contract` is an index into
/// Project::contracts; without a declared one it is made from what the table has, or from the
/// files.
struct Source {
  std::string table;  // `bronze.orders`
  std::string name;   // `orders`
  std::string file;   // relative to the project
  yaml::Mark mark;    // of the table's name
  std::string description;
  std::vector<std::string> tags;
  std::vector<std::string> paths;
  std::optional<DatabaseTable> database;  // type: sql; `paths` is empty then
  RawMode raw = RawMode::kCopy;
  bool spares_files = false;  // `raw: move`, made a copy in a target that may not take files away
  FileFormat format = FileFormat::kCsv;
  Compression compression = Compression::kAuto;
  Encoding encoding = Encoding::kUtf8;
  CsvOptions csv;
  std::vector<std::string> nulls = {""};
  std::optional<std::size_t> contract;
  bool inferred = false;  // no contract is declared
  OnViolation on_violation = OnViolation::kQuarantine;
  std::optional<Dedupe> dedupe;
  SchemaChanges schema_changes = SchemaChanges::kDiscardRow;
  std::int64_t settle_ms = 2000;
  std::vector<std::string> partition_by;       // as written: `day(ts)`
  std::map<std::string, std::string> renames;  // of columns, new name by old
};

/// A name in a model's header, with its place.
struct NamedPlace {
  std::string name;
  yaml::Mark mark;
};

/// One SQL SELECT that defines a table, plus its objectives. `expectations` is an index into
/// Project::contracts. Names in `key`, `partition_by` and `depends_on` have not been resolved.
struct Model {
  std::string table;  // `gold.daily` from models/gold/daily.sql
  std::string file;   // relative to the project
  std::string description;
  std::vector<std::string> tags;
  std::optional<std::int64_t> target_lag_ms;
  RefreshMode refresh = RefreshMode::kAuto;
  std::vector<NamedPlace> key;
  std::vector<NamedPlace> partition_by;
  Priority priority = Priority::kNormal;
  std::string engine;  // "" for the default
  std::vector<NamedPlace> depends_on;
  std::map<std::string, std::string> renames;  // of columns, new name by old
  std::string text;                            // the whole file
  std::size_t sql_offset = 0;  // bytes [sql_offset, sql_end) of `text` are the statement
  std::size_t sql_end = 0;     // before the last semicolon and blanks
  std::optional<std::size_t> expectations;

  std::string_view sql() const {
    return std::string_view(text).substr(sql_offset, sql_end - sql_offset);
  }
  /// Says whether its rows are a file of seeds/, and the SELECT was made from them.
  bool is_seed() const { return file.starts_with("seeds/"); }
  /// Returns the place of a byte of sql() in the file.
  yaml::Mark place(std::size_t sql_byte) const;
};

/// A project folder as read. Sources, contracts and models are ordered by file. `digests` are those
/// of the files and of the variables in them, by their names relative to the project.
struct Project {
  std::string name;
  std::filesystem::path root;  // absolute
  std::vector<Target> targets;
  std::string default_target;
  std::string default_engine = "duckdb";
  std::string timezone = "UTC";
  Resources resources;
  OptimizerSettings optimizer;
  Prices prices;
  std::vector<Variable> variables;  // by name, as the target in use has them
  AlertSettings alerts;
  std::vector<Source> sources;
  std::vector<contract::Contract> contracts;
  std::vector<Model> models;
  std::map<std::string, std::string> digests;
  std::map<std::string, std::string> contract_texts;  // by file
  bool sources_unread = false;  // a source's file was wrong: tables that exist are not all known

  const Target* find_target(std::string_view name) const;
  const Source* find_source(std::string_view table) const;
  const Model* find_model(std::string_view table) const;
  const Variable* find_variable(std::string_view name) const;
};

}  // namespace sluice::project
