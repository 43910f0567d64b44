#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::api {

/// What follows the `/` of a request's target, decoded.
struct RequestPath {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;

  /// The first value of that name; nothing when it is not given.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Decodes a target (RFC 3986; in the query `+` is a blank). kInvalidInput, saying why, for one
/// that is not absolute, a broken escape, text that is not UTF-8, control characters other than the
/// unit separator 0x1F, and segments that are empty, `.`, `..` or hold a slash.
base::Result<RequestPath> parse_request_path(std::string_view target);

}  // namespace sluice::api
