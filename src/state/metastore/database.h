#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::metastore {

/// A prepared statement. Parameters count from 1, columns from 0. Errors of binding are kept and
/// told by step(). Must not outlive its database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, const std::string& text) {
    return bind(parameter, std::string_view(text));
  }
  Statement& bind_null(int parameter);
  Statement& bind(int parameter, const std::optional<std::int64_t>& value);
  Statement& bind(int parameter, const std::optional<std::string>& text);

  /// Moves to the next row; false when there is none left. kConflict: a uniqueness constraint;
  /// kExhausted: the disk is full; kUnavailable: locked by another process; kCorrupt: the file.
  base::Result<bool> step();
  /// Runs a statement that yields no row.
  base::Status run();
  /// Makes the statement ready to run again, with its parameters kept.
  void reset();

  bool is_null(int column) const;
  std::int64_t get_int(int column) const;
  double get_double(int column) const;
  std::string get_text(int column) const;
  std::optional<std::int64_t> get_int_if(int column) const;
  std::optional<std::string> get_text_if(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}

  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  int bind_result_ = 0;
};

enum class OpenMode {
  kReadWrite,  // made when it is not there
  kReadOnly,   // beside a writer in another process
  kTraceless,  // the same, leaving no file behind: see read_traceless()
};

/// The metastore: one SQLite file in WAL mode with synchronous=FULL, so that a committed
/// transaction survives the machine. Belongs to one thread at a time.
class Database {
 public:
  /// kNotFound (read-only), kUnauthorized, kCorrupt when the file is no SQLite database, each
  /// naming the file.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, OpenMode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  base::Result<Statement> prepare(std::string_view sql);
  /// Runs statements without parameters or rows.
  base::Status execute(const std::string& sql);
  /// Reads every page and index; kCorrupt, naming the file and the first finding.
  base::Status check_integrity();
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  bool in_transaction() const;
  const std::string& path() const { return path_; }

 private:
  friend class Transaction;
  bool is_full() const;  // the last call failed for lack of disk space

  Database(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}

  sqlite3* db_;
  std::string path_;
};

/// A transaction that writes; rolled back when it ends without commit(). Takes the write lock at
/// once, so that nothing read inside can change. Transactions do not nest.
class Transaction {
 public:
  static base::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// kCommitStateUnknown when it cannot be told whether it took place; any other error means that
  /// nothing did.
  base::Status commit();

  Database& database() { return *database_; }

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace sluice::metastore
