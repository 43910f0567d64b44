#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/app/alert_delivery.h"
#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/text_table.h"
#include "sluice/base/ids.h"
#include "sluice/base/text.h"
#include "sluice/notify/deliver.h"
#include "sluice/run/lag_alerts.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

void print_json(const Json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Json to_json(const std::vector<run::OpenAlert>& open,
             const std::vector<run::OutboxRow>& undelivered) {
  Json document = {{"open", Json::array()}, {"undelivered", Json::array()}};
  for (const run::OpenAlert& alert : open) {
    document["open"].push_back({{"kind", alert.kind},
                                {"subject", alert.subject},
                                {"summary", alert.summary},
                                {"run", alert.run},
                                {"since", base::format_iso8601({alert.since_us})}});
  }
  for (const run::OutboxRow& row : undelivered) {
    document["undelivered"].push_back({{"id", row.id},
                                       {"channel", row.channel},
                                       {"status", row.status},
                                       {"summary", row.summary},
                                       {"attempts", row.attempts},
                                       {"last_error", row.last_error}});
  }
  return document;
}

/// Prints what holds and what waits.
Result<int> print_alerts(Workspace& workspace, const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto open, run::open_alerts(workspace.database()));
  SLUICE_ASSIGN_OR_RETURN(const auto undelivered, run::undelivered_alerts(workspace.database()));
  if (line.json) {
    print_json(to_json(open, undelivered));
    return 0;
  }
  if (open.empty()) {
    fmt::print("nothing is wrong\n");
  } else {
    TextTable table({"since", "kind", "table", "what"}, {});
    for (const run::OpenAlert& alert : open) {
      table.add({base::format_iso8601({alert.since_us}).substr(0, 16), alert.kind, alert.subject,
                 alert.summary});
    }
    table.print(stdout, line_width(stdout));
  }
  for (const run::OutboxRow& row : undelivered) {
    fmt::print("undelivered to {} after {} attempts: {} {} ({})\n", row.channel, row.attempts,
               row.status, row.summary, row.last_error.empty() ? "not tried" : row.last_error);
  }
  return 0;
}

}  // namespace

Result<int> run_alerts_list(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  return print_alerts(*workspace, line);
}

Result<int> run_alerts_test(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  std::vector<std::string> names;
  Json results = Json::array();
  bool ok = true;
  bool any = false;
  for (const project::AlertChannel& settings : workspace->project().alerts.channels) {
    names.push_back(settings.name);
    if (!line.channel.empty() && settings.name != line.channel) {
      continue;
    }
    any = true;
    run::OutboxRow row;
    row.id = base::make_uuid7(workspace->clock(), workspace->random());
    row.status = "test";
    row.kind = "test";
    row.summary = "a test message: this channel works";
    row.since_us = row.created_us = workspace->clock().now().us;
    const Status sent = notify::deliver(channel_of(settings), message_of(*workspace, row), {},
                                        workspace->random(), stop.token());
    ok = ok && sent.ok();
    results.push_back({{"channel", settings.name},
                       {"ok", sent.ok()},
                       {"error", sent ? "" : sent.error().message}});
    if (!line.json) {
      fmt::print("{:<20} {}\n", settings.name, sent ? "sent" : "failed: " + sent.error().message);
    }
  }
  if (!any) {
    return base::not_found(names.empty()
                               ? "sluice.yaml declares no channel under alerts"
                               : fmt::format("there is no alert channel '{}'; there are {}",
                                             line.channel, base::join(names, ", ")));
  }
  if (line.json) {
    print_json({{"ok", ok}, {"channels", results}});
  }
  return ok ? 0 : 1;
}

Result<int> run_alerts_check(const CommandLine& line) {
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  run::Records records(workspace->database());
  run::AlertBook alerts(workspace->project(), workspace->clock(), workspace->random());
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(workspace->database()));
  SLUICE_RETURN_IF_ERROR(run::note_lags(transaction, alerts, workspace->project(), *analysis,
                                        workspace->catalog(), records, workspace->clock().now()));
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  deliver_alerts(*workspace, stop.token());
  return print_alerts(*workspace, line);
}

}  // namespace sluice::app
