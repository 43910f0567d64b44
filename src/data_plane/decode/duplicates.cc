#include "sluice/decode/internal/duplicates.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/copy_out.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;

constexpr const char* kStaged = "_sluice.staged";
constexpr const char* kFilePlace = "9223372036854775808";                      // 2^63
constexpr const char* kFreshPlace = "42535295865117307932921825928971026432";  // 2^125

Result<std::vector<std::int64_t>> read_numbers(duck_jobs::Session& session,
                                               const std::string& sql) {
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result, session.query(sql));
  std::vector<std::int64_t> numbers;
  for (;;) {
    SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
    if (!batch) {
      return numbers;
    }
    for (const data::Value& value : batch->columns[0].values) {
      numbers.push_back(std::get<std::int64_t>(value));
    }
  }
}

job::ScanInput staged_input(const job::DecodeJob& job, const std::vector<job::StagedFile>& staged) {
  job::ScanInput input{kStaged, job.bronze.schema, {}};
  for (const job::StagedFile& file : staged) {
    input.files.push_back({file.path, file.rows, file.bytes});
  }
  return input;
}

std::string key_list(const job::KeyRule& rule) {
  std::string list;
  for (const std::string& column : rule.columns) {
    list += (list.empty() ? "" : ", ") + quote_identifier(column);
  }
  return list;
}

std::string no_nulls(const job::KeyRule& rule) {
  std::string condition;
  for (const std::string& column : rule.columns) {
    condition += (condition.empty() ? "" : " AND ") + quote_identifier(column) + " IS NOT NULL";
  }
  return condition;
}

/// Keys that occur more than once, at least once among the staged rows.
std::string repeated_keys(const job::DecodeJob& job, const job::KeyRule& rule) {
  const std::string keys = key_list(rule);
  std::string rows = fmt::format(
      "SELECT {}, true AS fresh FROM {} ANTI JOIN _sluice.duplicates USING (_sluice_file, "
      "_sluice_line) WHERE {}",
      keys, kStaged, no_nulls(rule));
  if (job.existing) {
    rows += fmt::format(" UNION ALL SELECT {0}, false FROM {1} SEMI JOIN {2} USING ({0})", keys,
                        duck::quote_table(job.existing->name), kStaged);
  }
  return fmt::format("SELECT {0} FROM ({1}) GROUP BY {0} HAVING count(*) > 1 AND bool_or(fresh)",
                     keys, rows);
}

/// SQL that packs a row's place in the order (table before batch, file, line) into one HUGEINT,
/// whose minimum costs a fixed 16 bytes for each key. File numbers are below 2^62.
std::string place(const char* fresh) {
  return fmt::format("({} * {} + _sluice_file::HUGEINT * {} + _sluice_line)", fresh, kFreshPlace,
                     kFilePlace);
}

/// The first row of each repeated key.
std::string first_rows(const job::DecodeJob& job, const job::KeyRule& rule) {
  const std::string keys = key_list(rule);
  std::string rows = fmt::format(
      "SELECT {0}, {1} AS place FROM {2} ANTI JOIN _sluice.duplicates USING (_sluice_file, "
      "_sluice_line) SEMI JOIN _sluice.repeated USING ({0})",
      keys, place("1::HUGEINT"), kStaged);
  if (job.existing) {
    rows +=
        fmt::format(" UNION ALL SELECT {0}, {1} FROM {2} SEMI JOIN _sluice.repeated USING ({0})",
                    keys, place("0::HUGEINT"), duck::quote_table(job.existing->name));
  }
  return fmt::format(
      "SELECT {0}, min(place) AS _sluice_first FROM ({1}) AS rows ({0}, place) GROUP BY {0}", keys,
      rows);
}

/// The staged rows of a repeated key but its first.
std::string later_rows(const job::KeyRule& rule, std::size_t index) {
  return fmt::format(
      "SELECT _sluice_file, _sluice_line, {0}, _sluice_first % {1} // {2}, _sluice_first % {2} "
      "FROM "
      "{3} ANTI JOIN _sluice.duplicates USING (_sluice_file, _sluice_line) JOIN _sluice.first_rows "
      "USING ({4}) WHERE _sluice_first <> {5}",
      index, kFreshPlace, kFilePlace, kStaged, key_list(rule), place("1::HUGEINT"));
}

Status judge(duck_jobs::Session& session, const job::DecodeJob& job, std::size_t index) {
  const job::KeyRule& rule = job.keys[index];
  SLUICE_RETURN_IF_ERROR(
      session.execute("CREATE OR REPLACE TABLE _sluice.repeated AS " + repeated_keys(job, rule)));
  SLUICE_ASSIGN_OR_RETURN(const auto repeated,
                          read_numbers(session, "SELECT count(*) FROM _sluice.repeated"));
  if (repeated.front() == 0) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(
      session.execute("CREATE OR REPLACE TABLE _sluice.first_rows AS " + first_rows(job, rule)));
  return session.execute("INSERT INTO _sluice.duplicates " + later_rows(rule, index));
}

/// SQL that picks one text by the number of the broken rule.
std::string by_rule(const std::vector<std::string>& texts) {
  std::string sql = "CASE rule";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    sql += fmt::format(" WHEN {} THEN {}", i, quote_literal(texts[i]));
  }
  return sql + " END";
}

/// Finds the records of the duplicates in the landed files and refuses them.
Status move_to_refused(duck_jobs::Session& session, const job::DecodeJob& job, CsvScan& scan) {
  SLUICE_ASSIGN_OR_RETURN(
      const auto files,
      read_numbers(session, "SELECT DISTINCT _sluice_file FROM _sluice.duplicates"));
  scan.restart(files);
  std::vector<std::string> columns;
  std::vector<std::string> reasons;
  for (const job::KeyRule& rule : job.keys) {
    columns.push_back(base::join(rule.columns, ", "));
    reasons.push_back(fmt::format("{} ({}) is already in file ",
                                  rule.name == "primary_key" ? "primary key" : "unique key",
                                  columns.back()));
  }
  return session.execute(fmt::format(
      "INSERT INTO _sluice.refused SELECT _sluice_file, _sluice_line, {}, {}, {}, 'duplicate_key', "
      "{} "
      "|| first_file || ', line ' || first_line FROM sluice_csv() JOIN _sluice.duplicates USING "
      "(_sluice_file, _sluice_line)",
      kOffsetColumn, kBytesColumn, by_rule(columns), by_rule(reasons)));
}

Status rewrite(duck_jobs::Session& session, const job::DecodeJob& job,
               std::vector<job::StagedFile>& staged) {
  std::string columns;
  for (const data::Field& field : job.bronze.schema.fields) {
    columns += (columns.empty() ? "" : ", ") + quote_identifier(field.name);
  }
  SLUICE_ASSIGN_OR_RETURN(
      std::vector<job::StagedFile> rewritten,
      duck_jobs::copy_out(session,
                          fmt::format("SELECT {} FROM {} ANTI JOIN _sluice.duplicates USING "
                                      "(_sluice_file, _sluice_line)",
                                      columns, kStaged),
                          job.bronze));
  duck_jobs::remove_staged(staged);
  staged = std::move(rewritten);
  return {};
}

}  // namespace

Status refuse_duplicates(duck_jobs::Session& session, const job::DecodeJob& job, CsvScan& scan,
                         std::vector<job::StagedFile>& staged) {
  if (job.keys.empty() || staged.empty()) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(session.add_view(staged_input(job, staged)));
  if (job.existing) {
    SLUICE_RETURN_IF_ERROR(session.add_view(*job.existing));
  }
  SLUICE_RETURN_IF_ERROR(session.execute(
      "CREATE TABLE _sluice.duplicates (_sluice_file BIGINT, _sluice_line BIGINT, rule INTEGER, "
      "first_file BIGINT, first_line BIGINT)"));
  for (std::size_t i = 0; i < job.keys.size(); ++i) {
    SLUICE_RETURN_IF_ERROR(judge(session, job, i));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto count,
                          read_numbers(session, "SELECT count(*) FROM _sluice.duplicates"));
  if (count.front() == 0) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(move_to_refused(session, job, scan));
  return rewrite(session, job, staged);
}

}  // namespace sluice::decode
