#include "sluice/metastore/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include "sluice/base/crash_point.h"

namespace sluice::metastore {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr int kBusyTimeoutMs = 10'000;

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return ErrorKind::kConflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return ErrorKind::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return ErrorKind::kExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return ErrorKind::kCorrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return ErrorKind::kUnauthorized;
    case SQLITE_CANTOPEN:
      return ErrorKind::kNotFound;
    case SQLITE_INTERRUPT:
      return ErrorKind::kCancelled;
    default:
      return ErrorKind::kInternal;
  }
}

/// SQLite says only "disk I/O error" when a disk is too full for the shared memory of its WAL.
Error error_of(sqlite3* db, int code) {
  const char* file = sqlite3_db_filename(db, "main");
  const std::string message =
      fmt::format("metastore {}: {}", file == nullptr ? "" : file, sqlite3_errmsg(db));
  const int reason = (code & 0xFF) == SQLITE_IOERR ? sqlite3_system_errno(db) : 0;
  if (reason == 0) {
    return {kind_of(code), message};
  }
  return base::from_errno(reason, message);
}

/// A name that SQLite reads as a URI, in which these characters have a meaning.
std::string uri_of(const std::string& path, std::string_view parameters) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return fmt::format("{}?mode=ro&{}", uri, parameters);
}

/// A reader makes the files of the write-ahead log where they are not there. Without a log nobody
/// writes, and the database's own file has everything; with one, its index is there to be read.
std::string traceless_uri(const std::string& path) {
  const bool has_log = ::access((path + "-wal").c_str(), F_OK) == 0;
  return uri_of(path, has_log ? "readonly_shm=1" : "immutable=1");
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_result_(other.bind_result_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(statement_, other.statement_);
  std::swap(bind_result_, other.bind_result_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  bind_result_ |= sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  bind_result_ |= sqlite3_bind_double(statement_, parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  bind_result_ |=
      sqlite3_bind_text64(statement_, parameter, text.data() == nullptr ? "" : text.data(),
                          text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  bind_result_ |= sqlite3_bind_null(statement_, parameter);
  return *this;
}

Statement& Statement::bind(int parameter, const std::optional<std::int64_t>& value) {
  return value ? bind(parameter, *value) : bind_null(parameter);
}

Statement& Statement::bind(int parameter, const std::optional<std::string>& text) {
  return text ? bind(parameter, std::string_view(*text)) : bind_null(parameter);
}

Result<bool> Statement::step() {
  if (bind_result_ != SQLITE_OK) {
    return base::internal_error(
        fmt::format("metastore: a parameter could not be bound to: {}", sqlite3_sql(statement_)));
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  const Error error = error_of(db_, code);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  SLUICE_ASSIGN_OR_RETURN(const bool row, step());
  if (row) {
    return base::internal_error("metastore: a statement without rows yielded one");
  }
  sqlite3_reset(statement_);
  return {};
}

void Statement::reset() { sqlite3_reset(statement_); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::get_int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::get_double(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::get_text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr
             ? std::string()
             : std::string(text,
                           static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<std::int64_t> Statement::get_int_if(int column) const {
  return is_null(column) ? std::nullopt : std::optional(get_int(column));
}

std::optional<std::string> Statement::get_text_if(int column) const {
  return is_null(column) ? std::nullopt : std::optional(get_text(column));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, OpenMode mode) {
  sqlite3* handle = nullptr;
  const int flags = mode == OpenMode::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                 : SQLITE_OPEN_READONLY;
  const bool traceless = mode == OpenMode::kTraceless;
  const std::string name = traceless ? traceless_uri(path) : path;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle,
                      flags | SQLITE_OPEN_NOMUTEX | (traceless ? SQLITE_OPEN_URI : 0), nullptr);
  if (code != SQLITE_OK) {
    const Error error{kind_of(code),
                      fmt::format("opening metastore {}: {}", path,
                                  handle == nullptr ? "no memory" : sqlite3_errmsg(handle))};
    sqlite3_close(handle);
    return error;
  }
  std::unique_ptr<Database> database(new Database(handle, path));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  SLUICE_RETURN_IF_ERROR(database->execute("PRAGMA foreign_keys = ON"));
  if (mode == OpenMode::kReadWrite) {
    SLUICE_RETURN_IF_ERROR(database->execute("PRAGMA journal_mode = WAL"));
    SLUICE_RETURN_IF_ERROR(database->execute("PRAGMA synchronous = FULL"));
  }
  // The first read is what finds a file that is no database.
  const Status first_read = database->execute("SELECT count(*) FROM sqlite_master");
  if (!first_read && mode == OpenMode::kReadOnly &&
      sqlite3_extended_errcode(handle) == SQLITE_READONLY_ROLLBACK) {
    // A process that was killed while it made the database left a journal, and only a writer may
    // roll it back; SQLite's locks keep it from doing so to one that lives.
    database.reset();
    SLUICE_RETURN_IF_ERROR(open(path, OpenMode::kReadWrite));
    return open(path, mode);
  }
  SLUICE_RETURN_IF_ERROR(first_read);
  return database;
}

Database::~Database() { sqlite3_close_v2(db_); }

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) {
    return error_of(db_, code);
  }
  return Statement(db_, statement);
}

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : Status(error_of(db_, code));
}

Status Database::check_integrity() {
  SLUICE_ASSIGN_OR_RETURN(Statement check, prepare("PRAGMA integrity_check(1)"));
  SLUICE_ASSIGN_OR_RETURN(const bool row, check.step());
  if (!row || check.get_text(0) != "ok") {
    return base::corrupt(fmt::format("metastore {}: {}; restore it from a backup", path_,
                                     row ? check.get_text(0) : "no answer"));
  }
  return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(db_); }

bool Database::is_full() const { return sqlite3_errcode(db_) == SQLITE_FULL; }

bool Database::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Result<Transaction> Transaction::begin(Database& database) {
  SLUICE_CHECK(!database.in_transaction(), "transactions do not nest");
  SLUICE_RETURN_IF_ERROR(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr && database_->in_transaction()) {
    [[maybe_unused]] const Status ended = database_->execute("ROLLBACK");
  }
}

Status Transaction::commit() {
  base::crash_point("metastore.commit.before");
  Status committed = database_->execute("COMMIT");
  base::crash_point("metastore.commit.after");
  if (committed) {
    return {};
  }
  // Still open: COMMIT was refused as a whole. Closed on a full disk: its last frame, which alone
  // makes it count, could not be written. Closed for any other reason: it may have reached the
  // disk.
  if (database_->in_transaction() || database_->is_full()) {
    return committed;
  }
  return Error{ErrorKind::kCommitStateUnknown, committed.error().message};
}

}  // namespace sluice::metastore
