#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/job/extract_job.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// Name under which the database stands in the session.
inline constexpr std::string_view kAttached = "source_database";

/// The SQL of one kind of database, in its own dialect, and what DuckDB needs to speak to it.
class DatabaseDialect {
 public:
  /// `job` outlives the dialect.
  explicit DatabaseDialect(const job::ExtractJob& job) : job_(job) {}
  DatabaseDialect(const DatabaseDialect&) = delete;
  DatabaseDialect& operator=(const DatabaseDialect&) = delete;
  virtual ~DatabaseDialect() = default;

  /// The DuckDB extension: its file's name without the ending.
  virtual std::string_view extension() const = 0;
  /// DuckDB statements that attach the database to read it; the extension is loaded.
  virtual std::vector<std::string> attach() const = 0;
  /// DuckDB SQL: the rows that a statement of the database yields.
  std::string rows_of(std::string_view statement) const;

  /// One text: which table this is, told from one of the same name made later where the database
  /// can; null when it is not there.
  virtual std::string identity() const = 0;
  /// The table's columns, without rows.
  virtual std::string shape() const { return "SELECT * FROM " + from(); }
  /// One row that tells, for each column, what DuckDB's type of it does not say; "" where there is
  /// nothing to ask.
  virtual std::string natures(std::span<const job::NamedColumn>) const { return ""; }
  /// `upto`: the highest value of the cursor as a literal, 'NULL' or null without one;
  /// `has_nulls`: whether a row has none, as 1 or 0.
  std::string bounds(const job::NamedColumn& cursor) const;
  /// The rows beyond `after`, or behind it by the lag, up to `upto`, in the cursor's order.
  /// `natures` are those of the columns, or none.
  std::string extract(std::span<const job::NamedColumn> columns,
                      std::span<const std::string> natures, const job::NamedColumn& cursor,
                      std::string_view upto) const;
  /// All rows, in any order.
  std::string whole(std::span<const job::NamedColumn> columns,
                    std::span<const std::string> natures) const;

 protected:
  virtual std::string_view query_function() const = 0;
  virtual std::string quoted(std::string_view name) const = 0;
  /// The highest of the cursor's values as a literal of the database, in text.
  virtual std::string highest(const job::NamedColumn& cursor) const = 0;
  /// A column as it is to be read, under its name.
  virtual std::string column(const job::NamedColumn& column, std::string_view nature) const = 0;
  /// `after` less the lag.
  virtual std::string behind(const job::NamedColumn& cursor) const = 0;

  std::string selected(std::span<const job::NamedColumn> columns,
                       std::span<const std::string> natures) const;
  std::string from() const;
  /// Quotes each part of `schema.table`.
  std::string quoted_table() const;

  const job::ExtractJob& job_;
};

std::unique_ptr<DatabaseDialect> make_dialect(const job::ExtractJob& job);
std::unique_ptr<DatabaseDialect> make_postgres_dialect(const job::ExtractJob& job);
std::unique_ptr<DatabaseDialect> make_mysql_dialect(const job::ExtractJob& job);
std::unique_ptr<DatabaseDialect> make_sqlite_dialect(const job::ExtractJob& job);

}  // namespace sluice::duck_jobs
