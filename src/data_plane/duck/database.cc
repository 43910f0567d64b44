#include "sluice/duck/database.h"

#include <duckdb.h>
#include <fmt/format.h>

#include <memory>

#include "sluice/duck/internal/result_handle.h"

namespace sluice::duck {

namespace {

using base::Result;
using base::Status;

struct DestroyPrepared {
  void operator()(_duckdb_prepared_statement* statement) const {
    duckdb_destroy_prepare(&statement);
  }
};
using Prepared = std::unique_ptr<_duckdb_prepared_statement, DestroyPrepared>;

base::Error fail(int type, const char* message, std::string_view sql, Failure* failure) {
  Failure read = read_failure(type, message == nullptr ? "" : message, sql);
  if (failure != nullptr) {
    *failure = read;
  }
  return std::move(read.error);
}

Result<Prepared> prepare(duckdb_connection connection, std::string_view sql, Failure* failure) {
  duckdb_prepared_statement raw = nullptr;
  const duckdb_state state = duckdb_prepare(connection, std::string(sql).c_str(), &raw);
  Prepared prepared(raw);
  if (state != DuckDBSuccess) {
    return fail(DUCKDB_ERROR_INVALID, duckdb_prepare_error(raw), sql, failure);
  }
  return prepared;
}

struct Value {
  duckdb_value raw;
  explicit Value(duckdb_value value) : raw(value) {}
  Value(Value&& other) noexcept : raw(std::exchange(other.raw, nullptr)) {}
  Value& operator=(Value&&) = delete;
  ~Value() { duckdb_destroy_value(&raw); }
};

Value make_value(const Parameter& parameter) {
  if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
    return Value(duckdb_create_int64(*number));
  }
  if (const auto* text = std::get_if<std::string>(&parameter)) {
    return Value(duckdb_create_varchar_length(text->data(), text->size()));
  }
  const auto& texts = std::get<std::vector<std::string>>(parameter);
  std::vector<Value> values;
  std::vector<duckdb_value> raw;
  for (const std::string& text : texts) {
    raw.push_back(values.emplace_back(duckdb_create_varchar_length(text.data(), text.size())).raw);
  }
  duckdb_logical_type type = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  Value list(duckdb_create_list_value(type, raw.data(), raw.size()));
  duckdb_destroy_logical_type(&type);
  return list;
}

Status bind(duckdb_prepared_statement statement, std::span<const Parameter> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Value value = make_value(parameters[i]);
    if (duckdb_bind_value(statement, i + 1, value.raw) != DuckDBSuccess) {
      return base::internal_error(fmt::format("parameter {} does not bind", i + 1));
    }
  }
  return {};
}

std::vector<ResultColumn> columns_of(duckdb_prepared_statement statement) {
  std::vector<ResultColumn> columns;
  const idx_t count = duckdb_prepared_statement_column_count(statement);
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(statement, i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(statement, i);
    columns.push_back({name, readable_type(type)});
    duckdb_destroy_logical_type(&type);
    duckdb_free(const_cast<char*>(name));
  }
  return columns;
}

void read_columns(QueryResult::Handle& handle) {
  const idx_t count = duckdb_column_count(&handle.result);
  for (idx_t i = 0; i < count; ++i) {
    duckdb_logical_type type = duckdb_column_logical_type(&handle.result, i);
    handle.columns.push_back({duckdb_column_name(&handle.result, i), readable_type(type)});
    handle.types.push_back(stored_type(type));
    duckdb_destroy_logical_type(&type);
  }
}

}  // namespace

Database::Database(_duckdb_database* handle)
    : handle_(handle), errors_(std::make_shared<FunctionErrors>()) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), errors_(std::move(other.errors_)) {}

Database::~Database() { duckdb_close(&handle_); }

Result<Database> Database::open(std::span<const std::pair<std::string, std::string>> settings) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  Status status;
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess && status) {
      status = base::invalid_input(fmt::format("DuckDB has no setting {} = {}", name, value));
    }
  }
  duckdb_database handle = nullptr;
  char* message = nullptr;
  if (status && duckdb_open_ext(nullptr, &handle, config, &message) != DuckDBSuccess) {
    status = base::invalid_input(message == nullptr ? "DuckDB does not open" : message);
    duckdb_free(message);
  }
  duckdb_destroy_config(&config);
  SLUICE_RETURN_IF_ERROR(std::move(status));
  return Database(handle);
}

Result<Connection> Database::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(handle_, &connection) != DuckDBSuccess) {
    return base::exhausted("DuckDB does not open a connection");
  }
  return Connection(connection, errors_);
}

Connection::Connection(Connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), errors_(std::move(other.errors_)) {}

Connection::~Connection() { duckdb_disconnect(&handle_); }

Result<QueryResult> Connection::run(std::string_view sql, std::span<const Parameter> parameters,
                                    bool stream, Failure* failure) {
  SLUICE_ASSIGN_OR_RETURN(const Prepared prepared, prepare(handle_, sql, failure));
  SLUICE_RETURN_IF_ERROR(bind(prepared.get(), parameters));
  errors_->take();
  auto handle = std::make_unique<QueryResult::Handle>();
  handle->errors = errors_;
  handle->streaming = stream;
  const duckdb_state state =
      stream ? duckdb_execute_prepared_streaming(prepared.get(), &handle->result)
             : duckdb_execute_prepared(prepared.get(), &handle->result);
  if (state != DuckDBSuccess) {
    if (auto own = errors_->take()) {
      return std::move(*own);
    }
    return fail(duckdb_result_error_type(&handle->result), duckdb_result_error(&handle->result),
                sql, failure);
  }
  read_columns(*handle);
  return QueryResult(std::move(handle));
}

Result<QueryResult> Connection::query(std::string_view sql, std::span<const Parameter> parameters,
                                      Failure* failure) {
  return run(sql, parameters, false, failure);
}

Result<QueryResult> Connection::stream(std::string_view sql) { return run(sql, {}, true, nullptr); }

Result<std::vector<ResultColumn>> Connection::prepare_select(std::string_view sql,
                                                             Failure* failure) {
  duckdb_extracted_statements raw = nullptr;
  const idx_t count = duckdb_extract_statements(handle_, std::string(sql).c_str(), &raw);
  const std::unique_ptr<_duckdb_extracted_statements, void (*)(_duckdb_extracted_statements*)>
      statements(raw, [](_duckdb_extracted_statements* held) { duckdb_destroy_extracted(&held); });
  const char* message = count == 0 ? duckdb_extract_statements_error(raw) : nullptr;
  if (message != nullptr) {
    return fail(DUCKDB_ERROR_PARSER, message, sql, failure);
  }
  const auto no_select = [&] {
    return fail(DUCKDB_ERROR_PARSER, "expected one SELECT statement", sql, failure);
  };
  if (count != 1) {
    return no_select();
  }
  duckdb_prepared_statement prepared_raw = nullptr;
  const duckdb_state state = duckdb_prepare_extracted_statement(handle_, raw, 0, &prepared_raw);
  const Prepared prepared(prepared_raw);
  if (state != DuckDBSuccess) {
    return fail(DUCKDB_ERROR_INVALID, duckdb_prepare_error(prepared_raw), sql, failure);
  }
  if (duckdb_prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return no_select();
  }
  return columns_of(prepared.get());
}

void Connection::interrupt() { duckdb_interrupt(handle_); }

}  // namespace sluice::duck
