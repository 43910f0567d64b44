#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck/database.h"
#include "sluice/job/limits.h"
#include "sluice/job/query_job.h"
#include "sluice/job/scan_input.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// What a job's SQL may touch outside the database, and how its rows may move.
struct SessionOptions {
  std::vector<std::string> files;       // may be read
  std::vector<std::string> dirs;        // may be read and written
  bool keep_order = false;              // rows keep the order of their input; costs memory
  std::vector<std::string> setup = {};  // statements that run before access is taken away
};

class Watch;

/// A fresh in-memory database under a job's limits and no access but what the options name, with
/// its settings locked. Statements end within a second of a stop request (kCancelled) or at the
/// timeout (kTimeout). One thread at a time, except stopped().
class Session {
 public:
  static base::Result<std::unique_ptr<Session>> open(const job::Limits& limits,
                                                     const SessionOptions& options,
                                                     std::stop_token stop);
  ~Session();

  base::Result<duck::QueryResult> query(std::string_view sql,
                                        std::span<const duck::Parameter> parameters = {},
                                        duck::Failure* failure = nullptr);
  base::Result<duck::QueryResult> stream(std::string_view sql);

  /// Runs a statement whose rows are not wanted.
  base::Status execute(std::string_view sql, std::span<const duck::Parameter> parameters = {});

  /// Says what one SELECT yields, in DuckDB's own words, without running it.
  base::Result<std::vector<job::NamedColumn>> describe(std::string_view sql,
                                                       duck::Failure* failure = nullptr);

  /// Offers a table's files as view `input.name`. kUnsupported: a path with `*`, `?` or `[`.
  base::Status add_view(const job::ScanInput& input);
  /// Offers rows as table `input.name`.
  base::Status add_table(const job::MemoryInput& input);

  duck::Connection& connection() { return connection_; }
  /// Opens another connection to the same database.
  base::Result<duck::Connection> connect() { return database_.connect(); }

  /// Bytes that a row group may hold before it is written, so that every thread's buffer fits.
  std::int64_t row_group_bytes() const { return row_group_bytes_; }

  /// Says whether the job was asked to stop or ran out of time. Any thread.
  bool stopped() const;
  /// The error of a statement as the job reports it: an interrupt becomes what caused it.
  base::Error explain(base::Error error) const;

 private:
  Session(duck::Database database, duck::Connection connection);

  duck::Database database_;
  duck::Connection connection_;
  std::unique_ptr<Watch> watch_;
  int views_ = 0;
  std::int64_t row_group_bytes_ = 0;
};

/// Lists the paths of all inputs.
std::vector<std::string> paths_of(std::span<const job::ScanInput> inputs);

}  // namespace sluice::duck_jobs
