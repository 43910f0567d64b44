#include "sluice/api/protocol_error.h"

#include <nlohmann/json.hpp>

namespace sluice::api {

namespace {

using base::ErrorKind;

constexpr int kServiceUnavailable = 503;
constexpr std::string_view kRetryAfterS = "1";

std::string_view missing_type(Subject subject) {
  switch (subject) {
    case Subject::kNamespace:
      return "NoSuchNamespaceException";
    case Subject::kTable:
      return "NoSuchTableException";
    case Subject::kWarehouse:
      return "NoSuchWarehouseException";
    case Subject::kEndpoint:
      return "NoSuchEndpointException";
  }
  return "NotFoundException";
}

}  // namespace

HttpResponse refusal(int status, std::string_view type, std::string_view message) {
  HttpResponse response;
  response.status = status;
  response.body =
      nlohmann::json{{"error", {{"message", message}, {"type", type}, {"code", status}}}}.dump(
          -1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (status == kServiceUnavailable) {
    response.headers.emplace_back("Retry-After", kRetryAfterS);
  }
  return response;
}

HttpResponse refusal(const base::Error& error, Subject subject) {
  const auto as = [&](int status, std::string_view type) {
    return refusal(status, type, error.message);
  };
  switch (error.kind) {
    case ErrorKind::kInvalidInput:
      return as(400, "BadRequestException");
    case ErrorKind::kContractViolation:
      return as(400, "ValidationException");
    case ErrorKind::kNotFound:
      return as(404, missing_type(subject));
    case ErrorKind::kAlreadyExists:
      return as(409, "AlreadyExistsException");
    case ErrorKind::kConflict:
      return as(409, "CommitFailedException");
    case ErrorKind::kUnauthorized:
      return as(403, "ForbiddenException");
    case ErrorKind::kUnsupported:
      return as(406, "UnsupportedOperationException");
    case ErrorKind::kExhausted:
    case ErrorKind::kTimeout:
    case ErrorKind::kCancelled:
    case ErrorKind::kUnavailable:
      return as(kServiceUnavailable, "ServiceUnavailableException");
    case ErrorKind::kCommitStateUnknown:
      return as(500, "CommitStateUnknownException");
    case ErrorKind::kCorrupt:
    case ErrorKind::kInternal:
      return as(500, "InternalServerError");
  }
  return as(500, "InternalServerError");
}

}  // namespace sluice::api
