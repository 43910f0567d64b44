#include "sluice/app/alert_delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "sluice/notify/deliver.h"

namespace sluice::app {

namespace {

using base::Status;

constexpr std::int64_t kDeliveryUsMax = 60'000'000;  // of one invocation

/// Sends due messages until a channel fails or time is up.
Status deliver_due(Workspace& workspace, const std::stop_token& stop) {
  const project::AlertSettings& settings = workspace.project().alerts;
  metastore::Database& database = workspace.database();
  const base::Timestamp started = workspace.clock().now();
  SLUICE_RETURN_IF_ERROR(run::give_up_channels(database, settings, started));
  SLUICE_ASSIGN_OR_RETURN(const auto due, run::due_alerts(database, started));
  std::set<std::string> failed;
  for (const run::OutboxRow& row : due) {
    const bool late = workspace.clock().now().us - started.us > kDeliveryUsMax;
    if (late || stop.stop_requested()) {
      return {};
    }
    const auto channel =
        std::find_if(settings.channels.begin(), settings.channels.end(),
                     [&](const project::AlertChannel& one) { return one.name == row.channel; });
    if (failed.contains(row.channel) || channel == settings.channels.end()) {
      continue;  // messages of a channel keep their order
    }
    const Status sent = notify::deliver(channel_of(*channel), message_of(workspace, row), {},
                                        workspace.random(), stop);
    const base::Timestamp now = workspace.clock().now();
    if (sent) {
      SLUICE_RETURN_IF_ERROR(run::mark_delivered(database, row.id, now));
      workspace.log().log(telemetry::Severity::kInfo, "alert.delivered",
                          {{"channel", row.channel}, {"alert", row.id}});
      continue;
    }
    failed.insert(row.channel);
    SLUICE_RETURN_IF_ERROR(run::mark_undelivered(database, row.id, sent.error().message,
                                                 {now.us + notify::later_us(row.attempts + 1)}));
    workspace.log().log(
        telemetry::Severity::kWarning, "alert.undelivered",
        {{"channel", row.channel}, {"alert", row.id}, {"error", sent.error().message}});
    fmt::print(stderr, "sluice: alert channel {} failed, the next run tries again: {}\n",
               row.channel, sent.error().message);
  }
  return {};
}

}  // namespace

notify::Channel channel_of(const project::AlertChannel& settings) {
  notify::Channel channel;
  channel.name = settings.name;
  channel.timeout_ms = settings.timeout_ms;
  if (settings.type == project::AlertChannelType::kWebhook) {
    channel.to = notify::Webhook{settings.url, settings.secret};
  } else {
    channel.to = notify::MailServer{settings.url,  settings.from,     settings.to,
                                    settings.user, settings.password, settings.starttls};
  }
  return channel;
}

notify::Message message_of(const Workspace& workspace, const run::OutboxRow& row) {
  notify::Message message;
  message.id = row.id;
  message.status = row.status;
  message.kind = row.kind;
  message.project = workspace.project().name;
  message.target = workspace.target().name;
  message.subject = row.subject;
  message.summary = row.summary;
  message.detail = row.detail;
  message.run = row.run;
  message.since = {row.since_us};
  message.at = {row.created_us};
  if (std::string link = workspace.project().alerts.link; !link.empty()) {
    link += link.ends_with('/') ? "" : "/";
    message.link = link + (row.run.empty() ? "tables/" + row.subject : "runs/" + row.run);
  }
  return message;
}

void deliver_alerts(Workspace& workspace, std::stop_token stop) {
  if (const Status done = deliver_due(workspace, stop); !done) {
    workspace.log().log(telemetry::Severity::kWarning, "alert.undelivered",
                        {{"error", done.error().message}});
    fmt::print(stderr, "sluice: alerts were not delivered: {}\n", done.error().message);
  }
}

}  // namespace sluice::app
