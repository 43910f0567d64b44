#include "sluice/unit_test/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/data/sql_quote.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/job/decode_job.h"
#include "sluice/job/query_job.h"
#include "sluice/quality/gate.h"
#include "sluice/run/table_files.h"
#include "sluice/unit_test/given_rows.h"
#include "sluice/unit_test/row_comparison.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::unit_test {

namespace {

using base::Result;
using base::Status;
using project::UnitTest;

base::Error wrong(const UnitTest& test, yaml::Mark mark, std::string message, std::string hint) {
  yaml::Diagnostics diagnostics;
  diagnostics.add(*test.document->source, mark, std::move(message), std::move(hint));
  return diagnostics.to_error();
}

data::Schema schema_of(const RunnerParts& parts, const std::string& table) {
  for (std::size_t i = 0; i < parts.project.sources.size(); ++i) {
    if (parts.project.sources[i].table == table) {
      return parts.analysis.sources[i];
    }
    if (project::quarantine_table(parts.project.sources[i]) == table) {
      return job::quarantine_schema();
    }
  }
  for (std::size_t i = 0; i < parts.project.models.size(); ++i) {
    if (parts.project.models[i].table == table) {
      return parts.analysis.models[i].schema;
    }
  }
  return {};
}

/// Offers rows to a query as a table of the schema's columns, those that were not given null.
Result<job::MemoryInput> memory_input(const std::string& table, const yaml::Node* rows,
                                      const data::Schema& schema) {
  SLUICE_ASSIGN_OR_RETURN(data::Batch batch, given_rows(rows, schema, Unnamed::kNull));
  job::MemoryInput input;
  input.name = table;
  for (const data::Column& column : batch.columns) {
    input.columns.push_back({column.name, column.type, {}});
  }
  if (batch.rows() > 0) {
    input.batches.push_back(std::move(batch));
  }
  return input;
}

/// Returns a query of the expected columns of `from`, under the types that they have in a table.
std::string select_columns(const data::Batch& expected, const std::string& from) {
  std::vector<std::string> columns;
  for (const data::Column& column : expected.columns) {
    const std::string name = data::quote_identifier(column.name);
    columns.push_back(fmt::format("CAST({0} AS {1}) AS {0}", name, data::duckdb_name(column.type)));
  }
  return fmt::format("SELECT {} FROM {}", base::join(columns, ", "), from);
}

std::set<std::string> names_of(const data::Batch& batch) {
  std::set<std::string> names;
  for (const data::Column& column : batch.columns) {
    names.insert(column.name);
  }
  return names;
}

/// Appends the rows of `more` to `batch`, whose columns are the same.
void append(data::Batch& batch, data::Batch more) {
  if (batch.columns.empty()) {
    batch = std::move(more);
    return;
  }
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    auto& values = batch.columns[i].values;
    std::move(more.columns[i].values.begin(), more.columns[i].values.end(),
              std::back_inserter(values));
  }
}

void fail(TestResult& result, std::string_view message) {
  result.outcome = Outcome::kFailed;
  result.message += message;
}

/// A record that a source refused in a test.
struct Refusal {
  std::string file;
  std::int64_t line = 0;
  std::string column;
  std::string rule;
  std::string reason;
};

std::string text_of(const Refusal& refusal) {
  return fmt::format("{}:{} {}{}: {}", refusal.file, refusal.line, refusal.rule,
                     refusal.column.empty() ? "" : "(" + refusal.column + ")", refusal.reason);
}

std::string text_of(const project::ExpectedRefusal& expected) {
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) {
      parts.push_back(fmt::format("{} {}", name, *value));
    }
  };
  add("file", expected.file);
  if (expected.line) {
    parts.push_back(fmt::format("line {}", *expected.line));
  }
  add("column", expected.column);
  add("rule", expected.rule);
  return parts.empty() ? "a record" : "a record with " + base::join(parts, ", ");
}

bool matches(const project::ExpectedRefusal& expected, const Refusal& refusal) {
  return (!expected.file || *expected.file == refusal.file) &&
         (!expected.line || *expected.line == refusal.line) &&
         (!expected.column || *expected.column == refusal.column) &&
         (!expected.rule || *expected.rule == refusal.rule);
}

/// Matches each expectation to one refusal of its own; what is left on either side is told.
void compare_refusals(const std::vector<project::ExpectedRefusal>& expected,
                      std::vector<Refusal> refused, TestResult& result) {
  for (const Refusal& refusal : refused) {
    const bool is_key = refusal.rule == "duplicate_key";
    if (is_key) {
      result.rules.insert(fmt::format("primary_key({})", refusal.column));
      result.rules.insert(fmt::format("unique({})", refusal.column));
    } else {
      result.rules.insert(fmt::format("{}({})", refusal.rule, refusal.column));
    }
  }
  std::string message;
  for (const project::ExpectedRefusal& wanted : expected) {
    const auto found = std::find_if(refused.begin(), refused.end(),
                                    [&](const Refusal& one) { return matches(wanted, one); });
    if (found == refused.end()) {
      message += fmt::format("- not refused: {}\n", text_of(wanted));
    } else {
      refused.erase(found);
    }
  }
  for (const Refusal& refusal : refused) {
    message += fmt::format("+ refused: {}\n", text_of(refusal));
  }
  if (!message.empty()) {
    fail(result, "refused records differ; - was expected, + came\n" + message);
  }
}

std::string cell(const data::Batch& batch, std::size_t column, std::size_t row) {
  return data::to_text(batch.columns[column].values[row], batch.columns[column].type);
}

}  // namespace

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kError:
      return "error";
  }
  return "";
}

Result<TestResult> Runner::run(const UnitTest& test, std::stop_token stop) {
  TestResult result;
  const base::Timestamp started = parts_.clock.now();
  Status status;
  switch (test.kind) {
    case project::UnitTestKind::kModel:
      status = run_model(test, stop, result);
      break;
    case project::UnitTestKind::kSource:
      status = run_source(test, stop, result);
      break;
    case project::UnitTestKind::kContract:
      status = run_contract(test, stop, result);
      break;
  }
  result.wall_us = parts_.clock.now().us - started.us;
  if (!status) {
    if (status.error().kind == base::ErrorKind::kCancelled ||
        status.error().kind == base::ErrorKind::kUnavailable) {
      return status.error();
    }
    result.outcome = Outcome::kError;
    result.message = status.error().message + "\n";
  }
  return result;
}

Result<data::Batch> Runner::query(job::QueryJob job, std::stop_token stop) {
  job::Request request;
  request.limits = parts_.limits;
  request.job = std::move(job);
  data::Batch rows;
  const auto sink = [&](data::Batch batch) -> Status {
    append(rows, std::move(batch));
    return {};
  };
  SLUICE_ASSIGN_OR_RETURN(const job::Response response, parts_.engine.execute(request, sink, stop));
  const auto* answer = std::get_if<job::QueryResult>(&response.answer);
  if (answer == nullptr) {
    return base::internal_error("a test's query was not answered with rows");
  }
  if (rows.columns.empty()) {
    rows.columns = answer->columns;
  }
  return rows;
}

Status Runner::run_model(const UnitTest& test, std::stop_token stop, TestResult& result) {
  const project::Model& model = *parts_.project.find_model(test.subject);
  const auto index = static_cast<std::size_t>(&model - parts_.project.models.data());
  const project::ModelAnalysis& analysis = parts_.analysis.models[index];
  job::QueryJob job;
  for (const project::GivenTable& given : test.tables) {
    if (std::find(analysis.reads.begin(), analysis.reads.end(), given.table) ==
        analysis.reads.end()) {
      const std::string near = base::nearest(given.table, analysis.reads);
      return wrong(test, given.mark, model.table + " does not read '" + given.table + "'",
                   near.empty() ? "it reads " + base::join(analysis.reads, ", ")
                                : "did you mean '" + near + "'?");
    }
  }
  for (const std::string& table : analysis.reads) {
    const auto given =
        std::find_if(test.tables.begin(), test.tables.end(),
                     [&](const project::GivenTable& one) { return one.table == table; });
    SLUICE_ASSIGN_OR_RETURN(auto input,
                            memory_input(table, given == test.tables.end() ? nullptr : given->rows,
                                         schema_of(parts_, table)));
    job.memory.push_back(std::move(input));
  }
  SLUICE_ASSIGN_OR_RETURN(const data::Batch expected,
                          given_rows(test.rows, analysis.schema, Unnamed::kLeftOut));
  job.sql = select_columns(expected, fmt::format("({}\n)", analysis.sql));
  SLUICE_ASSIGN_OR_RETURN(const data::Batch actual, query(std::move(job), stop));
  result.columns = names_of(expected);
  if (std::string differences = row_differences(expected, actual); !differences.empty()) {
    fail(result, differences);
  }
  return {};
}

namespace {

job::OutputTable scratch_output(const data::Schema& schema, const std::string& dir) {
  job::OutputTable output;
  output.schema = schema;
  data::assign_field_ids(output.schema, 0);
  output.dir = dir;
  output.file_prefix = "test";
  output.parquet.compression = "snappy";
  return output;
}

}  // namespace

Status Runner::run_source(const UnitTest& test, std::stop_token stop, TestResult& result) {
  const project::Source& source = *parts_.project.find_source(test.subject);
  const auto index = static_cast<std::size_t>(&source - parts_.project.sources.data());
  const data::Schema& schema = parts_.analysis.sources[index];
  std::optional<data::Batch> expected;
  if (test.rows != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(expected, given_rows(test.rows, schema, Unnamed::kLeftOut));
  }
  SLUICE_RETURN_IF_ERROR(parts_.files.remove_all(parts_.scratch_dir));
  SLUICE_RETURN_IF_ERROR(parts_.files.make_dirs(parts_.scratch_dir));
  std::vector<lake::LandedFile> files;
  for (const project::GivenFile& given : test.files) {
    lake::LandedFile file;
    file.source = source.table;
    file.seq = static_cast<std::int64_t>(files.size()) + 1;
    file.original_name = given.name;
    file.raw_path = storage::join_path(
        parts_.scratch_dir,
        fmt::format("{}-{}", file.seq, std::filesystem::path(given.name).filename().string()));
    file.bytes = static_cast<std::int64_t>(given.bytes.size());
    file.landed_at_us = test.now.value_or(parts_.clock.now()).us;
    SLUICE_RETURN_IF_ERROR(parts_.files.write_new(file.raw_path, given.bytes));
    files.push_back(std::move(file));
  }
  job::DecodeJob job = ingest::decode_request(source, parts_.project.contracts[*source.contract],
                                              files, base::RunId("test"));
  job.references.clear();  // a test gives the rows of one source, not those that they refer to
  job.bronze = scratch_output(schema, parts_.scratch_dir + "/bronze");
  job.quarantine = scratch_output(job::quarantine_schema(), parts_.scratch_dir + "/quarantine");
  SLUICE_RETURN_IF_ERROR(parts_.files.make_dirs(job.bronze.dir));
  SLUICE_RETURN_IF_ERROR(parts_.files.make_dirs(job.quarantine.dir));
  const data::Schema bronze_schema = job.bronze.schema;
  job::Request request;
  request.limits = parts_.limits;
  request.job = std::move(job);
  SLUICE_ASSIGN_OR_RETURN(const job::Response response, parts_.engine.execute(request, {}, stop));
  const auto* decoded = std::get_if<job::DecodeResult>(&response.answer);
  if (decoded == nullptr) {
    return base::internal_error("a test's files were not decoded");
  }
  if (expected) {
    job::QueryJob good;
    good.inputs.push_back(run::staged_input("test.good", bronze_schema, decoded->bronze));
    good.sql = select_columns(*expected, "test.good");
    SLUICE_ASSIGN_OR_RETURN(const data::Batch actual, query(std::move(good), stop));
    result.columns = names_of(*expected);
    if (std::string differences = row_differences(*expected, actual); !differences.empty()) {
      fail(result, differences);
    }
  }
  job::QueryJob bad;
  bad.inputs.push_back(
      run::staged_input("test.refused", job::quarantine_schema(), decoded->quarantine));
  bad.sql =
      "SELECT file_name, line, \"column\", rule, reason FROM test.refused ORDER BY file_id, line";
  SLUICE_ASSIGN_OR_RETURN(const data::Batch rows, query(std::move(bad), stop));
  std::vector<Refusal> refused;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto* line = std::get_if<std::int64_t>(&rows.columns[1].values[i]);
    refused.push_back({cell(rows, 0, i), line == nullptr ? 0 : *line, cell(rows, 2, i),
                       cell(rows, 3, i), cell(rows, 4, i)});
  }
  compare_refusals(test.refusals, std::move(refused), result);
  return parts_.files.remove_all(parts_.scratch_dir);
}

namespace {

/// Rules that look beyond single rows are judged where the test names them: few rows of a test
/// would meet a rule on their number.
void add_named_rules(const UnitTest& test, const contract::Contract& contract,
                     const std::string& table, const std::string& now,
                     std::vector<quality::Expectation>& judged, std::vector<std::string>& names) {
  auto more = quality::measures_of(table, contract, now);
  auto references = quality::references_of(table, contract);
  std::move(references.begin(), references.end(), std::back_inserter(more));
  for (quality::Expectation& expectation : more) {
    names.push_back(expectation.name);
    if (test.violations.contains(expectation.name)) {
      judged.push_back(std::move(expectation));
    }
  }
}

/// Says whether a table's rows are judged by the contract of this number.
bool holds_to(const project::Project& project, const std::string& table, std::size_t contract) {
  const project::Source* source = project.find_source(table);
  const project::Model* model = project.find_model(table);
  return (source != nullptr && source->contract == contract) ||
         (model != nullptr && model->expectations == contract);
}

/// How often a rule is broken: rows, or 1 for a measure that is not as it must be.
Result<std::int64_t> times_broken(const quality::Expectation& expectation, const data::Value& value,
                                  const data::Type& type) {
  if (expectation.threshold) {
    std::optional<double> measured;
    if (!data::is_null(value)) {
      measured = std::strtod(data::to_text(value, type).c_str(), nullptr);
    }
    return contract::holds(*expectation.threshold, measured) ? 0 : 1;
  }
  const auto* count = std::get_if<std::int64_t>(&value);
  if (count == nullptr) {
    return base::internal_error("a rule's violations were not counted");
  }
  return *count;
}

}  // namespace

/// Offers the tables that a contract's rules read. A relationship may lead to the rows themselves.
Status Runner::offer_tables(const UnitTest& test, const contract::Contract& contract,
                            job::QueryJob& job) {
  const auto at = static_cast<std::size_t>(&contract - parts_.project.contracts.data());
  std::vector<std::string> reads = parts_.analysis.contract_reads[at];
  for (const project::GivenTable& given : test.tables) {
    if (std::find(reads.begin(), reads.end(), given.table) == reads.end()) {
      const std::string near = base::nearest(given.table, reads);
      return wrong(test, given.mark, "no rule of the contract reads '" + given.table + "'",
                   near.empty() ? "" : "did you mean '" + near + "'?");
    }
  }
  for (const std::string& table : reads) {
    const auto given =
        std::find_if(test.tables.begin(), test.tables.end(),
                     [&](const project::GivenTable& one) { return one.table == table; });
    const yaml::Node* rows = given == test.tables.end() ? nullptr : given->rows;
    if (rows == nullptr && holds_to(parts_.project, table, at)) {
      rows = test.given;
    }
    SLUICE_ASSIGN_OR_RETURN(auto input, memory_input(table, rows, schema_of(parts_, table)));
    job.memory.push_back(std::move(input));
  }
  return {};
}

Status Runner::run_contract(const UnitTest& test, std::stop_token stop, TestResult& result) {
  const auto found = std::find_if(
      parts_.project.contracts.begin(), parts_.project.contracts.end(),
      [&](const auto& one) { return one.table == test.subject || one.file == test.subject; });
  const std::string table = "test.rows";
  auto judged = quality::expectations_of(table, {}, &*found);
  job::QueryJob job;
  SLUICE_ASSIGN_OR_RETURN(auto input, memory_input(table, test.given, found->schema));
  job.memory.push_back(std::move(input));
  SLUICE_RETURN_IF_ERROR(offer_tables(test, *found, job));
  std::vector<std::string> names;
  for (const quality::Expectation& expectation : judged) {
    names.push_back(expectation.name);
  }
  add_named_rules(test, *found, table, base::format_iso8601(test.now.value_or(parts_.clock.now())),
                  judged, names);
  for (const auto& [rule, count] : test.violations) {
    if (std::find(names.begin(), names.end(), rule) == names.end()) {
      const std::string near = base::nearest(rule, names);
      return wrong(test, test.subject_mark, "the contract has no rule '" + rule + "'",
                   near.empty() ? "its rules are " + base::join(names, ", ")
                                : "did you mean '" + near + "'?");
    }
  }
  if (judged.empty()) {
    return wrong(test, test.subject_mark,
                 names.empty() ? "the contract has no rule that could be broken"
                               : "the test names no rule, and none is about single rows",
                 names.empty() ? "" : "its rules are " + base::join(names, ", "));
  }
  std::vector<std::string> counts;
  for (const quality::Expectation& expectation : judged) {
    counts.push_back("(" + expectation.check.sql + ")");
  }
  job.sql = "SELECT " + base::join(counts, ", ");
  SLUICE_ASSIGN_OR_RETURN(const data::Batch rows, query(std::move(job), stop));
  std::string message;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(
        const std::int64_t count,
        times_broken(judged[i], rows.columns[i].values[0], rows.columns[i].type));
    const std::string& name = judged[i].name;
    const auto wanted = test.violations.find(name);
    const std::int64_t expected = wanted == test.violations.end() ? 0 : wanted->second;
    if (count > 0) {
      result.rules.insert(name);
    }
    if (count != expected) {
      message +=
          fmt::format("{}: {} expected, {} came{}\n", name, expected, count,
                      judged[i].threshold ? fmt::format(" (measured {})", cell(rows, i, 0)) : "");
    }
  }
  if (!message.empty()) {
    fail(result, "violations differ\n" + message);
  }
  return {};
}

}  // namespace sluice::unit_test
