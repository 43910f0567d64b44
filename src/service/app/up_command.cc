#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sluice/api/daemon.h"
#include "sluice/api/http_server.h"
#include "sluice/api/rest_catalog.h"
#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/run/erasure_finish.h"
#include "sluice/run/recovery.h"

namespace sluice::app {

using base::Result;

namespace {

void tell_where(const std::string& url, const Workspace& workspace, bool json) {
  const std::string& project = workspace.project().name;
  const std::string& target = workspace.target().name;
  if (json) {
    fmt::print("{}\n", nlohmann::json{{"ok", true},
                                      {"url", url},
                                      {"catalog", url + "/iceberg"},
                                      {"project", project},
                                      {"target", target}}
                           .dump());
  } else {
    fmt::print(
        "project {} (target {}) is up at {}\n  Iceberg REST catalog  {}/iceberg\n"
        "  health, counters      {}/healthz /readyz /metrics\nCtrl-C stops it\n",
        project, target, url, url, url);
  }
  std::fflush(stdout);
}

/// What a process that died left behind must not be shown to others.
base::Status settle(Workspace& workspace) {
  run::Records records(workspace.database());
  SLUICE_RETURN_IF_ERROR(
      run::finish_erasures(workspace.catalog(), workspace.clock(), workspace.random()));
  SLUICE_ASSIGN_OR_RETURN(const auto repaired, run::recover(workspace.catalog(), workspace.files(),
                                                            records, workspace.clock()));
  for (const std::string& line : repaired) {
    fmt::print(stderr, "repaired: {}\n", line);
  }
  return {};
}

}  // namespace

Result<int> run_up(const CommandLine& line) {
  StopSignal stop;  // before any thread is started: they inherit what it blocks
  SLUICE_RETURN_IF_ERROR(api::check_loopback(line.address));
  SLUICE_ASSIGN_OR_RETURN(const auto server, api::HttpServer::listen(line.address, line.port, {}));
  const bool v6 = line.address.find(':') != std::string::npos;
  const std::string url =
      fmt::format("http://{}{}{}:{}", v6 ? "[" : "", line.address, v6 ? "]" : "", server->port());
  WorkspaceOptions options = line.workspace;
  options.serves_at = url;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(options));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_writing());
  SLUICE_RETURN_IF_ERROR(settle(*workspace));
  const std::string& warehouse = workspace->target().warehouse;
  api::RestCatalog catalog({workspace->catalog(),
                            {workspace->project().name, workspace->target().name, warehouse,
                             storage::file_uri(warehouse)}});
  const auto is_ready = [&]() -> base::Status {
    SLUICE_RETURN_IF_ERROR(workspace->catalog().list_own_tables());
    return {};
  };
  api::Daemon daemon(catalog, is_ready, workspace->log());
  tell_where(url, *workspace, line.json);
  workspace->log().log(telemetry::Severity::kInfo, "daemon.up", {{"url", url}});
  daemon.serve(*server, stop.token());
  workspace->log().log(telemetry::Severity::kInfo, "daemon.down", {{"url", url}});
  return 0;
}

}  // namespace sluice::app
