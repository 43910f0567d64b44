#pragma once

#include <string>
#include <vector>

#include "sluice/base/clock.h"

namespace sluice::notify {

/// One alert as it is told. `id` is the same however often it is sent, so that a receiver can tell
/// a repetition.
struct Message {
  std::string id;
  std::string status;  // firing | resolved | test
  std::string kind;    // failure, staleness, quarantine_rate, contract_break
  std::string project;
  std::string target;
  std::string subject;    // the table
  std::string summary;    // one line
  std::string detail;     // for people, may have lines
  std::string run;        // id of the run that brought it; "" none
  base::Timestamp since;  // when the cause began
  base::Timestamp at;
  std::string link;  // "" none
};

/// The command that explains an alert.
std::string explain_command(const Message& message);

/// The JSON object that webhooks receive.
std::string to_json(const Message& message);

/// The e-mail that people receive (RFC 5322, UTF-8): headers, then a base64 body. Nothing of the
/// message can add a header.
std::string to_mail(const Message& message, const std::string& from,
                    const std::vector<std::string>& to);

}  // namespace sluice::notify
