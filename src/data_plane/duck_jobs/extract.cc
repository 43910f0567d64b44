#include "sluice/duck_jobs/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/changed_rows.h"
#include "sluice/duck_jobs/internal/database_dialect.h"
#include "sluice/duck_jobs/internal/extension.h"
#include "sluice/duck_jobs/internal/taken_rows.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::duck_jobs {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using duck::quote_literal;

constexpr std::int64_t kRowGroupRows = 122'880;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); !from.empty() && at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// One extract: a session with the database in it, and what is asked of it.
class Extract {
 public:
  Extract(const job::ExtractJob& job, const job::Limits& limits, std::stop_token stop)
      : job_(job), limits_(limits), stop_(std::move(stop)), dialect_(make_dialect(job)) {}

  Result<job::ExtractResult> run() {
    SLUICE_RETURN_IF_ERROR(open());
    // One transaction: the database's rows as they are at one moment.
    SLUICE_RETURN_IF_ERROR(session_->execute("BEGIN TRANSACTION"));
    job::ExtractResult result;
    SLUICE_ASSIGN_OR_RETURN(result.identity, identify());
    SLUICE_ASSIGN_OR_RETURN(const auto columns, look_at_columns());
    if (job_.cursor.empty()) {
      SLUICE_ASSIGN_OR_RETURN(const std::string all, all_rows(columns));
      SLUICE_ASSIGN_OR_RETURN(const std::string rows, changed_rows(*session_, job_, columns, all));
      SLUICE_ASSIGN_OR_RETURN(result.rows, write(rows));
    } else {
      SLUICE_RETURN_IF_ERROR(take_beyond(columns, *cursor_of(columns), result));
    }
    if (result.rows == 0) {
      result.upto = job_.after;
    }
    SLUICE_RETURN_IF_ERROR(session_->execute("COMMIT"));
    return result;
  }

  Status take_beyond(const std::vector<job::NamedColumn>& columns, const job::NamedColumn& cursor,
                     job::ExtractResult& result) {
    SLUICE_ASSIGN_OR_RETURN(result.upto, find_upto(cursor));
    const bool looks_back = job_.lag.amount > 0 && !job_.after.empty();
    if (result.upto.empty() || (!looks_back && result.upto == job_.after)) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(const auto natures, ask_natures(columns));
    std::string rows = dialect_->rows_of(dialect_->extract(columns, natures, cursor, result.upto));
    if (looks_back) {
      SLUICE_ASSIGN_OR_RETURN(auto taken, TakenRowsSearch::make(*session_, job_, cursor));
      SLUICE_ASSIGN_OR_RETURN(rows, taken.late_or_new(rows));
      SLUICE_ASSIGN_OR_RETURN(result.upto, taken.higher(job_.after, result.upto));
    }
    SLUICE_ASSIGN_OR_RETURN(result.rows, write(rows));
    return {};
  }

  /// The error as a user may see it.
  Error explain(Error error) const {
    if (session_) {
      error = session_->explain(std::move(error));
    }
    // What stands before it repeats our own statement.
    for (const std::string_view mark : {"ERROR:  ", "FATAL:  "}) {
      if (const std::size_t at = error.message.find(mark); at != std::string::npos) {
        error.message = error.message.substr(at + mark.size());
      }
    }
    for (const std::string& secret : job_.secrets) {
      replace_all(error.message, secret, "***");
    }
    error.message = std::string(base::trim(error.message));
    if (!connected_ && error.kind == ErrorKind::kUnavailable) {
      // Not tried again: an account may be locked after a few wrong passwords.
      error.kind = ErrorKind::kNotFound;
      error = error.in("cannot connect to the database");
    }
    return job_.place.empty() ? error : error.in(job_.place);
  }

 private:
  Status open() {
    SLUICE_ASSIGN_OR_RETURN(const std::string extension, find_extension(dialect_->extension()));
    SessionOptions options;
    options.dirs = {storage::parent_of(job_.path)};
    for (const job::TakenRows& extract : job_.lag.taken) {
      options.files.push_back(extract.path);
    }
    options.setup = {"LOAD " + quote_literal(extension)};
    for (std::string& statement : dialect_->attach()) {
      options.setup.push_back(std::move(statement));
    }
    SLUICE_ASSIGN_OR_RETURN(session_, Session::open(limits_, options, stop_));
    return {};
  }

  /// The first row of a statement of the database; an absent value for a null.
  Result<std::vector<std::optional<std::string>>> ask(const std::string& statement) {
    SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result,
                            session_->query("SELECT * FROM " + dialect_->rows_of(statement)));
    SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
    if (!batch || batch->rows() != 1) {
      return base::internal_error("the database did not answer with one row");
    }
    std::vector<std::optional<std::string>> row;
    for (const data::Column& column : batch->columns) {
      const auto* text = std::get_if<std::string>(&column.values[0]);
      row.push_back(text == nullptr ? std::nullopt : std::optional(*text));
    }
    return row;
  }

  Result<std::string> identify() {
    SLUICE_ASSIGN_OR_RETURN(const auto row, ask(dialect_->identity()));
    connected_ = true;  // the scanners connect when they are first asked
    if (!row[0]) {
      return base::not_found(
          fmt::format("the database has no table {} that this user can see", job_.table));
    }
    if (!job_.identity.empty() && *row[0] != job_.identity && *row[0] != job_.continues) {
      return base::conflict(fmt::format(
          "this is another table than the one that was read before ({}, not {}): it was made anew, "
          "or the connection leads elsewhere. Nothing was read. If it takes the other's place, "
          "write continues: '{}' and rows beyond {} are taken; to begin from its start, make "
          "another source",
          *row[0], job_.identity, *row[0], job_.after.empty() ? "the start" : job_.after));
    }
    return *row[0];
  }

  Result<std::vector<job::NamedColumn>> look_at_columns() {
    SLUICE_ASSIGN_OR_RETURN(
        auto columns, session_->describe("SELECT * FROM " + dialect_->rows_of(dialect_->shape())));
    if (!job_.cursor.empty() && cursor_of(columns) == columns.end()) {
      std::vector<std::string> names;
      for (const job::NamedColumn& column : columns) {
        names.push_back(column.name);
      }
      const std::string near = base::nearest(job_.cursor, names);
      return base::invalid_input(fmt::format(
          "there is no column '{}', which is to be the cursor; {}", job_.cursor,
          near.empty() ? "there are " + base::join(names, ", ") : "did you mean '" + near + "'?"));
    }
    return columns;
  }

  std::vector<job::NamedColumn>::const_iterator cursor_of(
      const std::vector<job::NamedColumn>& columns) const {
    return std::find_if(columns.begin(), columns.end(), [this](const job::NamedColumn& column) {
      return column.name == job_.cursor;
    });
  }

  Result<std::string> find_upto(const job::NamedColumn& cursor) {
    SLUICE_ASSIGN_OR_RETURN(const auto row, ask(dialect_->bounds(cursor)));
    if (row[1] == "1") {
      return base::invalid_input(
          fmt::format("there are rows without a value in the cursor '{}', which would never be "
                      "taken; fill them, or take a column that has one in every row",
                      job_.cursor));
    }
    return row[0] && *row[0] != "NULL" ? *row[0] : std::string();
  }

  Result<std::string> all_rows(const std::vector<job::NamedColumn>& columns) {
    SLUICE_ASSIGN_OR_RETURN(const auto natures, ask_natures(columns));
    return dialect_->rows_of(dialect_->whole(columns, natures));
  }

  Result<std::vector<std::string>> ask_natures(const std::vector<job::NamedColumn>& columns) {
    std::vector<std::string> natures;
    if (const std::string asked = dialect_->natures(columns); !asked.empty()) {
      SLUICE_ASSIGN_OR_RETURN(const auto row, ask(asked));
      for (const auto& nature : row) {
        natures.push_back(nature.value_or(""));
      }
    }
    return natures;
  }

  Result<std::int64_t> write(const std::string& rows_of) {
    SLUICE_ASSIGN_OR_RETURN(
        duck::QueryResult result,
        session_->query(fmt::format(
            "COPY (SELECT * FROM {}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {}, "
            "ROW_GROUP_SIZE_BYTES '{}B'{})",
            rows_of, quote_literal(job_.path), kRowGroupRows, session_->row_group_bytes(),
            mark())));
    SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
    const auto* rows = batch && batch->rows() == 1
                           ? std::get_if<std::int64_t>(&batch->columns[0].values[0])
                           : nullptr;
    if (rows == nullptr) {
      return base::internal_error("DuckDB did not say how many rows it wrote");
    }
    return *rows;
  }

  /// Makes an extract of all rows another content than each before it: rows may be again what they
  /// were before they changed.
  std::string mark() const {
    return !job_.cursor.empty()
               ? ""
               : fmt::format(", KV_METADATA {{sluice_extract: {}}}",
                             quote_literal(job_.path.substr(job_.path.rfind('/') + 1)));
  }

  const job::ExtractJob& job_;
  const job::Limits& limits_;
  std::stop_token stop_;
  std::unique_ptr<DatabaseDialect> dialect_;
  std::unique_ptr<Session> session_;
  bool connected_ = false;
};

}  // namespace

Result<job::ExtractResult> run_extract(const job::ExtractJob& job, const job::Limits& limits,
                                       std::stop_token stop) {
  const auto io = storage::make_local_file_io();
  SLUICE_RETURN_IF_ERROR(io->remove(job.path));  // of an attempt that died
  Extract extract(job, limits, std::move(stop));
  auto result = extract.run();
  if (!result) {
    (void)io->remove(job.path);
    return extract.explain(result.error());
  }
  if (result->rows == 0) {
    SLUICE_RETURN_IF_ERROR(io->remove(job.path));
    return result;
  }
  SLUICE_RETURN_IF_ERROR(io->sync_file(job.path));
  SLUICE_RETURN_IF_ERROR(io->sync_dir(storage::parent_of(job.path)));
  return result;
}

}  // namespace sluice::duck_jobs
