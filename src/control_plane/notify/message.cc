#include "sluice/notify/message.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sluice::notify {

std::string explain_command(const Message& message) {
  return message.run.empty() ? "sluice status" : "sluice explain " + message.run;
}

std::string to_json(const Message& message) {
  nlohmann::ordered_json document = {{"id", message.id},
                                     {"status", message.status},
                                     {"kind", message.kind},
                                     {"project", message.project},
                                     {"target", message.target},
                                     {"subject", message.subject},
                                     {"summary", message.summary},
                                     {"detail", message.detail},
                                     {"run", message.run},
                                     {"since", base::format_iso8601(message.since)},
                                     {"at", base::format_iso8601(message.at)},
                                     {"explain", explain_command(message)}};
  if (!message.link.empty()) {
    document["link"] = message.link;
  }
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sluice::notify
