#include "sluice/duck_jobs/deliver.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/delivery_sql.h"
#include "sluice/duck_jobs/internal/extension.h"
#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;

constexpr std::string_view kAttachedAs = "delivered_to";
constexpr std::string_view kRecords = "sluice_exports";  // what was appended, in the table's schema
using Row = std::vector<std::optional<std::string>>;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); !from.empty() && at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// One delivery: a session with the query's tables and the database in it.
class Delivery {
 public:
  Delivery(const job::DeliverJob& job, const job::Limits& limits, std::stop_token stop)
      : job_(job), limits_(limits), stop_(std::move(stop)) {}

  Result<job::DeliverResult> run() {
    SLUICE_RETURN_IF_ERROR(open());
    SLUICE_RETURN_IF_ERROR(find_columns());
    SLUICE_RETURN_IF_ERROR(session_->execute("BEGIN TRANSACTION"));
    SLUICE_RETURN_IF_ERROR(find_table());
    job::DeliverResult result;
    result.table = schema_ + "." + name_;
    SLUICE_RETURN_IF_ERROR(look_at_table(result));
    if (job_.dry_run) {
      SLUICE_ASSIGN_OR_RETURN(result.rows, count_rows());
      SLUICE_RETURN_IF_ERROR(session_->execute("ROLLBACK"));
      return result;
    }
    SLUICE_RETURN_IF_ERROR(make_room(result));
    if (!result.repeated) {
      SLUICE_ASSIGN_OR_RETURN(result.rows, move());
      if (job_.mode == job::DeliverMode::kAppend) {
        SLUICE_RETURN_IF_ERROR(record(result.rows));
      }
    }
    SLUICE_RETURN_IF_ERROR(session_->execute("COMMIT"));
    return result;
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
    return error;
  }

 private:
  Status open() {
    SLUICE_ASSIGN_OR_RETURN(const std::string extension, find_extension("postgres_scanner"));
    SessionOptions options;
    options.files = paths_of(job_.inputs);
    options.setup = {"LOAD " + quote_literal(extension),
                     fmt::format("ATTACH {} AS {} (TYPE postgres)", quote_literal(job_.connection),
                                 kAttachedAs)};
    SLUICE_ASSIGN_OR_RETURN(session_, Session::open(limits_, options, stop_));
    for (const job::ScanInput& input : job_.inputs) {
      SLUICE_RETURN_IF_ERROR(session_->add_view(input));
    }
    for (const job::MemoryInput& input : job_.memory) {
      SLUICE_RETURN_IF_ERROR(session_->add_table(input));
    }
    return {};
  }

  Status find_columns() {
    SLUICE_RETURN_IF_ERROR(session_->connection().prepare_select(job_.sql));
    SLUICE_ASSIGN_OR_RETURN(const auto described, session_->describe(job_.sql));
    std::set<std::string> seen;
    std::vector<std::string> names;
    for (const job::NamedColumn& column : described) {
      if (!seen.insert(base::lower(column.name)).second) {
        return base::invalid_input(
            fmt::format("two columns are named '{}': give one another alias", column.name));
      }
      columns_.push_back(delivered_column(column.name, column.type));
      names.push_back(column.name);
    }
    for (const std::string& key : job_.key) {
      if (std::find(names.begin(), names.end(), key) == names.end()) {
        const std::string near = base::nearest(key, names);
        return base::invalid_input(fmt::format(
            "--key names '{}', which is no column; {}", key,
            near.empty() ? "there are " + base::join(names, ", ") : "did you mean " + near + "?"));
      }
    }
    return {};
  }

  /// Runs a statement of PostgreSQL in the delivery's transaction.
  Status tell(const std::string& statement) {
    return session_->execute(fmt::format("CALL postgres_execute({}, {})",
                                         quote_literal(kAttachedAs), quote_literal(statement)));
  }

  /// The rows of a statement of PostgreSQL whose columns are texts.
  Result<std::vector<Row>> ask(const std::string& statement) {
    SLUICE_ASSIGN_OR_RETURN(
        duck::QueryResult result,
        session_->query(fmt::format("SELECT * FROM postgres_query({}, {})",
                                    quote_literal(kAttachedAs), quote_literal(statement))));
    std::vector<Row> rows;
    for (;;) {
      SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
      if (!batch) {
        return rows;
      }
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        Row& values = rows.emplace_back();
        for (const data::Column& column : batch->columns) {
          const auto* text = std::get_if<std::string>(&column.values[row]);
          values.push_back(text == nullptr ? std::nullopt : std::optional(*text));
        }
      }
    }
  }

  /// Resolves the table's schema and says whether it is there.
  Status find_table() {
    const std::size_t dot = job_.table.find('.');
    name_ = dot == std::string::npos ? job_.table : job_.table.substr(dot + 1);
    SLUICE_ASSIGN_OR_RETURN(
        const auto schemas,
        ask(dot == std::string::npos
                ? "SELECT current_schema()::text AS schema"
                : fmt::format("SELECT nspname::text AS schema FROM pg_namespace WHERE nspname = {}",
                              quote_literal(job_.table.substr(0, dot)))));
    connected_ = true;  // the scanner may connect only when it is first asked
    if (schemas.empty() || !schemas[0][0]) {
      return base::not_found(
          fmt::format("the database has no schema {}; make it first", job_.table.substr(0, dot)));
    }
    schema_ = *schemas[0][0];
    table_ = postgres_table(schema_, name_);
    records_ = postgres_table(schema_, kRecords);
    return {};
  }

  Result<bool> exists(const std::string& table) {
    SLUICE_ASSIGN_OR_RETURN(
        const auto found,
        ask(fmt::format("SELECT to_regclass({})::text AS found", quote_literal(table))));
    return !found.empty() && found[0][0].has_value();
  }

  /// Says what is there, and whether it takes the rows.
  Status look_at_table(job::DeliverResult& result) {
    SLUICE_ASSIGN_OR_RETURN(const bool there, exists(table_));
    SLUICE_ASSIGN_OR_RETURN(recorded_, exists(records_));
    result.created = !there;
    if (!there) {
      result.definition = create_table(table_, columns_, job_.key);
      return {};
    }
    SLUICE_RETURN_IF_ERROR(check_columns());
    if (job_.mode == job::DeliverMode::kUpsert) {
      SLUICE_RETURN_IF_ERROR(check_unique());
    }
    if (job_.mode != job::DeliverMode::kAppend || !recorded_) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(
        const auto before,
        ask(fmt::format("SELECT content FROM {} WHERE target = {} AND content = {}", records_,
                        quote_literal(name_), quote_literal(job_.content))));
    result.repeated = !before.empty();
    return {};
  }

  /// Makes the table, or room in the one that is there.
  Status make_room(const job::DeliverResult& result) {
    if (result.created) {
      SLUICE_RETURN_IF_ERROR(tell(result.definition));
    } else if (job_.mode == job::DeliverMode::kReplace) {
      // Not TRUNCATE: who reads meanwhile goes on seeing the rows before.
      SLUICE_RETURN_IF_ERROR(tell("DELETE FROM " + table_));
    }
    const bool emptied = result.created || job_.mode == job::DeliverMode::kReplace;
    if (recorded_ && emptied) {  // what was appended is gone and may come again
      SLUICE_RETURN_IF_ERROR(
          tell(fmt::format("DELETE FROM {} WHERE target = {}", records_, quote_literal(name_))));
    }
    if (job_.mode != job::DeliverMode::kAppend || recorded_) {
      return {};
    }
    return tell(fmt::format(
        "CREATE TABLE {} (target text, content text, snapshots text NOT NULL, rows bigint NOT "
        "NULL, exported_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (target, content))",
        records_));
  }

  Result<std::int64_t> count_rows() {
    SLUICE_ASSIGN_OR_RETURN(
        duck::QueryResult result,
        session_->query(fmt::format("SELECT count(*) FROM (\n{}\n)", job_.sql)));
    return only_number(result);
  }

  /// The one number of a result: rows that were counted, or written.
  static Result<std::int64_t> only_number(duck::QueryResult& result) {
    SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
    const auto* rows = batch && batch->rows() == 1
                           ? std::get_if<std::int64_t>(&batch->columns[0].values[0])
                           : nullptr;
    if (rows == nullptr) {
      return base::internal_error("DuckDB did not say how many rows there are");
    }
    return *rows;
  }

  /// PostgreSQL tells rows of one key apart only where an index does.
  Status check_unique() {
    std::vector<std::string> key;
    for (const std::string& column : job_.key) {
      key.push_back(quote_literal(column));
    }
    SLUICE_ASSIGN_OR_RETURN(
        const auto found,
        ask(fmt::format(
            "SELECT indexrelid::text FROM pg_index WHERE indrelid = to_regclass({}) AND "
            "indisunique "
            "AND indpred IS NULL AND indexprs IS NULL AND (SELECT array_agg(attname::text ORDER BY "
            "attname::text) FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY "
            "((indkey::int2[])[0:indnkeyatts - 1])) = (SELECT array_agg(k ORDER BY k) FROM "
            "unnest(ARRAY[{}]::text[]) AS k)",
            quote_literal(table_), base::join(key, ", "))));
    if (found.empty()) {
      const std::string names = base::join(job_.key, ", ");
      return base::invalid_input(fmt::format(
          "{0}.{1} has no primary key or unique index on ({2}), by which rows would be replaced: "
          "CREATE UNIQUE INDEX ON {0}.{1} ({2})",
          schema_, name_, names));
    }
    return {};
  }

  Status check_columns() {
    SLUICE_ASSIGN_OR_RETURN(
        const auto rows,
        ask(fmt::format("SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type "
                        "FROM pg_attribute WHERE attrelid = to_regclass({}) AND attnum > 0 AND NOT "
                        "attisdropped ORDER BY attnum",
                        quote_literal(table_))));
    std::map<std::string, std::string> types;
    std::vector<std::string> names;
    for (const Row& row : rows) {
      names.push_back(row[0].value_or(""));
      types[names.back()] = row[1].value_or("");
    }
    for (const DeliveredColumn& column : columns_) {
      const auto found = types.find(column.name);
      if (found == types.end()) {
        const std::string near = base::nearest(column.name, names);
        return base::invalid_input(fmt::format(
            "{}.{} has no column '{}'; {}", schema_, name_, column.name,
            near.empty() ? "it has " + base::join(names, ", ") : "did you mean '" + near + "'?"));
      }
      if (!holds_type(found->second, column.type)) {
        return base::invalid_input(fmt::format(
            "{}.{}: column '{}' is {} there, which does not hold every {}: CAST it in the SELECT, "
            "or change the table",
            schema_, name_, column.name, found->second, column.type));
      }
    }
    return {};
  }

  /// Copies the rows into a table that only this transaction ever sees, and from there into theirs.
  Result<std::int64_t> move() {
    const std::string stage_name = fmt::format("_sluice_export_{}", ::getpid());
    const std::string stage = postgres_table(schema_, stage_name);
    std::vector<DeliveredColumn> staged = columns_;
    for (DeliveredColumn& column : staged) {
      column.type = column.nested ? "text" : column.type;
    }
    std::string create = create_table(stage, staged, {});
    create.insert(std::string_view("CREATE ").size(), "UNLOGGED ");
    SLUICE_RETURN_IF_ERROR(tell(create));
    std::vector<std::string> values;
    for (const DeliveredColumn& column : columns_) {
      values.push_back(column.value);
    }
    SLUICE_ASSIGN_OR_RETURN(
        duck::QueryResult result,
        session_->query(fmt::format("INSERT INTO {}.{} SELECT {} FROM (\n{}\n)", kAttachedAs, stage,
                                    base::join(values, ", "), job_.sql)));
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t rows, only_number(result));
    const bool upsert = job_.mode == job::DeliverMode::kUpsert;
    if (upsert) {
      SLUICE_RETURN_IF_ERROR(check_key(stage));
    }
    SLUICE_RETURN_IF_ERROR(
        tell(move_rows(stage, table_, columns_, upsert ? job_.key : std::vector<std::string>())));
    SLUICE_RETURN_IF_ERROR(tell("DROP TABLE " + stage));
    return rows;
  }

  /// A key that is null would be added again by each export; one that comes twice has no last row.
  Status check_key(const std::string& stage) {
    std::vector<std::string> quoted;
    std::vector<std::string> absent;
    for (const std::string& key : job_.key) {
      quoted.push_back(quote_identifier(key));
      absent.push_back(quoted.back() + " IS NULL");
    }
    const std::string key = base::join(quoted, ", ");
    SLUICE_ASSIGN_OR_RETURN(
        const auto found,
        ask(fmt::format(
            "SELECT (SELECT count(*)::text FROM {0} WHERE {1}) AS absent, (SELECT count(*)::text "
            "FROM (SELECT 1 FROM {0} GROUP BY {2} HAVING count(*) > 1) AS keys) AS twice",
            stage, base::join(absent, " OR "), key)));
    const std::string names = base::join(job_.key, ", ");
    if (found[0][0] != "0") {
      return base::invalid_input(
          fmt::format("{} rows have no value in the key ({}): leave them out of the SELECT",
                      *found[0][0], names));
    }
    if (found[0][1] != "0") {
      return base::invalid_input(fmt::format(
          "{} keys ({}) have several rows: choose one in the SELECT", *found[0][1], names));
    }
    return {};
  }

  Status record(std::int64_t rows) {
    return tell(fmt::format(
        "INSERT INTO {} (target, content, snapshots, rows) VALUES ({}, {}, {}, {})", records_,
        quote_literal(name_), quote_literal(job_.content), quote_literal(job_.snapshots), rows));
  }

  const job::DeliverJob& job_;
  const job::Limits& limits_;
  std::stop_token stop_;
  std::unique_ptr<Session> session_;
  std::vector<DeliveredColumn> columns_;
  std::string schema_;
  std::string name_;
  std::string table_;      // quoted, with its schema
  std::string records_;    // likewise
  bool recorded_ = false;  // the table of records is there
  bool connected_ = false;
};

}  // namespace

Result<job::DeliverResult> run_deliver(const job::DeliverJob& job, const job::Limits& limits,
                                       std::stop_token stop) {
  Delivery delivery(job, limits, std::move(stop));
  auto result = delivery.run();
  if (!result) {
    return delivery.explain(result.error());
  }
  return result;
}

}  // namespace sluice::duck_jobs
