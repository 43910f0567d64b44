#include "sluice/duck_jobs/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/duck/appender.h"
#include "sluice/duck/bucket.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/nested_names.h"
#include "sluice/duck_jobs/internal/watch.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;
using duck::quote_table;
using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr double kMemoryShare = 0.8;  // of the grant; the rest is for what DuckDB does not count

// A thread that writes a row group holds its rows, the page that it encodes in a buffer which
// doubles as it grows, and the compressed page; only the rows are counted by DuckDB's memory limit.
constexpr std::int64_t kRowGroupShare = 8;
constexpr std::int64_t kRowGroupBytesMin = std::int64_t{4} << 20;

// What a statement means must not depend on a default that a DuckDB release may change.
const std::pair<const char*, const char*> kPinned[] = {
    {"default_order", "ASC"},
    {"default_null_order", "NULLS_LAST"},
    {"default_collation", ""},
    {"integer_division", "false"},
    {"ieee_floating_point_ops", "true"},
    {"scalar_subquery_error_on_multiple_rows", "true"},
    {"old_implicit_casting", "false"},
    {"preserve_identifier_case", "true"},
    {"errors_as_json", "true"},
    {"autoload_known_extensions", "false"},
    {"autoinstall_known_extensions", "false"},
    {"allow_community_extensions", "false"},
};

Settings settings_of(const job::Limits& limits, const SessionOptions& options) {
  Settings settings(std::begin(kPinned), std::end(kPinned));
  const auto memory_kib = static_cast<std::int64_t>(limits.memory_bytes * kMemoryShare) / 1024;
  settings.emplace_back("memory_limit", fmt::format("{}KiB", memory_kib));
  settings.emplace_back("threads", fmt::format("{}", limits.threads));
  settings.emplace_back("temp_directory", limits.spill_dir);
  settings.emplace_back("preserve_insertion_order", options.keep_order ? "true" : "false");
  return settings;
}

std::string list_literal(std::span<const std::string> texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    list += list.size() > 1 ? ", " : "";
    list += quote_literal(text);
  }
  return list + "]";
}

/// `MAP {1: {name: 'id', type: 'BIGINT', default_value: NULL}, ...}`
std::string schema_literal(const data::Schema& schema) {
  std::string map = "MAP {";
  for (const data::Field& field : schema.fields) {
    map += map.size() > 5 ? ", " : "";
    map += fmt::format("{}: {{name: {}, type: {}, default_value: NULL}}", field.id,
                       quote_literal(field.name), quote_literal(data::duckdb_name(field.type)));
  }
  return map + "}";
}

std::string empty_select(const data::Schema& schema) {
  std::string columns;
  for (const data::Field& field : schema.fields) {
    columns += columns.empty() ? "" : ", ";
    columns += fmt::format("CAST(NULL AS {}) AS {}", data::duckdb_name(field.type),
                           quote_identifier(field.name));
  }
  return "SELECT " + columns + " WHERE false";
}

std::string scan_of(const std::string& variable, const data::Schema& schema) {
  return fmt::format("read_parquet(getvariable('{}'), schema = {}, hive_partitioning = false)",
                     variable, schema_literal(schema));
}

/// Files that call all their fields the same.
struct FileGroup {
  FileNames names;
  std::vector<std::string> paths;
};

FileGroup read_group(const duck::ChunkView& chunk, std::size_t row) {
  FileGroup group;
  const duck::ColumnView names = chunk.column(0);
  if (!names.is_null(row)) {  // else a file without field ids
    const auto span = names.span(row);
    for (std::size_t i = span.begin; i < span.end; ++i) {
      group.names[names.child().field(0).at<std::int32_t>(i)] =
          std::string(names.child().field(1).text(i));
    }
  }
  const duck::ColumnView paths = chunk.column(1);
  const auto span = paths.span(row);
  for (std::size_t i = span.begin; i < span.end; ++i) {
    group.paths.emplace_back(paths.child().text(i));
  }
  return group;
}

Result<std::vector<FileGroup>> groups_of(Session& session, const std::string& variable) {
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query(fmt::format(
          "SELECT names, list(file_name ORDER BY file_name) FROM (SELECT file_name, "
          "list({{'id': CAST(field_id AS INTEGER), 'name': name}} ORDER BY field_id) "
          "FILTER (WHERE field_id IS NOT NULL) AS names FROM parquet_schema(getvariable('{}')) "
          "GROUP BY file_name) GROUP BY names",
          variable)));
  std::vector<FileGroup> groups;
  for (;;) {
    const auto more = result.next([&](const duck::ChunkView& chunk) -> Status {
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        groups.push_back(read_group(chunk, row));
      }
      return {};
    });
    SLUICE_RETURN_IF_ERROR(more);
    if (!*more) {
      return groups;
    }
  }
}

/// Reads files of which some call members of structs otherwise than the table does now, or may hold
/// under a member's name what another one held.
Result<std::string> select_by_names(Session& session, const data::Schema& schema,
                                    const std::string& variable) {
  SLUICE_ASSIGN_OR_RETURN(const std::vector<FileGroup> groups, groups_of(session, variable));
  const bool all_agree = std::all_of(groups.begin(), groups.end(), [&](const FileGroup& group) {
    return names_agree(schema, group.names);
  });
  if (all_agree) {
    return "SELECT * FROM " + scan_of(variable, schema);
  }
  std::string select;
  for (const FileGroup& group : groups) {
    const std::string part = fmt::format("{}_{}", variable, &group - groups.data());
    const duck::Parameter parameters[] = {group.paths};
    SLUICE_RETURN_IF_ERROR(session.execute("SET VARIABLE " + part + " = ?", parameters));
    data::Schema in_file = schema;
    if (!names_agree(schema, group.names)) {
      SLUICE_ASSIGN_OR_RETURN(in_file, schema_in_file(schema, group.names));
    }
    std::string columns;
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      const std::string name = quote_identifier(schema.fields[i].name);
      columns += (columns.empty() ? "" : ", ") +
                 renamed(name, in_file.fields[i].type, schema.fields[i].type) + " AS " + name;
    }
    select += (select.empty() ? "SELECT " : " UNION ALL SELECT ") + columns + " FROM " +
              scan_of(part, in_file);
  }
  return select;
}

Status make_schema(Session& session, std::string_view dotted_name) {
  const std::size_t dot = dotted_name.find('.');
  if (dot == std::string_view::npos) {
    return {};
  }
  return session.execute("CREATE SCHEMA IF NOT EXISTS " +
                         quote_identifier(dotted_name.substr(0, dot)));
}

}  // namespace

std::vector<std::string> paths_of(std::span<const job::ScanInput> inputs) {
  std::vector<std::string> paths;
  for (const job::ScanInput& input : inputs) {
    for (const job::InputFile& file : input.files) {
      paths.push_back(file.path);
    }
  }
  return paths;
}

Session::Session(duck::Database database, duck::Connection connection)
    : database_(std::move(database)), connection_(std::move(connection)) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const job::Limits& limits,
                                               const SessionOptions& options,
                                               std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(duck::Database database,
                          duck::Database::open(settings_of(limits, options)));
  SLUICE_ASSIGN_OR_RETURN(duck::Connection connection, database.connect());
  std::unique_ptr<Session> session(new Session(std::move(database), std::move(connection)));
  session->row_group_bytes_ = std::max(
      kRowGroupBytesMin, limits.memory_bytes / (kRowGroupShare * std::max(1, limits.threads)));
  session->watch_ =
      std::make_unique<Watch>(std::move(stop), limits.timeout_ms,
                              [held = session.get()] { held->connection_.interrupt(); });
  for (const std::string& statement : options.setup) {
    SLUICE_RETURN_IF_ERROR(session->execute(statement));
  }
  const std::string statements[] = {
      "SET Calendar = 'gregorian'",
      "SET TimeZone = " + quote_literal(limits.timezone),
      "SET allowed_paths = " + list_literal(options.files),
      "SET allowed_directories = " + list_literal(options.dirs),
      "SET enable_external_access = false",
      "SET lock_configuration = true",
  };
  for (const std::string& statement : statements) {
    SLUICE_RETURN_IF_ERROR(session->execute(statement));
  }
  for (duck::ScalarFunction& function : duck::bucket_functions()) {
    SLUICE_RETURN_IF_ERROR(session->connection_.add_function(std::move(function)));
  }
  return session;
}

Result<duck::QueryResult> Session::query(std::string_view sql,
                                         std::span<const duck::Parameter> parameters,
                                         duck::Failure* failure) {
  if (stopped()) {
    return explain(base::cancelled("stopped"));
  }
  auto result = connection_.query(sql, parameters, failure);
  if (!result) {
    return explain(std::move(result).error());
  }
  return result;
}

Result<duck::QueryResult> Session::stream(std::string_view sql) {
  if (stopped()) {
    return explain(base::cancelled("stopped"));
  }
  auto result = connection_.stream(sql);
  if (!result) {
    return explain(std::move(result).error());
  }
  return result;
}

Status Session::execute(std::string_view sql, std::span<const duck::Parameter> parameters) {
  SLUICE_RETURN_IF_ERROR(query(sql, parameters));
  return {};
}

Result<std::vector<job::NamedColumn>> Session::describe(std::string_view sql,
                                                        duck::Failure* failure) {
  constexpr std::string_view kPrefix = "DESCRIBE ";
  auto result = query(std::string(kPrefix) + std::string(sql), {}, failure);
  if (!result) {
    if (failure != nullptr && failure->offset >= 0) {
      failure->offset =
          std::max<std::int64_t>(0, failure->offset - static_cast<std::int64_t>(kPrefix.size()));
    }
    return std::move(result).error();
  }
  std::vector<job::NamedColumn> columns;
  for (;;) {
    const auto more = result->next([&](const duck::ChunkView& chunk) -> Status {
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        columns.push_back(
            {std::string(chunk.column(0).text(row)), std::string(chunk.column(1).text(row))});
      }
      return {};
    });
    SLUICE_RETURN_IF_ERROR(more);
    if (!*more) {
      return columns;
    }
  }
}

Status Session::add_view(const job::ScanInput& input) {
  if (input.schema.fields.empty()) {
    return base::invalid_input(fmt::format("table {} has no columns", input.name));
  }
  SLUICE_RETURN_IF_ERROR(make_schema(*this, input.name));
  const std::string head = "CREATE VIEW " + quote_table(input.name) + " AS ";
  if (input.files.empty()) {
    return execute(head + empty_select(input.schema));
  }
  std::vector<std::string> paths;
  for (const job::InputFile& file : input.files) {
    if (file.path.find_first_of("*?[") != std::string::npos) {
      return base::unsupported(
          fmt::format("{}: a data file's path cannot hold '*', '?' or '['", file.path));
    }
    paths.push_back(file.path);
  }
  // A list in a variable keeps the statement short however many files there are.
  const std::string variable = fmt::format("sluice_files_{}", views_++);
  const duck::Parameter parameters[] = {std::move(paths)};
  SLUICE_RETURN_IF_ERROR(execute("SET VARIABLE " + variable + " = ?", parameters));
  std::string select = "SELECT * FROM " + scan_of(variable, input.schema);
  if (has_members(input.schema)) {
    auto by_names = select_by_names(*this, input.schema, variable);
    if (!by_names) {
      return by_names.error().in("table " + input.name);
    }
    select = *std::move(by_names);
  }
  const auto status = execute(head + select);
  return status ? status : Status(status.error().in("table " + input.name));
}

Status Session::add_table(const job::MemoryInput& input) {
  SLUICE_RETURN_IF_ERROR(make_schema(*this, input.name));
  std::string columns;
  for (const data::Column& column : input.columns) {
    columns += columns.empty() ? "" : ", ";
    columns += quote_identifier(column.name) + " " + data::duckdb_name(column.type);
  }
  SLUICE_RETURN_IF_ERROR(execute("CREATE TABLE " + quote_table(input.name) + " (" + columns + ")"));
  const std::size_t dot = input.name.find('.');
  const std::string schema = dot == std::string::npos ? "main" : input.name.substr(0, dot);
  const std::string table = dot == std::string::npos ? input.name : input.name.substr(dot + 1);
  SLUICE_ASSIGN_OR_RETURN(duck::Appender appender,
                          duck::Appender::open(connection_, schema, table));
  for (const data::Batch& batch : input.batches) {
    if (batch.columns.size() != input.columns.size()) {
      return base::internal_error("a batch of " + input.name + " has other columns than its table");
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      for (std::size_t i = 0; i < batch.columns.size(); ++i) {
        appender.add(batch.columns[i].values[row], input.columns[i].type);
      }
      SLUICE_RETURN_IF_ERROR(appender.end_row());
    }
  }
  return appender.finish();
}

bool Session::stopped() const { return watch_->cause() != Watch::Cause::kNone; }

base::Error Session::explain(base::Error error) const {
  if (error.kind != base::ErrorKind::kCancelled) {
    return error;
  }
  switch (watch_->cause()) {
    case Watch::Cause::kTimeout:
      return {base::ErrorKind::kTimeout, "the job ran out of time"};
    case Watch::Cause::kCancelled:
      return base::cancelled("the job was cancelled");
    case Watch::Cause::kNone:
      break;
  }
  return error;
}

}  // namespace sluice::duck_jobs
