#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/notify/message.h"

namespace sluice::notify {

/// Receives each message as a POST of JSON. Headers: `Idempotency-Key`, the message's id; with a
/// secret also `X-Sluice-Signature: sha256=<hex>`, the HMAC of the body.
struct Webhook {
  std::string url;
  std::string secret;
};

/// Sends each message by SMTP.
struct MailServer {
  std::string url;  // smtp://host:port, smtps://host:port
  std::string from;
  std::vector<std::string> to;
  std::string user;
  std::string password;
  bool starttls = false;  // required then
};

struct Channel {
  std::string name;
  std::variant<Webhook, MailServer> to;
  std::int64_t timeout_ms = 5000;  // of one attempt
};

/// Sends a message once. kUnavailable and kTimeout: trying again may help (no connection, a server
/// that is busy or broken); kUnauthorized, kInvalidInput: the settings or the receiver must change.
base::Status send(const Channel& channel, const Message& message);

}  // namespace sluice::notify
