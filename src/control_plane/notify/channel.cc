#include "sluice/notify/channel.h"

#include <fmt/format.h>

#include "sluice/base/hmac.h"
#include "sluice/notify/internal/transfer.h"

namespace sluice::notify {

namespace {

using base::Status;

constexpr std::size_t kAnswerShown = 200;

Status judge_status(const HttpAnswer& answer, const std::string& url) {
  if (answer.status >= 200 && answer.status < 300) {
    return {};
  }
  std::string text = fmt::format("{} answered {}", url, answer.status);
  if (!answer.body.empty()) {
    text += ": " + answer.body.substr(0, kAnswerShown);
  }
  switch (answer.status) {
    case 401:
    case 403:
      return base::Error{base::ErrorKind::kUnauthorized, text};
    case 408:
    case 425:
    case 429:
      return base::unavailable(text);
    default:
      return answer.status >= 500 ? base::unavailable(text) : base::invalid_input(text);
  }
}

Status send_to(const Webhook& hook, const Channel& channel, const Message& message) {
  const std::string body = to_json(message);
  std::vector<std::string> headers = {"Content-Type: application/json", "User-Agent: sluice",
                                      "Expect:", "Idempotency-Key: " + message.id};
  if (!hook.secret.empty()) {
    headers.push_back("X-Sluice-Signature: sha256=" + base::hmac_sha256_hex(hook.secret, body));
  }
  SLUICE_ASSIGN_OR_RETURN(const HttpAnswer answer,
                          post(hook.url, headers, body, channel.timeout_ms));
  return judge_status(answer, hook.url);
}

Status send_to(const MailServer& server, const Channel& channel, const Message& message) {
  return send_mail(
      {server.url, server.from, server.to, server.user, server.password, server.starttls},
      to_mail(message, server.from, server.to), channel.timeout_ms);
}

}  // namespace

Status send(const Channel& channel, const Message& message) {
  return std::visit([&](const auto& to) { return send_to(to, channel, message); }, channel.to);
}

}  // namespace sluice::notify
