#include "sluice/project/internal/alert_settings_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::project {

std::string_view to_text(AlertKind kind) { return kAlertKindNames[static_cast<int>(kind)]; }

bool AlertChannel::takes(AlertKind kind) const {
  return on.empty() || std::find(on.begin(), on.end(), kind) != on.end();
}

namespace internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kKeys[] = {"link", "quarantine_rate", "channels"};
constexpr std::string_view kTypes[] = {"webhook", "email"};
constexpr std::string_view kUnbuiltTypes[] = {"slack", "pagerduty", "teams"};
constexpr std::string_view kWebhookKeys[] = {"name", "type", "url", "secret", "timeout", "on"};
constexpr std::string_view kEmailKeys[] = {"name", "type",     "smtp",     "from",    "to",
                                           "user", "password", "starttls", "timeout", "on"};
constexpr std::int64_t kTimeoutMsMax = 60'000;

/// `5%` as 0.05.
void read_rate(const Node& node, double& rate, Reader& reader) {
  const std::string text = reader.text(node, "quarantine_rate").value_or("");
  double percent = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || std::string_view(at, end) != "%" || !std::isfinite(percent) ||
      percent < 0 || percent > 100) {
    reader.add(node, "quarantine_rate must be a share from 0% to 100%, not '" + text + "'");
    return;
  }
  rate = percent / 100;
}

void read_kinds(const Node& node, AlertChannel& channel, Reader& reader) {
  const auto texts = reader.texts(node, "on");
  if (!texts) {
    return;
  }
  for (const std::string& text : *texts) {
    const auto found = std::find(std::begin(kAlertKindNames), std::end(kAlertKindNames), text);
    if (found != std::end(kAlertKindNames)) {
      channel.on.push_back(static_cast<AlertKind>(found - std::begin(kAlertKindNames)));
      continue;
    }
    const std::vector<std::string> names(std::begin(kAlertKindNames), std::end(kAlertKindNames));
    const std::string near = base::nearest(text, names);
    reader.add(
        node, "there is no alert on '" + text + "'",
        near.empty() ? "there are " + base::join(names, ", ") : "did you mean '" + near + "'?");
  }
}

std::string read_url(const Node& node, std::string_view what,
                     std::initializer_list<std::string_view> schemes, Reader& reader) {
  const std::string url = reader.text(node, what).value_or("");
  const bool known = std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
    return url.starts_with(scheme) && url.size() > scheme.size();
  });
  const bool plain = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  });
  if (!known || !plain) {
    std::string wanted;
    for (const std::string_view scheme : schemes) {
      wanted += (wanted.empty() ? "" : " or ") + std::string(scheme);
    }
    reader.add(node, std::string(what) + " must begin with " + wanted + " and have no blanks");
  }
  return url;
}

void read_address(const Node& node, const std::string& address, Reader& reader) {
  const bool plain = std::none_of(address.begin(), address.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '>' || c == ',';
  });
  const std::size_t at = address.find('@');
  if (!plain || at == 0 || at == std::string::npos || at + 1 == address.size()) {
    reader.add(node, "'" + address + "' is no e-mail address", "write it as name@example.org");
  }
}

void read_webhook(const Node& node, const std::string& what, AlertChannel& channel,
                  Reader& reader) {
  reader.check_known_keys(node, what, kWebhookKeys);
  if (const Node* url = reader.required(node, "url", what)) {
    channel.url = read_url(*url, "url", {"http://", "https://"}, reader);
  }
  if (const Node* secret = node.find("secret")) {
    channel.secret = reader.text(*secret, "secret").value_or("");
  }
}

void read_email(const Node& node, const std::string& what, AlertChannel& channel, Reader& reader) {
  channel.type = AlertChannelType::kEmail;
  reader.check_known_keys(node, what, kEmailKeys);
  if (const Node* server = reader.required(node, "smtp", what)) {
    channel.url = read_url(*server, "smtp", {"smtp://", "smtps://"}, reader);
  }
  if (const Node* from = reader.required(node, "from", what)) {
    channel.from = reader.text(*from, "from").value_or("");
    read_address(*from, channel.from, reader);
  }
  if (const Node* to = reader.required(node, "to", what)) {
    channel.to = reader.texts(*to, "to").value_or(std::vector<std::string>());
    for (const std::string& address : channel.to) {
      read_address(*to, address, reader);
    }
  }
  const auto read_text = [&](std::string_view key, std::string& value) {
    if (const Node* found = node.find(key)) {
      value = reader.text(*found, key).value_or("");
    }
  };
  read_text("user", channel.user);
  read_text("password", channel.password);
  if (const Node* starttls = node.find("starttls")) {
    channel.starttls = reader.boolean(*starttls, "starttls").value_or(false);
  }
}

void read_channel(const Node& node, AlertSettings& alerts, Reader& reader) {
  if (!reader.expect_map(node, "an alert channel")) {
    return;
  }
  AlertChannel channel;
  const Node* type = reader.required(node, "type", "an alert channel");
  const Node* name = reader.required(node, "name", "an alert channel");
  if (type == nullptr || name == nullptr) {
    return;
  }
  channel.name = reader.text(*name, "name").value_or("");
  const std::string what = "alert channel '" + channel.name + "'";
  const bool taken =
      std::any_of(alerts.channels.begin(), alerts.channels.end(),
                  [&](const AlertChannel& other) { return other.name == channel.name; });
  if (taken || channel.name.empty()) {
    reader.add(*name, taken ? what + " is declared twice" : "an alert channel needs a name");
  }
  const auto chosen = reader.choice(*type, "type", kTypes, kUnbuiltTypes);
  if (!chosen) {
    return;
  }
  if (*chosen == "webhook") {
    read_webhook(node, what, channel, reader);
  } else {
    read_email(node, what, channel, reader);
  }
  if (const Node* timeout = node.find("timeout")) {
    channel.timeout_ms = reader.duration_ms(*timeout, "timeout").value_or(channel.timeout_ms);
    if (channel.timeout_ms < 1 || channel.timeout_ms > kTimeoutMsMax) {
      reader.add(*timeout, "timeout must be more than nothing and at most 60s");
    }
  }
  if (const Node* on = node.find("on")) {
    read_kinds(*on, channel, reader);
  }
  alerts.channels.push_back(std::move(channel));
}

}  // namespace

void read_alerts(const Node& node, AlertSettings& alerts, Reader& reader) {
  if (!reader.expect_map(node, "alerts")) {
    return;
  }
  reader.check_known_keys(node, "alerts", kKeys);
  if (const Node* link = node.find("link")) {
    alerts.link = read_url(*link, "link", {"http://", "https://"}, reader);
  }
  if (const Node* rate = node.find("quarantine_rate")) {
    read_rate(*rate, alerts.quarantine_rate, reader);
  }
  const Node* channels = node.find("channels");
  if (channels == nullptr || !reader.expect_list(*channels, "channels")) {
    return;
  }
  for (const Node& channel : channels->children) {
    read_channel(channel, alerts, reader);
  }
}

}  // namespace internal

}  // namespace sluice::project
