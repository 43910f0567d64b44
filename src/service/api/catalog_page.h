#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sluice/api/request_path.h"
#include "sluice/base/result.h"

namespace sluice::api {

/// A part of a list, and the token that brings the next one.
struct Page {
  std::vector<std::string> keys;
  std::optional<std::string> next_token;
};

/// Cuts the page that `pageToken` and `pageSize` ask for out of ordered keys; all of them when no
/// token is given, as the protocol demands. A token says after which key the page begins, so a list
/// that changes meanwhile is neither read twice nor left out. kInvalidInput for a size or token
/// that is none.
base::Result<Page> cut_page(std::vector<std::string> keys, const RequestPath& path);

}  // namespace sluice::api
