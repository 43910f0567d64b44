#pragma once

#include <cstdint>
#include <string_view>

#include "sluice/base/error.h"

namespace sluice::duck {

/// What DuckDB said of a statement that failed. `offset` is the byte in the statement that the
/// message is about, -1 when it names none.
struct Failure {
  base::Error error;
  std::int64_t offset = -1;
};

/// Reads a message that DuckDB wrote under `errors_as_json`, or a plain one. `type` is DuckDB's
/// error type, 0 where its API gives none and the message alone has it. Out of memory is
/// kExhausted, interrupt kCancelled, parser, binder, catalog and conversion kInvalidInput,
/// permission kUnauthorized; an I/O error gets its kind from its errno.
Failure read_failure(int type, std::string_view message, std::string_view statement);

}  // namespace sluice::duck
