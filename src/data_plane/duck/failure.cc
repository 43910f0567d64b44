#include "sluice/duck/failure.h"

#include <duckdb.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace sluice::duck {

namespace {

using base::Error;
using base::ErrorKind;

ErrorKind kind_of(int type) {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorKind::kExhausted;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorKind::kCancelled;
    case DUCKDB_ERROR_PERMISSION:
      return ErrorKind::kUnauthorized;
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
    case DUCKDB_ERROR_MISSING_EXTENSION:
      return ErrorKind::kUnsupported;
    case DUCKDB_ERROR_IO:
      return ErrorKind::kUnavailable;
    case DUCKDB_ERROR_SERIALIZATION:
      return ErrorKind::kCorrupt;
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_SCHEDULER:
    case DUCKDB_ERROR_EXECUTOR:
    case DUCKDB_ERROR_CONNECTION:
    case DUCKDB_ERROR_NULL_POINTER:
    case DUCKDB_ERROR_STAT:
      return ErrorKind::kInternal;
    default:
      return ErrorKind::kInvalidInput;
  }
}

// Names under which errors_as_json gives the types that the switch above tells apart.
constexpr std::array<std::pair<std::string_view, int>, 9> kTypeNames = {{
    {"Out of Memory", DUCKDB_ERROR_OUT_OF_MEMORY},
    {"INTERRUPT", DUCKDB_ERROR_INTERRUPT},
    {"Permission", DUCKDB_ERROR_PERMISSION},
    {"Not implemented", DUCKDB_ERROR_NOT_IMPLEMENTED},
    {"IO", DUCKDB_ERROR_IO},
    {"Parser", DUCKDB_ERROR_PARSER},
    {"Syntax", DUCKDB_ERROR_SYNTAX},
    {"FATAL", DUCKDB_ERROR_FATAL},
    {"INTERNAL", DUCKDB_ERROR_INTERNAL},
}};

int type_in(const nlohmann::json& object) {
  const auto found = object.find("exception_type");
  for (const auto& [name, type] : kTypeNames) {
    if (found != object.end() && *found == name) {
      return type;
    }
  }
  return DUCKDB_ERROR_INVALID_INPUT;
}

std::int64_t number_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return -1;
  }
  const auto& digits = found->get_ref<const std::string&>();
  std::int64_t number = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// The parser counts characters where the binder counts bytes.
std::int64_t byte_of_character(std::string_view text, std::int64_t character) {
  std::int64_t byte = 0;
  for (; byte < static_cast<std::int64_t>(text.size()); ++byte) {
    const bool continues = (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80;
    if (!continues && character-- == 0) {
      break;
    }
  }
  return byte;
}

}  // namespace

Failure read_failure(int type, std::string_view message, std::string_view statement) {
  Failure failure{Error{kind_of(type), std::string(message)}};
  const std::size_t brace = message.find('{');
  if (brace == std::string_view::npos) {
    return failure;
  }
  const auto json = nlohmann::json::parse(message.substr(brace), nullptr, false);
  if (!json.is_object() || !json.contains("exception_message") ||
      !json["exception_message"].is_string()) {
    return failure;
  }
  failure.error.message = json["exception_message"].get<std::string>();
  if (type == DUCKDB_ERROR_INVALID) {
    type = type_in(json);
    failure.error.kind = kind_of(type);
  }
  if (type == DUCKDB_ERROR_IO) {
    const std::int64_t error_number = number_in(json, "errno");
    if (error_number > 0) {
      const ErrorKind kind = base::from_errno(static_cast<int>(error_number), "").kind;
      failure.error.kind = kind;
    }
  }
  failure.offset = number_in(json, "position");
  if (failure.offset >= 0 && (type == DUCKDB_ERROR_PARSER || type == DUCKDB_ERROR_SYNTAX)) {
    failure.offset = byte_of_character(statement, failure.offset);
  }
  return failure;
}

}  // namespace sluice::duck
