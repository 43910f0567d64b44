#include "sluice/decode/internal/duplicates.h"

#include <fmt/format.h>

#include <utility>

#include "sluice/base/text.h"
#include "sluice/decode/internal/key_rules.h"
#include "sluice/decode/internal/landed_scan.h"
#include "sluice/decode/internal/references.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/copy_out.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;

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
  job::ScanInput input{kStagedView, job.bronze.schema, {}};
  for (const job::StagedFile& file : staged) {
    input.files.push_back({file.path, file.rows, file.bytes});
  }
  return input;
}

/// SQL that picks one text by the number of the broken rule.
std::string by_rule(const std::vector<std::string>& texts) {
  std::string sql = "CASE rule";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    sql += fmt::format(" WHEN {} THEN {}", i, quote_literal(texts[i]));
  }
  return sql + " END";
}

std::string_view words_for(const job::KeyRule& rule) {
  if (rule.name == job::kDedupeRule) {
    return "dedupe key";
  }
  return rule.name == "primary_key" ? "primary key" : "unique key";
}

/// Finds the records of the duplicates in the landed files and refuses them.
Status move_to_refused(duck_jobs::Session& session, const job::DecodeJob& job,
                       const RecordSources& sources,
                       const std::function<void(const std::vector<std::int64_t>&)>& restart) {
  SLUICE_ASSIGN_OR_RETURN(
      const auto files,
      read_numbers(session, "SELECT DISTINCT _sluice_file FROM _sluice.duplicates"));
  restart(files);
  std::vector<std::string> columns;
  std::vector<std::string> reasons;
  std::vector<std::string> rules;
  for (const job::KeyRule& rule : job.keys) {
    columns.push_back(base::join(rule.columns, ", "));
    reasons.push_back(fmt::format("{} ({}) is already in file ", words_for(rule), columns.back()));
    rules.emplace_back(rule.name == job::kDedupeRule ? "duplicate" : "duplicate_key");
  }
  for (const job::ReferenceRule& rule : job.references) {
    rules.emplace_back("reference");
    columns.push_back(base::join(rule.columns, ", "));
    reasons.push_back(reference_reason(rule));
  }
  for (const RecordSource& source : sources) {
    SLUICE_RETURN_IF_ERROR(session.execute(fmt::format(
        "INSERT INTO _sluice.refused SELECT _sluice_file, _sluice_line, {}, {}, {}, "
        "{}, {} || coalesce(first_file || ', line ' || first_line, ''), {} FROM {} JOIN "
        "_sluice.duplicates USING (_sluice_file, _sluice_line)",
        kOffsetColumn, source.bytes, by_rule(columns), by_rule(rules), by_rule(reasons),
        source.payload, source.from)));
  }
  return {};
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
                                      columns, kStagedView),
                          job.bronze));
  duck_jobs::remove_staged(staged);
  staged = std::move(rewritten);
  return {};
}

bool has_rows(const std::optional<job::ScanInput>& table) { return table && !table->files.empty(); }

/// Says whether every key is surely its row's own.
bool keys_are_new(const job::DecodeJob& job, const KeyHashes& keys) {
  if (job.keys.empty()) {
    return true;
  }
  if (!keys.known() || has_rows(job.existing) || has_rows(job.recent)) {
    return false;
  }
  for (std::size_t rule = 0; rule < keys.rules(); ++rule) {
    if (!keys.repeated(rule).empty()) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status refuse_duplicates(duck_jobs::Session& session, const job::DecodeJob& job,
                         const RecordSources& sources, const KeyHashes& keys,
                         const std::function<void(const std::vector<std::int64_t>&)>& restart,
                         std::vector<job::StagedFile>& staged) {
  if (staged.empty() || (job.references.empty() && keys_are_new(job, keys))) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(session.add_view(staged_input(job, staged)));
  SLUICE_RETURN_IF_ERROR(judge_keys(session, job, keys));
  SLUICE_ASSIGN_OR_RETURN(const auto count,
                          read_numbers(session, "SELECT count(*) FROM _sluice.duplicates"));
  if (count.front() == 0) {
    return {};
  }
  SLUICE_RETURN_IF_ERROR(move_to_refused(session, job, sources, restart));
  return rewrite(session, job, staged);
}

}  // namespace sluice::decode
