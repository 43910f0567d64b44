#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "sluice/app/workspace.h"
#include "sluice/base/result.h"
#include "sluice/notify/channel.h"
#include "sluice/run/alert_book.h"

namespace sluice::app {

/// The channel as it is delivered to.
notify::Channel channel_of(const project::AlertChannel& settings);

/// A message with what every one has: project, target, link.
notify::Message message_of(const Workspace& workspace, const run::OutboxRow& row);

/// Sends what is due, oldest first. A channel that fails is left for the next invocation; that is
/// logged and said on standard error, and fails nothing. The caller holds the project's lock.
void deliver_alerts(Workspace& workspace, std::stop_token stop);

}  // namespace sluice::app
