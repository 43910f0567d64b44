#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::notify {

struct HttpAnswer {
  long status = 0;
  std::string body;  // its beginning
};

/// Posts a body; redirects are not followed. Errors as send() has them, without judging the status.
base::Result<HttpAnswer> post(const std::string& url, const std::vector<std::string>& headers,
                              const std::string& body, std::int64_t timeout_ms);

struct Envelope {
  std::string url;
  std::string from;
  std::vector<std::string> to;
  std::string user;
  std::string password;
  bool starttls = false;
};

/// Hands a mail to a server, for all receivers or for none.
base::Status send_mail(const Envelope& envelope, const std::string& mail, std::int64_t timeout_ms);

}  // namespace sluice::notify
