#include "sluice/run/quarantine_verbs.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "sluice/project/source_choice.h"
#include "sluice/run/replay_run.h"
#include "sluice/run/table_files.h"
#include "sluice/run/waive_run.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

/// Leaves out sources whose records are another target's; kUnsupported for one that was named.
Result<std::vector<std::size_t>> own_sources(const project::Project& project,
                                             lake::Catalog& catalog, const std::string& wanted) {
  SLUICE_ASSIGN_OR_RETURN(const auto sources, project::choose_sources(project, wanted));
  std::vector<std::size_t> own;
  for (const std::size_t source : sources) {
    SLUICE_ASSIGN_OR_RETURN(
        const lake::TableName name,
        lake::parse_table_name(project::quarantine_table(project.sources[source])));
    SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
    if (entry && entry->borrowed) {
      if (!wanted.empty()) {
        SLUICE_RETURN_IF_ERROR(catalog.find_to_change(name));
      }
      continue;
    }
    own.push_back(source);
  }
  return own;
}

/// Looks for the meant records of each source and makes its run.
template <class Run, class Order>
Result<std::vector<ScheduledRun>> make_runs(RunContext& context, const RunParts& parts,
                                            const QuarantineRequest& request,
                                            const Order& prototype, std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(const auto sources,
                          own_sources(parts.project, parts.catalog, request.source));
  std::vector<ScheduledRun> runs;
  for (const std::size_t source : sources) {
    Order order = prototype;
    order.source = source;
    order.by = request.by;
    SLUICE_ASSIGN_OR_RETURN(
        order.survey, survey_quarantine(parts.catalog, parts.engine,
                                        project::quarantine_table(parts.project.sources[source]),
                                        order.filter, request.limits, stop));
    ScheduledRun run;
    run.run = std::make_unique<Run>(context, std::move(order));
    runs.push_back(std::move(run));
  }
  return runs;
}

QuarantineFilter filter_of(const QuarantineRequest& request, std::string_view status) {
  return {std::string(status), request.rule, request.column};
}

Result<ReplayPreview> preview_source(const project::Project& project,
                                     const project::Analysis& analysis, lake::Catalog& catalog,
                                     engine::Engine& engine, const QuarantineRequest& request,
                                     ReplayOrder order, std::stop_token stop) {
  ReplayPreview preview;
  const project::Source& source = project.sources[order.source];
  preview.source = source.table;
  preview.open = order.survey.total();
  if (preview.open == 0) {
    return preview;
  }
  SLUICE_ASSIGN_OR_RETURN(
      job::DecodeJob job,
      replay_request(project, analysis, catalog, order, base::RunId("preview"), preview.problems));
  SLUICE_ASSIGN_OR_RETURN(const WritePlan bronze,
                          plan_write(catalog, source.table, analysis.sources[order.source],
                                     source.partition_by, false, source.renames));
  job.bronze.schema = bronze.schema;
  job.bronze.dir = request.scratch + "/good";
  job.quarantine.schema = job::quarantine_schema();
  job.quarantine.dir = request.scratch + "/refused";
  job.bronze.file_prefix = job.quarantine.file_prefix = "preview";
  SLUICE_RETURN_IF_ERROR(catalog.files().make_dirs(job.bronze.dir));
  SLUICE_RETURN_IF_ERROR(catalog.files().make_dirs(job.quarantine.dir));
  const auto response = engine.execute({std::move(job), request.limits}, {}, std::move(stop));
  SLUICE_RETURN_IF_ERROR(catalog.files().remove_all(request.scratch));
  SLUICE_RETURN_IF_ERROR(response);
  const auto* decoded = std::get_if<job::DecodeResult>(&response->answer);
  if (decoded == nullptr) {
    return base::internal_error("a decode was not answered with its result");
  }
  for (const job::DecodedFile& file : decoded->files) {
    preview.would_pass += file.good;
  }
  preview.would_stay = preview.open - preview.would_pass;
  preview.refused_by = decoded->refused;
  return preview;
}

}  // namespace

Result<InvocationReport> replay_quarantine(const RunParts& parts, const InvocationOptions& options,
                                           const QuarantineRequest& request,
                                           const RunListener& listener, std::stop_token stop) {
  return invoke_runs(
      parts, options,
      [&](RunContext& context) {
        ReplayOrder order;
        order.filter = filter_of(request, kOpen);
        return make_runs<ReplayRun>(context, parts, request, order, stop);
      },
      listener, stop);
}

Result<InvocationReport> waive_quarantine(const RunParts& parts, const InvocationOptions& options,
                                          const QuarantineRequest& request, bool undo,
                                          const RunListener& listener, std::stop_token stop) {
  return invoke_runs(
      parts, options,
      [&](RunContext& context) {
        WaiveOrder order;
        order.filter = filter_of(request, undo ? kWaived : kOpen);
        order.undo = undo;
        order.note = request.note;
        return make_runs<WaiveRun>(context, parts, request, order, stop);
      },
      listener, stop);
}

Result<std::vector<ReplayPreview>> preview_replay(const project::Project& project,
                                                  const project::Analysis& analysis,
                                                  lake::Catalog& catalog, engine::Engine& engine,
                                                  const QuarantineRequest& request,
                                                  std::stop_token stop) {
  SLUICE_ASSIGN_OR_RETURN(const auto sources, own_sources(project, catalog, request.source));
  std::vector<ReplayPreview> previews;
  for (const std::size_t source : sources) {
    ReplayOrder order;
    order.source = source;
    order.filter = filter_of(request, kOpen);
    SLUICE_ASSIGN_OR_RETURN(
        order.survey,
        survey_quarantine(catalog, engine, project::quarantine_table(project.sources[source]),
                          order.filter, request.limits, stop));
    SLUICE_ASSIGN_OR_RETURN(
        ReplayPreview preview,
        preview_source(project, analysis, catalog, engine, request, std::move(order), stop));
    previews.push_back(std::move(preview));
  }
  return previews;
}

}  // namespace sluice::run
