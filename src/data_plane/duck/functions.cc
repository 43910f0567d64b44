#include "sluice/duck/functions.h"

#include <duckdb.h>

#include <exception>
#include <utility>

#include "sluice/duck/database.h"
#include "sluice/duck/internal/logical_type.h"

namespace sluice::duck {

namespace {

using base::Status;

duckdb_type type_id(ArgumentType type) {
  switch (type) {
    case ArgumentType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case ArgumentType::kBigint:
      return DUCKDB_TYPE_BIGINT;
    case ArgumentType::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case ArgumentType::kBlob:
      return DUCKDB_TYPE_BLOB;
  }
  return DUCKDB_TYPE_INVALID;
}

LogicalType type_of(ArgumentType type) {
  return LogicalType(duckdb_create_logical_type(type_id(type)));
}

struct RegisteredTable {
  TableFunction function;
  std::shared_ptr<FunctionErrors> errors;
};

struct RegisteredScalar {
  ScalarFunction function;
  std::shared_ptr<FunctionErrors> errors;
};

struct OpenThread {
  ScanThread scan;
  std::vector<int> position;  // per declared column: its column in the chunk, -1 not wanted
};

template <class T>
void destroy(void* data) {
  delete static_cast<T*>(data);
}

/// Runs our code inside a callback of DuckDB, which no exception may leave.
template <class Body>
Status guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return base::exhausted("out of memory");
  } catch (const std::exception& error) {
    return base::internal_error(error.what());
  }
}

void table_bind(duckdb_bind_info info) {
  const auto& table = *static_cast<RegisteredTable*>(duckdb_bind_get_extra_info(info));
  for (const FunctionColumn& column : table.function.columns) {
    duckdb_bind_add_result_column(info, column.name.c_str(), logical_type(column.type).get());
  }
  if (table.function.rows_estimate) {
    duckdb_bind_set_cardinality(info, table.function.rows_estimate(), false);
  }
}

void table_init(duckdb_init_info info) {
  const auto& table = *static_cast<RegisteredTable*>(duckdb_init_get_extra_info(info));
  duckdb_init_set_max_threads(info, table.function.threads_max());
}

void table_init_thread(duckdb_init_info info) {
  const auto& table = *static_cast<RegisteredTable*>(duckdb_init_get_extra_info(info));
  const Status status = guarded([&]() -> Status {
    auto thread = std::make_unique<OpenThread>();
    SLUICE_ASSIGN_OR_RETURN(thread->scan, table.function.open_thread());
    thread->position.assign(table.function.columns.size(), -1);
    const idx_t wanted = duckdb_init_get_column_count(info);
    for (idx_t i = 0; i < wanted; ++i) {
      const idx_t column = duckdb_init_get_column_index(info, i);
      if (column < thread->position.size()) {
        thread->position[column] = static_cast<int>(i);
      }
    }
    duckdb_init_set_init_data(info, thread.release(), destroy<OpenThread>);
    return {};
  });
  if (!status) {
    table.errors->record(status.error());
    duckdb_init_set_error(info, status.error().message.c_str());
  }
}

void table_scan(duckdb_function_info info, duckdb_data_chunk output) {
  const auto& table = *static_cast<RegisteredTable*>(duckdb_function_get_extra_info(info));
  auto& thread = *static_cast<OpenThread*>(duckdb_function_get_local_init_data(info));
  const Status status = guarded([&]() -> Status {
    std::vector<ColumnWriter> columns;
    columns.reserve(thread.position.size());
    for (const int position : thread.position) {
      columns.emplace_back(position < 0 ? nullptr : duckdb_data_chunk_get_vector(output, position));
    }
    ChunkWriter writer(std::move(columns));
    SLUICE_ASSIGN_OR_RETURN(const std::size_t rows, thread.scan(writer));
    duckdb_data_chunk_set_size(output, rows);
    return {};
  });
  if (!status) {
    table.errors->record(status.error());
    duckdb_function_set_error(info, status.error().message.c_str());
  }
}

void scalar_call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& scalar = *static_cast<RegisteredScalar*>(duckdb_scalar_function_get_extra_info(info));
  const Status status = guarded([&] {
    ColumnWriter result(output);
    return scalar.function.call(ChunkView(input), result);
  });
  if (!status) {
    scalar.errors->record(status.error());
    duckdb_scalar_function_set_error(info, status.error().message.c_str());
  }
}

}  // namespace

std::size_t chunk_rows_max() { return duckdb_vector_size(); }

void FunctionErrors::record(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  if (!first_) {
    first_ = error;
  }
}

std::optional<base::Error> FunctionErrors::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(first_, std::nullopt);
}

Status Connection::add_function(TableFunction function) {
  duckdb_table_function handle = duckdb_create_table_function();
  const std::string name = function.name;
  duckdb_table_function_set_name(handle, name.c_str());
  duckdb_table_function_set_extra_info(handle, new RegisteredTable{std::move(function), errors_},
                                       destroy<RegisteredTable>);
  duckdb_table_function_set_bind(handle, table_bind);
  duckdb_table_function_set_init(handle, table_init);
  duckdb_table_function_set_local_init(handle, table_init_thread);
  duckdb_table_function_set_function(handle, table_scan);
  duckdb_table_function_supports_projection_pushdown(handle, true);
  const duckdb_state state = duckdb_register_table_function(handle_, handle);
  duckdb_destroy_table_function(&handle);
  return state == DuckDBSuccess ? Status() : base::internal_error("cannot register " + name);
}

Status Connection::add_function(ScalarFunction function) {
  duckdb_scalar_function handle = duckdb_create_scalar_function();
  const std::string name = function.name;
  duckdb_scalar_function_set_name(handle, name.c_str());
  for (const ArgumentType argument : function.arguments) {
    duckdb_scalar_function_add_parameter(handle, type_of(argument).get());
  }
  duckdb_scalar_function_set_return_type(handle, type_of(function.result).get());
  duckdb_scalar_function_set_volatile(handle);
  duckdb_scalar_function_set_special_handling(handle);
  duckdb_scalar_function_set_extra_info(handle, new RegisteredScalar{std::move(function), errors_},
                                        destroy<RegisteredScalar>);
  duckdb_scalar_function_set_function(handle, scalar_call);
  const duckdb_state state = duckdb_register_scalar_function(handle_, handle);
  duckdb_destroy_scalar_function(&handle);
  return state == DuckDBSuccess ? Status() : base::internal_error("cannot register " + name);
}

}  // namespace sluice::duck
