#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck/failure.h"
#include "sluice/duck/functions.h"
#include "sluice/duck/result.h"

struct _duckdb_connection;
struct _duckdb_database;

namespace sluice::duck {

/// A value bound to a `?` of a statement.
using Parameter = std::variant<std::int64_t, std::string, std::vector<std::string>>;

class Connection;

/// An in-memory DuckDB database; closed when it and every connection are gone.
class Database {
 public:
  /// Opens an empty one with the given settings. kInvalidInput names a setting that DuckDB refuses.
  static base::Result<Database> open(std::span<const std::pair<std::string, std::string>> settings);
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  base::Result<Connection> connect();

 private:
  explicit Database(_duckdb_database* handle);

  _duckdb_database* handle_;
  std::shared_ptr<FunctionErrors> errors_;  // also held by every registered function
};

/// A connection. One statement at a time; interrupt() alone may be called from another thread.
class Connection {
 public:
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Runs one statement and keeps its rows in memory. `failure`, when given, gets the place of an
  /// error. Errors as read_failure() says; an error of our own function keeps its kind.
  base::Result<QueryResult> query(std::string_view sql, std::span<const Parameter> parameters = {},
                                  Failure* failure = nullptr);

  /// Runs one statement whose rows are computed as they are taken. The result must end first.
  base::Result<QueryResult> stream(std::string_view sql);

  /// Says what one SELECT yields without running it. kInvalidInput when the text is no single
  /// SELECT.
  base::Result<std::vector<ResultColumn>> prepare_select(std::string_view sql,
                                                         Failure* failure = nullptr);

  base::Status add_function(TableFunction function);
  base::Status add_function(ScalarFunction function);

  /// Ends the running statement with kCancelled, if there is one.
  void interrupt();

 private:
  friend class Database;
  friend class Appender;
  Connection(_duckdb_connection* handle, std::shared_ptr<FunctionErrors> errors)
      : handle_(handle), errors_(std::move(errors)) {}
  base::Result<QueryResult> run(std::string_view sql, std::span<const Parameter> parameters,
                                bool stream, Failure* failure);

  _duckdb_connection* handle_;
  std::shared_ptr<FunctionErrors> errors_;  // also held by the database
};

}  // namespace sluice::duck
