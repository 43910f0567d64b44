#pragma once

#include <string>
#include <string_view>

namespace sluice::base {

/// What went wrong, chosen by what the caller does next. Closed: every switch over it is
/// exhaustive.
enum class ErrorKind {
  kInvalidInput,        // the user must change something; retrying cannot help
  kNotFound,            // the named thing does not exist
  kAlreadyExists,       // the named thing exists and must not
  kConflict,            // somebody else moved first; reload and decide again
  kContractViolation,   // data broke a declared rule
  kUnauthorized,        // credentials or permissions are missing
  kExhausted,           // a limit was reached (memory, disk, queue); free some or raise it
  kTimeout,             // a deadline passed
  kCancelled,           // somebody asked us to stop
  kUnavailable,         // a peer did not answer; retrying may help
  kCorrupt,             // stored bytes are not what was written
  kCommitStateUnknown,  // a commit may have happened: look its id up before anything else
  kUnsupported,         // legal, but not built
  kInternal,            // our bug
};

/// An error with its kind and a message that says what was wrong, where, and what to do.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;

  /// Returns the same error with `context` and ": " in front of its message.
  Error in(std::string_view context) const;
};

std::string_view to_text(ErrorKind kind);

/// Says whether trying the same call again, after a pause, can succeed. The one retry policy.
bool is_retryable(ErrorKind kind);

/// Returns the process exit code for an error: 1 a check failed, 2 usage or I/O.
int exit_code(ErrorKind kind);

Error invalid_input(std::string message);
Error not_found(std::string message);
Error already_exists(std::string message);
Error conflict(std::string message);
Error exhausted(std::string message);
Error cancelled(std::string message);
Error unavailable(std::string message);
Error corrupt(std::string message);
Error unsupported(std::string message);
Error internal_error(std::string message);

/// Builds an error from an `errno` value: the kind follows from the number (ENOENT is kNotFound,
/// EACCES kUnauthorized, ENOSPC and EDQUOT kExhausted, ...), the message names `what` and the
/// reason.
Error from_errno(int error_number, std::string_view what);

}  // namespace sluice::base
