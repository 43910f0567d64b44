#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::project {

/// What an alert is about.
enum class AlertKind {
  kFailure,         // a run failed, or its process died
  kStaleness,       // a model is further behind its inputs than its target_lag
  kQuarantineRate,  // a source refused a larger share of its records than the threshold
  kContractBreak,   // an expectation failed, or files came without the contract's columns
};

inline constexpr std::string_view kAlertKindNames[] = {"failure", "staleness", "quarantine_rate",
                                                       "contract_break"};

std::string_view to_text(AlertKind kind);

enum class AlertChannelType { kWebhook, kEmail };

/// Where alerts are sent.
struct AlertChannel {
  std::string name;
  AlertChannelType type = AlertChannelType::kWebhook;
  std::string url;     // http(s)://… of a webhook, smtp(s)://host:port of a mail server
  std::string secret;  // of a webhook: signs each body
  std::string from;    // of e-mail, like all that follow
  std::vector<std::string> to;
  std::string user;
  std::string password;
  bool starttls = false;
  std::int64_t timeout_ms = 5000;  // of one attempt
  std::vector<AlertKind> on;       // empty: every kind

  bool takes(AlertKind kind) const;
};

struct AlertSettings {
  std::vector<AlertChannel> channels;
  std::string link;               // base of links in alerts; "" for none
  double quarantine_rate = 0.05;  // share of a batch's records above which there is an alert
};

}  // namespace sluice::project
