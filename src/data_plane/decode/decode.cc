#include "sluice/decode/decode.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "sluice/decode/internal/duplicates.h"
#include "sluice/decode/internal/key_rules.h"
#include "sluice/decode/internal/landed_scan.h"
#include "sluice/decode/internal/parquet_files.h"
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

constexpr std::int64_t kKeyMemoryShare = 12;  // of the grant, of what DuckDB may not use

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

/// SQL from a source's columns to one column of the table. A column that the contract no longer has
/// is null.
std::string value_of(const data::Field& field, const job::DecodeJob& job,
                     const RecordSource& source) {
  if (field.name == job::kFileColumn || field.name == job::kLineColumn) {
    return quote_identifier(field.name);
  }
  for (std::size_t i = 0; i < job.columns.size(); ++i) {
    const job::DecodeColumn& column = job.columns[i];
    if (column.name == field.name) {
      return source.values[i].empty() ? "(" + column.cast + ")"
                                      : fmt::format("CASE WHEN {} THEN ({}) ELSE {} END",
                                                    kByTextColumn, column.cast, source.values[i]);
    }
  }
  return "NULL";
}

std::string typed_value_of(const data::Field& field, const job::DecodeJob& job,
                           const RecordSource& source) {
  return fmt::format("CAST({} AS {})", value_of(field, job, source), data::duckdb_name(field.type));
}

/// SQL of the hashes of a record's keys, as further arguments.
Result<std::string> key_hashes(const job::DecodeJob& job, const RecordSource& source) {
  std::string arguments;
  for (const job::KeyRule& rule : job.keys) {
    std::vector<std::string> parts;
    for (const std::string& column : rule.columns) {
      const data::Field* field = job.bronze.schema.find(column);
      if (field == nullptr) {
        return base::internal_error(fmt::format("the table has no key column '{}'", column));
      }
      parts.push_back(typed_value_of(*field, job, source));
    }
    arguments += ", " + key_hash(parts);
  }
  return arguments;
}

/// The records of a source, or those of a replay. They are materialized there: only what is wanted
/// may reach the side channel, wherever DuckDB would move a condition.
std::string scanned_records(const job::DecodeJob& job, const RecordSource& source) {
  if (!job.replay) {
    return source.from;
  }
  return fmt::format(
      "(WITH picked AS MATERIALIZED (SELECT * FROM {} SEMI JOIN _sluice.wanted USING ({})) SELECT "
      "* "
      "FROM picked)",
      source.from, source.place);
}

Status list_wanted(duck_jobs::Session& session, const job::ReplayedRecords& replay) {
  SLUICE_RETURN_IF_ERROR(session.add_view(replay.quarantine));
  return session.execute(fmt::format(
      "CREATE TABLE _sluice.wanted AS SELECT file_id AS {}, line AS {}, payload_bytes AS {}, "
      "byte_offset AS {} FROM {} WHERE {}",
      job::kFileColumn, job::kLineColumn, kBytesColumn, kOffsetColumn,
      duck::quote_table(replay.quarantine.name), replay.condition));
}

/// What only a refused record needs is computed for it alone.
std::string for_refused(const std::string& sql) {
  return "CASE WHEN _sluice_verdict IS NOT NULL THEN " + sql + " END";
}

/// The good rows of all sources. Refused ones leave through sluice_admit() while this is scanned.
Result<std::string> good_rows(const job::DecodeJob& job, const RecordSources& sources) {
  for (const job::DecodeColumn& column : job.columns) {
    if (job.bronze.schema.find(column.name) == nullptr) {
      return base::internal_error(
          fmt::format("the table has no column for '{}' of the contract", column.name));
    }
  }
  const std::string verdict = job.verdict.empty() ? "NULL" : job.verdict;
  std::string rows;
  for (const RecordSource& source : sources) {
    std::string columns;
    for (const data::Field& field : job.bronze.schema.fields) {
      columns += columns.empty() ? "" : ", ";
      columns += typed_value_of(field, job, source) + " AS " + quote_identifier(field.name);
    }
    SLUICE_ASSIGN_OR_RETURN(const std::string hashes, key_hashes(job, source));
    rows += rows.empty() ? "" : " UNION ALL ";
    rows += fmt::format(
        "SELECT {} FROM (SELECT *, CASE WHEN {} IS NOT NULL THEN {} WHEN {} THEN ({}\n) ELSE "
        "({}\n) END AS _sluice_verdict FROM {}) WHERE sluice_admit(_sluice_verdict, {}, {}, {}, "
        "{}, {}{})",
        columns, kRefusalColumn, kRefusalColumn, kByTextColumn, verdict, job.rest.value_or(verdict),
        scanned_records(job, source), job::kFileColumn, job::kLineColumn, kOffsetColumn,
        for_refused(source.bytes), for_refused(source.payload), hashes);
  }
  return rows;
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
                   const std::map<std::int64_t, std::set<std::string>>& unknown,
                   job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(Counts good, count_good(session, result.bronze));
  SLUICE_ASSIGN_OR_RETURN(
      Counts refused,
      count_by_file(session, "SELECT file, count(*) FROM _sluice.refused GROUP BY file"));
  for (const job::DecodeFile& file : job.files) {
    const std::int64_t read =
        job.replay ? good[file.seq] + refused[file.seq] : records.at(file.seq);
    job::DecodedFile counted{file.seq, read, good[file.seq], refused[file.seq], {}};
    if (counted.records != counted.good + counted.refused) {
      return base::internal_error(fmt::format("{}: {} records, but {} good and {} refused",
                                              file.name, counted.records, counted.good,
                                              counted.refused));
    }
    const auto found = unknown.find(file.seq);
    if (found != unknown.end()) {
      counted.unknown_fields.assign(found->second.begin(), found->second.end());
    }
    result.files.push_back(std::move(counted));
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

/// What the files hold, apart from which of it is good.
struct Found {
  Counts records;
  std::map<std::int64_t, std::set<std::string>> unknown;
};

/// Judges and stages the records of the sources.
Status stage(duck_jobs::Session& session, const job::DecodeJob& job, Refusals& refusals,
             const RecordSources& sources, job::DecodeResult& result) {
  if (sources.empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string rows, good_rows(job, sources));
  SLUICE_ASSIGN_OR_RETURN(result.bronze, duck_jobs::copy_out(session, rows, job.bronze));
  return refusals.finish();
}

Result<Found> decode_text(duck_jobs::Session& session, const job::DecodeJob& job,
                          storage::FileIo& io, Refusals& refusals, job::DecodeResult& result) {
  LandedScan scan(job, io, [&session] { return session.stopped(); });
  SLUICE_RETURN_IF_ERROR(session.connection().add_function(scan.table_function()));
  const RecordSources sources = {scan.source()};
  SLUICE_RETURN_IF_ERROR(stage(session, job, refusals, sources, result));
  Found found{scan.records(), scan.unknown_fields()};
  const auto restart = [&scan](const std::vector<std::int64_t>& seqs) { scan.restart(seqs); };
  SLUICE_RETURN_IF_ERROR(
      refuse_duplicates(session, job, sources, refusals.keys(), restart, result.bronze));
  return found;
}

Result<Found> decode_parquet(duck_jobs::Session& session, const job::DecodeJob& job,
                             Refusals& refusals, job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(ParquetFiles files, ParquetFiles::open(session, job));
  const Status staged = stage(session, job, refusals, files.sources(), result);
  if (!staged) {
    SLUICE_ASSIGN_OR_RETURN(const bool damaged, files.set_damaged_aside(session));
    if (!damaged) {
      return staged.error();
    }
    SLUICE_RETURN_IF_ERROR(refusals.restart());
    SLUICE_RETURN_IF_ERROR(stage(session, job, refusals, files.sources(), result));
  }
  SLUICE_RETURN_IF_ERROR(refuse_duplicates(
      session, job, files.sources(), refusals.keys(), [](const auto&) {}, result.bronze));
  return Found{files.records(), files.unknown_fields()};
}

Status decode(duck_jobs::Session& session, const job::DecodeJob& job, storage::FileIo& io,
              std::int64_t key_bytes_max, job::DecodeResult& result) {
  SLUICE_ASSIGN_OR_RETURN(const auto refusals, Refusals::open(session, job, io, key_bytes_max));
  if (job.replay) {
    SLUICE_RETURN_IF_ERROR(list_wanted(session, *job.replay));
  }
  auto found = job.format == job::FileFormat::kParquet
                   ? decode_parquet(session, job, *refusals, result)
                   : decode_text(session, job, io, *refusals, result);
  SLUICE_RETURN_IF_ERROR(found);
  SLUICE_ASSIGN_OR_RETURN(result.quarantine, refusals->write(session, job));
  SLUICE_RETURN_IF_ERROR(count_files(session, job, found->records, found->unknown, result));
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
  if (job.format == job::FileFormat::kParquet) {
    for (const job::DecodeFile& file : job.files) {
      options.files.push_back(file.path);
    }
  }
  const auto io = storage::make_local_file_io();
  SLUICE_ASSIGN_OR_RETURN(const auto session,
                          duck_jobs::Session::open(limits, options, std::move(stop)));
  job::DecodeResult result;
  StagedGuard guard(result);
  const Status status = decode(*session, job, *io, limits.memory_bytes / kKeyMemoryShare, result);
  if (!status) {
    return session->explain(status.error());
  }
  guard.keep();
  return result;
}

}  // namespace sluice::decode
