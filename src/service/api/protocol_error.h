#pragma once

#include <string>
#include <string_view>

#include "sluice/api/http_message.h"
#include "sluice/base/error.h"

namespace sluice::api {

/// What a request was about, as the protocol's errors name it.
enum class Subject { kNamespace, kTable, kWarehouse, kEndpoint };

/// The protocol's error (Iceberg REST catalog, ErrorModel): message, type and status.
HttpResponse refusal(int status, std::string_view type, std::string_view message);

/// The same for an error of ours. The one place where an ErrorKind becomes a status.
HttpResponse refusal(const base::Error& error, Subject subject);

}  // namespace sluice::api
