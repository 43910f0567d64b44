#include "sluice/base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice::base {

Error Error::in(std::string_view context) const {
  return Error{kind, std::string(context) + ": " + message};
}

std::string_view to_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput:
      return "invalid_input";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kAlreadyExists:
      return "already_exists";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kContractViolation:
      return "contract_violation";
    case ErrorKind::kUnauthorized:
      return "unauthorized";
    case ErrorKind::kExhausted:
      return "exhausted";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kCommitStateUnknown:
      return "commit_state_unknown";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

bool is_retryable(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kTimeout:
    case ErrorKind::kConflict:
      return true;
    case ErrorKind::kInvalidInput:
    case ErrorKind::kNotFound:
    case ErrorKind::kAlreadyExists:
    case ErrorKind::kContractViolation:
    case ErrorKind::kUnauthorized:
    case ErrorKind::kExhausted:
    case ErrorKind::kCancelled:
    case ErrorKind::kCorrupt:
    case ErrorKind::kCommitStateUnknown:
    case ErrorKind::kUnsupported:
    case ErrorKind::kInternal:
      return false;
  }
  return false;
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kContractViolation:
    case ErrorKind::kCorrupt:
    case ErrorKind::kConflict:
      return 1;
    case ErrorKind::kInvalidInput:
    case ErrorKind::kNotFound:
    case ErrorKind::kAlreadyExists:
    case ErrorKind::kUnauthorized:
    case ErrorKind::kExhausted:
    case ErrorKind::kTimeout:
    case ErrorKind::kUnavailable:
    case ErrorKind::kCommitStateUnknown:
    case ErrorKind::kUnsupported:
    case ErrorKind::kInternal:
      return 2;
    case ErrorKind::kCancelled:
      return 130;
  }
  return 2;
}

Error invalid_input(std::string message) { return {ErrorKind::kInvalidInput, std::move(message)}; }
Error not_found(std::string message) { return {ErrorKind::kNotFound, std::move(message)}; }
Error already_exists(std::string message) {
  return {ErrorKind::kAlreadyExists, std::move(message)};
}
Error conflict(std::string message) { return {ErrorKind::kConflict, std::move(message)}; }
Error exhausted(std::string message) { return {ErrorKind::kExhausted, std::move(message)}; }
Error cancelled(std::string message) { return {ErrorKind::kCancelled, std::move(message)}; }
Error unavailable(std::string message) { return {ErrorKind::kUnavailable, std::move(message)}; }
Error corrupt(std::string message) { return {ErrorKind::kCorrupt, std::move(message)}; }
Error unsupported(std::string message) { return {ErrorKind::kUnsupported, std::move(message)}; }
Error internal_error(std::string message) { return {ErrorKind::kInternal, std::move(message)}; }

namespace {

ErrorKind kind_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorKind::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kUnauthorized;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
      return ErrorKind::kExhausted;
    case ETIMEDOUT:
      return ErrorKind::kTimeout;
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case EAGAIN:
    case EIO:
      return ErrorKind::kUnavailable;
    case EINVAL:
    case ENAMETOOLONG:
    case EISDIR:
    case ELOOP:
      return ErrorKind::kInvalidInput;
    default:
      return ErrorKind::kInternal;
  }
}

}  // namespace

Error from_errno(int error_number, std::string_view what) {
  return {kind_of_errno(error_number), std::string(what) + ": " + std::strerror(error_number)};
}

}  // namespace sluice::base
