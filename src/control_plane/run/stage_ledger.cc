#include "sluice/run/stage_ledger.h"

#include <algorithm>
#include <utility>

#include "sluice/run/stage_price.h"

namespace sluice::run {

namespace {

using base::Result;

void add_files(const std::vector<job::StagedFile>& files, StageOutput& output) {
  for (const job::StagedFile& file : files) {
    output.rows += file.rows;
    output.bytes += file.bytes;
    ++output.files;
  }
}

StageOutput output_of(const job::Answer& answer) {
  StageOutput output;
  if (const auto* stage = std::get_if<job::StageResult>(&answer)) {
    add_files(stage->files, output);
  } else if (const auto* decode = std::get_if<job::DecodeResult>(&answer)) {
    add_files(decode->bronze, output);
    add_files(decode->quarantine, output);
  }
  return output;
}

/// How long the stage takes if it is like those before; 0 when there was none. It is only shown.
std::int64_t expected_us(Records& records, const std::string& name,
                         const control::StageContext& stage, const std::string& template_id) {
  const auto past = records.past_stages(stage.scope, name, 1);
  if (!past || past->empty()) {
    return 0;
  }
  const auto price =
      StagePricer(records).price(stage.scope, stage.kind, template_id, stage.input_bytes);
  return price ? static_cast<std::int64_t>(price->wall_s.predicted * 1e6) : 0;
}

}  // namespace

Result<control::StageSettings> StageLedger::decide(const control::StageContext& stage) {
  return control::decide_stage(stage, context_.policies, context_.decisions, context_.clock,
                               context_.random, context_.invocation);
}

std::string StageLedger::spill_dir(const std::string& stage, int attempt) const {
  return context_.spill_dir + "/" + summary_.id.text + "-" + stage + "-" + std::to_string(attempt);
}

Stage StageLedger::make_stage(std::string name, job::Job job, const control::StageContext& stage,
                              const control::StageSettings& settings, std::string template_id) {
  job::Limits limits;
  limits.threads = settings.threads;
  limits.memory_bytes = settings.memory_bytes;
  limits.spill_dir = spill_dir(name, 1);
  limits.timezone = context_.project.timezone;
  const std::int64_t expected = expected_us(context_.records, name, stage, template_id);
  open_ = Open{Stage{std::move(name), job::Request{std::move(job), limits}, nullptr,
                     stage.input_bytes, expected},
               stage,
               settings,
               std::move(template_id),
               1,
               context_.clock.now()};
  return open_->stage;
}

Result<std::optional<Stage>> StageLedger::record(const Result<job::Response>& answer) {
  SLUICE_CHECK(open_.has_value(), "an answer follows a stage");
  TraceRow trace;
  trace.stage = base::make_id<base::StageId>(context_.clock, context_.random);
  trace.run = summary_.id;
  trace.table = summary_.table;
  trace.name = open_->stage.name;
  trace.attempt = open_->attempt;
  trace.template_id = open_->template_id;
  trace.context = open_->context;
  trace.decisions = open_->settings.decisions;
  trace.limits = open_->stage.request.limits;
  trace.started_at = open_->started_at;
  trace.ended_at = context_.clock.now();
  trace.outcome = answer ? "ok" : std::string(base::to_text(answer.error().kind));
  trace.error = answer ? "" : answer.error().message;
  if (answer) {
    const StageOutput output = output_of(answer->answer);
    trace.usage = answer->usage;
    trace.rows_out = output.rows;
    trace.bytes_out = output.bytes;
    trace.files_out = output.files;
    summary_.cpu_us += answer->usage.cpu_us;
    summary_.memory_peak_bytes =
        std::max(summary_.memory_peak_bytes, answer->usage.memory_peak_bytes);
  }
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(context_.database));
  SLUICE_RETURN_IF_ERROR(context_.records.add_trace(transaction, trace));
  control::Outcome outcome;
  outcome.input_bytes = trace.context.input_bytes;
  outcome.wall_s = static_cast<double>(trace.usage.wall_us) / 1e6;
  outcome.cpu_s = static_cast<double>(trace.usage.cpu_us) / 1e6;
  outcome.memory_peak_bytes = trace.usage.memory_peak_bytes;
  outcome.output_bytes = trace.bytes_out;
  outcome.ok = answer.ok();
  for (const base::DecisionId& decision : trace.decisions) {
    SLUICE_RETURN_IF_ERROR(
        context_.decisions.join_outcome(transaction, decision, trace.stage.text, outcome));
  }
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  if (answer || answer.error().kind != base::ErrorKind::kUnavailable ||
      open_->attempt >= kAttemptsMax || context_.stop.stop_requested()) {
    return std::optional<Stage>();
  }
  ++open_->attempt;
  open_->stage.request.limits.spill_dir = spill_dir(open_->stage.name, open_->attempt);
  open_->started_at = context_.clock.now();
  summary_.notes.push_back("attempt " + std::to_string(open_->attempt) + " of " +
                           open_->stage.name + ": " + answer.error().message);
  return std::optional<Stage>(open_->stage);
}

}  // namespace sluice::run
