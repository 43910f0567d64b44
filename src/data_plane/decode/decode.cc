#include "sluice/decode/decode.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "sluice/decode/internal/csv_scan.h"
#include "sluice/decode/internal/duplicates.h"
#include "sluice/decode/internal/refusals.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/copy_out.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using Counts = std::map<std::int64_t, std::int64_t>;

/// Removes what a failed job had staged.
class StagedGuard {
 public:
  explicit StagedGuard(job::DecodeResult& result) : result_(&result) {}
  StagedGuard(const StagedGuard&) = delete;
  StagedGuard& operator=(const StagedGuard&) = delete;
  ~StagedGuard() {
    if (result_ != nullptr) {
      duck_jobs::remove_staged(result_->bronze);
      duck_jobs::remove_staged(result_->quarantine);
    }
  }
  void keep() { result_ = nullptr; }

 private:
  job::DecodeResult* result_;
};

/// SQL from the scan's text columns to one column of the table. A column that the contract no
/// longer has is null.
std::string cast_of(const data::Field& field, const std::vector<job::DecodeColumn>& columns) {
  if (field.name == job::kFileColumn || field.name == job::kLineColumn) {
    return quote_identifier(field.name);
  }
  for (const job::DecodeColumn& column : columns) {
    if (column.name == field.name) {
      return "(" + column.cast + ")";
    }
  }
  return "NULL";
}

/// SQL for the scan's records, or those of a replay. They are materialized there: only what is
/// wanted may reach the side channel, wherever DuckDB would move a condition.
std::string scanned_records(const job::DecodeJob& job) {
  if (!job.replay) {
    return "sluice_csv()";
  }
  return fmt::format(
      "(WITH picked AS MATERIALIZED (SELECT * FROM sluice_csv() SEMI JOIN _sluice.wanted "
      "USING ({}, {}, {})) SELECT * FROM picked)",
      job::kFileColumn, job::kLineColumn, kBytesColumn);
}

Status list_wanted(duck_jobs::Session& session, const job::ReplayedRecords& replay) {
  SLUICE_RETURN_IF_ERROR(session.add_view(replay.quarantine));
  return session.execute(fmt::format(
      "CREATE TABLE _sluice.wanted AS SELECT file_id AS {}, line AS {}, payload_bytes AS {} FROM "
      "{} WHERE {}",
      job::kFileColumn, job::kLineColumn, kBytesColumn, duck::quote_table(replay.quarantine.name),
      replay.condition));
}

Result<std::string> good_rows(const job::DecodeJob& job) {
  for (const job::DecodeColumn& column : job.columns) {
    if (job.bronze.schema.find(column.name) == nullptr) {
      return base::internal_error(
          fmt::format("the table has no column for '{}' of the contract", column.name));
    }
  }
  std::string columns;
  for (const data::Field& field : job.bronze.schema.fields) {
    columns += columns.empty() ? "" : ", ";
    columns += fmt::format("CAST({} AS {}) AS {}", cast_of(field, job.columns),
                           data::duckdb_name(field.type), quote_identifier(field.name));
  }
  return fmt::format(
      "SELECT {} FROM (SELECT *, CASE WHEN {} IS NOT NULL THEN {} ELSE ({}\n) END AS "
      "_sluice_verdict "
      "FROM {}) WHERE sluice_admit(_sluice_verdict, {}, {}, {}, {})",
      columns, kRefusalColumn, kRefusalColumn, job.verdict.empty() ? "NULL" : job.verdict,
      scanned_records(job), job::kFileColumn, job::kLineColumn, kOffsetColumn, kBytesColumn);
}

Result<Counts> count_by_file(duck_jobs::Session& session, const std::string& sql,
                             std::span<const duck::Parameter> parameters = {}) {
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result, session.query(sql, parameters));
  Counts counts;
  for (;;) {
    SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
    if (!batch) {
      return counts;
    }
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      counts[std::get<std::int64_t>(batch->columns[0].values[row])] =
          std::get<std::int64_t>(batch->columns[1].values[row]);
    }
  }
}

/// Counts good rows in the files themselves, not where they were let through.
Result<Counts> count_good(duck_jobs::Session& session, const std::vector<job::StagedFile>& files) {
  if (files.empty()) {
    return Counts();
  }
  std::vector<std::string> paths;
  for (const job::StagedFile& file : files) {
    paths.push_back(file.path);
  }
  const duck::Parameter parameters[] = {std::move(paths)};
  return count_by_file(session,
                       "SELECT _sluice_file, count(*) FROM read_parquet(?, hive_partitioning = "
                       "false) GROUP BY _sluice_file",
                       parameters);
}

Status count_files(duck_jobs::Session& session, const job::DecodeJob& job, const Counts& records,
                   job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(Counts good, count_good(session, result.bronze));
  SLUICE_ASSIGN_OR_RETURN(
      Counts refused,
      count_by_file(session, "SELECT file, count(*) FROM _sluice.refused GROUP BY file"));
  for (const job::DecodeFile& file : job.files) {
    const std::int64_t read =
        job.replay ? good[file.seq] + refused[file.seq] : records.at(file.seq);
    const job::DecodedFile counted{file.seq, read, good[file.seq], refused[file.seq]};
    if (counted.records != counted.good + counted.refused) {
      return base::internal_error(fmt::format("{}: {} records, but {} good and {} refused",
                                              file.name, counted.records, counted.good,
                                              counted.refused));
    }
    result.files.push_back(counted);
  }
  return {};
}

Status count_rules(duck_jobs::Session& session, job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult counts,
      session.query(
          "SELECT rule, \"column\", count(*) FROM _sluice.refused GROUP BY ALL ORDER BY ALL"));
  for (;;) {
    SLUICE_ASSIGN_OR_RETURN(const auto batch, counts.next_batch());
    if (!batch) {
      return {};
    }
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      result.refused.push_back({std::get<std::string>(batch->columns[0].values[row]),
                                std::get<std::string>(batch->columns[1].values[row]),
                                std::get<std::int64_t>(batch->columns[2].values[row])});
    }
  }
}

Status decode(duck_jobs::Session& session, const job::DecodeJob& job, storage::FileIo& io,
              job::DecodeResult& result) {
  CsvScan scan(job, io, [&session] { return session.stopped(); });
  SLUICE_RETURN_IF_ERROR(session.connection().add_function(scan.table_function()));
  SLUICE_ASSIGN_OR_RETURN(const auto refusals, Refusals::open(session, job, io));
  if (job.replay) {
    SLUICE_RETURN_IF_ERROR(list_wanted(session, *job.replay));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string rows, good_rows(job));
  SLUICE_ASSIGN_OR_RETURN(result.bronze, duck_jobs::copy_out(session, rows, job.bronze));
  SLUICE_RETURN_IF_ERROR(refusals->finish());
  const Counts records = scan.records();
  SLUICE_RETURN_IF_ERROR(refuse_duplicates(session, job, scan, result.bronze));
  SLUICE_ASSIGN_OR_RETURN(result.quarantine, refusals->write(session, job));
  SLUICE_RETURN_IF_ERROR(count_files(session, job, records, result));
  return count_rules(session, result);
}

}  // namespace

Result<job::DecodeResult> run_decode(const job::DecodeJob& job, const job::Limits& limits,
                                     std::stop_token stop) {
  duck_jobs::SessionOptions options{{}, {job.bronze.dir, job.quarantine.dir}};
  for (const auto& input : {job.existing, job.recent}) {
    if (input) {
      const auto paths = duck_jobs::paths_of(std::span(&*input, 1));
      options.files.insert(options.files.end(), paths.begin(), paths.end());
    }
  }
  if (job.replay) {
    for (std::string& path : duck_jobs::paths_of(std::span(&job.replay->quarantine, 1))) {
      options.files.push_back(std::move(path));
    }
  }
  for (std::string& path : duck_jobs::paths_of(job.lookups)) {
    options.files.push_back(std::move(path));
  }
  const auto io = storage::make_local_file_io();
  SLUICE_ASSIGN_OR_RETURN(const auto session,
                          duck_jobs::Session::open(limits, options, std::move(stop)));
  job::DecodeResult result;
  StagedGuard guard(result);
  const Status status = decode(*session, job, *io, result);
  if (!status) {
    return session->explain(status.error());
  }
  guard.keep();
  return result;
}

}  // namespace sluice::decode
