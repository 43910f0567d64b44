#include "sluice/duck_jobs/parse.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/utf8.h"
#include "sluice/duck_jobs/session.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;

Result<job::ParsedSql> parse_one(Session& session, const std::string& sql) {
  const duck::Parameter parameters[] = {sql};
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query("SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", parameters));
  job::ParsedSql parsed;
  SLUICE_RETURN_IF_ERROR(result.next([&](const duck::ChunkView& chunk) -> base::Status {
    parsed.tree = std::string(chunk.column(0).text(0));
    return {};
  }));
  return parsed;
}

bool is_tree_of_one_select(const std::string& answer) {
  // Trees are large: only the answer's outline is read.
  int statements = 0;
  bool error = false;
  const auto outline = nlohmann::json::parse(
      answer,
      [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        if (event == nlohmann::json::parse_event_t::object_start && depth == 2) {
          ++statements;
        }
        if (event == nlohmann::json::parse_event_t::value && depth == 1 && value.is_boolean()) {
          error = value.get<bool>();
        }
        return depth < 2;
      },
      false);
  return outline.is_object() && !error && statements == 1;
}

/// Finds out why a statement has no tree; a failed statement in the serializer's words gives no
/// byte.
void explain_refusal(Session& session, const std::string& sql, job::ParsedSql& parsed) {
  const auto answer = nlohmann::json::parse(parsed.tree, nullptr, false);
  parsed.tree.clear();
  duck::Failure failure;
  const auto columns = session.connection().prepare_select(sql, &failure);
  const bool not_parsed = answer.is_object() && answer.value("error_type", "") == "parser";
  if (!columns && (not_parsed || failure.offset < 0)) {
    parsed.error = failure.error.message;
    parsed.error_offset = failure.offset;
    return;
  }
  parsed.error = answer.is_object() ? answer.value("error_message", "") : "";
  if (parsed.error.empty()) {
    parsed.error = "expected one SELECT statement";
  }
}

}  // namespace

Result<job::ParseResult> run_parse(const job::ParseJob& job, const job::Limits& limits,
                                   std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(const auto session, Session::open(limits, {}, std::move(stop)));
  job::ParseResult result;
  for (const std::string& sql : job.sql) {
    if (const std::size_t bad = base::find_malformed_text(sql); bad != std::string::npos) {
      // DuckDB crashes on some of it.
      result.statements.push_back(
          {"", "the statement is not UTF-8 text here", static_cast<std::int64_t>(bad)});
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(job::ParsedSql parsed, parse_one(*session, sql));
    if (!is_tree_of_one_select(parsed.tree)) {
      explain_refusal(*session, sql, parsed);
    }
    result.statements.push_back(std::move(parsed));
  }
  return result;
}

}  // namespace sluice::duck_jobs
