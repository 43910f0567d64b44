#include "sluice/duck/appender.h"

#include <duckdb.h>

#include <utility>

#include "sluice/duck/database.h"
#include "sluice/duck/internal/make_value.h"

namespace sluice::duck {

namespace {

using base::Result;
using base::Status;
using data::TypeKind;

}  // namespace

Result<Appender> Appender::open(Connection& connection, const std::string& schema,
                                const std::string& table) {
  duckdb_appender handle = nullptr;
  const duckdb_state state =
      duckdb_appender_create(connection.handle_, schema.c_str(), table.c_str(), &handle);
  Appender appender(handle);
  if (state != DuckDBSuccess) {
    return appender.last_error();
  }
  return appender;
}

Appender::Appender(Appender&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), failed_(other.failed_) {}

Appender::~Appender() { duckdb_appender_destroy(&handle_); }

void Appender::add(std::int64_t value) {
  failed_ |= duckdb_append_int64(handle_, value) != DuckDBSuccess;
}

void Appender::add(std::string_view text) {
  failed_ |= duckdb_append_varchar_length(handle_, text.data(), text.size()) != DuckDBSuccess;
}

void Appender::add_null() { failed_ |= duckdb_append_null(handle_) != DuckDBSuccess; }

void Appender::add(const data::Value& value, const data::Type& type) {
  if (data::is_null(value)) {
    return add_null();
  }
  duckdb_state state = DuckDBError;
  duckdb_value made = nullptr;
  switch (type.kind) {
    case TypeKind::kBoolean:
      state = duckdb_append_bool(handle_, std::get<bool>(value));
      break;
    case TypeKind::kInt:
      state = duckdb_append_int32(handle_, std::get<std::int32_t>(value));
      break;
    case TypeKind::kLong:
      state = duckdb_append_int64(handle_, std::get<std::int64_t>(value));
      break;
    case TypeKind::kFloat:
      state = duckdb_append_float(handle_, std::get<float>(value));
      break;
    case TypeKind::kDouble:
      state = duckdb_append_double(handle_, std::get<double>(value));
      break;
    case TypeKind::kDate:
      state = duckdb_append_date(handle_, {std::get<std::int32_t>(value)});
      break;
    case TypeKind::kTime:
      state = duckdb_append_time(handle_, {std::get<std::int64_t>(value)});
      break;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      state = duckdb_append_timestamp(handle_, {std::get<std::int64_t>(value)});
      break;
    case TypeKind::kString: {
      const auto& text = std::get<std::string>(value);
      state = duckdb_append_varchar_length(handle_, text.data(), text.size());
      break;
    }
    case TypeKind::kFixed:
    case TypeKind::kBinary: {
      const auto& bytes = std::get<std::string>(value);
      state = duckdb_append_blob(handle_, bytes.data(), bytes.size());
      break;
    }
    case TypeKind::kDecimal:
    case TypeKind::kUuid:
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      made = make_value(value, type);
      break;
  }
  if (made != nullptr) {
    state = duckdb_append_value(handle_, made);
    duckdb_destroy_value(&made);
  }
  failed_ |= state != DuckDBSuccess;
}

Status Appender::end_row() {
  if (failed_ || duckdb_appender_end_row(handle_) != DuckDBSuccess) {
    return last_error();
  }
  return {};
}

Status Appender::finish() {
  if (duckdb_appender_close(handle_) != DuckDBSuccess) {
    return last_error();
  }
  return {};
}

base::Error Appender::last_error() const {
  duckdb_error_data data = duckdb_appender_error_data(handle_);
  const char* message = duckdb_error_data_message(data);
  base::Error error = read_failure(duckdb_error_data_error_type(data),
                                   message == nullptr ? "the appender failed" : message, "")
                          .error;
  duckdb_destroy_error_data(&data);
  return error;
}

}  // namespace sluice::duck
