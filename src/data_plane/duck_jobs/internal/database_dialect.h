#pragma once

#include <optional>
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
  explicit DatabaseDialect(const job::ExtractJob& job) : job_(job) {}

  /// The DuckDB extension: its file's name without the ending.
  std::string_view extension() const;
  /// DuckDB statements that attach the database to read it; the extension is loaded.
  std::vector<std::string> attach() const;
  /// DuckDB SQL: the rows that a statement of the database yields.
  std::string rows_of(std::string_view statement) const;

  /// One text: which table this is, told from one of the same name made later where the database
  /// can; null when it is not there.
  std::string identity() const;
  /// The table's columns, without rows.
  std::string shape() const;
  /// `upto`: the highest value of the cursor as a literal, 'NULL' or null without one;
  /// `has_nulls`: whether a row has none, as 1 or 0.
  std::string bounds() const;
  /// The rows beyond `after` up to `upto`, in the cursor's order.
  std::string extract(std::span<const job::NamedColumn> columns, std::string_view upto) const;

 private:
  bool is_postgres() const { return job_.kind == job::DatabaseKind::kPostgres; }
  std::string from() const;
  std::string column(const job::NamedColumn& column) const;

  const job::ExtractJob& job_;
};

}  // namespace sluice::duck_jobs
