#include "sluice/decode/internal/references.h"

#include <fmt/format.h>

#include <variant>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/duck/quote.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;

std::string column_list(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns) {
    quoted.push_back(quote_identifier(column));
  }
  return base::join(quoted, ", ");
}

std::string fresh_rows(const std::string& staged) {
  return staged + " ANTI JOIN _sluice.duplicates USING (_sluice_file, _sluice_line)";
}

/// The rows that may be referred to, as a table `referred` of the target's columns.
std::string referred_rows(const job::DecodeJob& job, const job::ReferenceRule& rule,
                          const std::string& staged) {
  const std::string target = column_list(rule.target);
  if (!rule.table.empty()) {
    return fmt::format("SELECT {} FROM {}", target, duck::quote_table(rule.table));
  }
  std::string rows = fmt::format("SELECT {} FROM {}", target, fresh_rows(staged));
  if (job.existing) {
    rows +=
        fmt::format(" UNION ALL SELECT {} FROM {}", target, duck::quote_table(job.existing->name));
  }
  return rows;
}

std::string dangling_rows(const job::DecodeJob& job, std::size_t index, const std::string& staged) {
  const job::ReferenceRule& rule = job.references[index];
  std::vector<std::string> present;
  std::vector<std::string> equal;
  for (std::size_t i = 0; i < rule.columns.size(); ++i) {
    const std::string column = quote_identifier(rule.columns[i]);
    present.push_back(column + " IS NOT NULL");
    equal.push_back(
        fmt::format("referring.{} = referred.{}", column, quote_identifier(rule.target[i])));
  }
  return fmt::format(
      "SELECT _sluice_file, _sluice_line, {}, NULL, NULL FROM (SELECT * FROM {} WHERE {}) AS "
      "referring WHERE NOT EXISTS (SELECT 1 FROM ({}) AS referred WHERE {})",
      job.keys.size() + index, fresh_rows(staged), base::join(present, " AND "),
      referred_rows(job, rule, staged), base::join(equal, " AND "));
}

Result<std::int64_t> refused_rows(duck_jobs::Session& session) {
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result,
                          session.query("SELECT count(*) FROM _sluice.duplicates"));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  return batch ? std::get<std::int64_t>(batch->columns[0].values[0]) : 0;
}

}  // namespace

Status find_dangling(duck_jobs::Session& session, const job::DecodeJob& job,
                     const std::string& staged) {
  for (const job::ScanInput& input : job.lookups) {
    SLUICE_RETURN_IF_ERROR(session.add_view(input));
  }
  for (bool refused_more = !job.references.empty(); refused_more;) {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t before, refused_rows(session));
    bool refers_to_itself = false;
    for (std::size_t i = 0; i < job.references.size(); ++i) {
      refers_to_itself = refers_to_itself || job.references[i].table.empty();
      SLUICE_RETURN_IF_ERROR(
          session.execute("INSERT INTO _sluice.duplicates " + dangling_rows(job, i, staged)));
    }
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t after, refused_rows(session));
    refused_more = refers_to_itself && after > before;
  }
  return {};
}

std::string reference_reason(const job::ReferenceRule& rule) {
  return fmt::format("no row of {} has this {}", rule.table.empty() ? "the table" : rule.table,
                     base::join(rule.target, ", "));
}

}  // namespace sluice::decode
