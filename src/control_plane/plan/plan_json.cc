#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"
#include "sluice/plan/plan.h"

namespace sluice::plan {

namespace {

using base::Result;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr const char* kFormat = "sluice-plan";

ordered_json json_of(const Range& range) {
  return {{"predicted", range.predicted}, {"low", range.low}, {"high", range.high}};
}

ordered_json json_of(const PlannedRun& run) {
  ordered_json document = {{"table", run.table},
                           {"kind", run.kind},
                           {"reason", run.reason},
                           {"tactic", run.tactic},
                           {"tactic_reason", run.tactic_reason},
                           {"rows_in", run.rows_in},
                           {"bytes_in", run.bytes_in},
                           {"rows_out", run.rows_out},
                           {"bytes_out", run.bytes_out},
                           {"cpu_s", json_of(run.cpu_s)},
                           {"wall_s", json_of(run.wall_s)},
                           {"money", json_of(run.money)},
                           {"basis", run.basis}};
  if (run.snapshot) {
    document["snapshot"] = *run.snapshot;
  }
  document["inputs"] = run.inputs;
  document["downstream"] = run.downstream;
  document["files"] = ordered_json::array();
  for (const PlannedFile& file : run.files) {
    document["files"].push_back(
        {{"name", file.name}, {"bytes", file.bytes}, {"modified_us", file.modified_us}});
  }
  document["columns"] = ordered_json::array();
  for (const ColumnChange& column : run.columns) {
    document["columns"].push_back(
        {{"column", column.column}, {"change", column.change}, {"breaks", column.breaks}});
  }
  return document;
}

Range range_of(const json& document) {
  return {document.at("predicted").get<double>(), document.at("low").get<double>(),
          document.at("high").get<double>()};
}

PlannedRun run_of(const json& document) {
  PlannedRun run;
  run.table = document.at("table");
  run.kind = document.at("kind");
  run.reason = document.at("reason");
  run.tactic = document.at("tactic");
  run.tactic_reason = document.at("tactic_reason");
  run.rows_in = document.at("rows_in");
  run.bytes_in = document.at("bytes_in");
  run.rows_out = document.at("rows_out");
  run.bytes_out = document.at("bytes_out");
  run.cpu_s = range_of(document.at("cpu_s"));
  run.wall_s = range_of(document.at("wall_s"));
  run.money = range_of(document.at("money"));
  run.basis = document.at("basis");
  if (document.contains("snapshot")) {
    run.snapshot = document.at("snapshot").get<std::int64_t>();
  }
  run.inputs = document.at("inputs").get<InputSnapshots>();
  run.downstream = document.at("downstream").get<std::vector<std::string>>();
  for (const json& file : document.at("files")) {
    run.files.push_back({file.at("name").get<std::string>(), file.at("bytes").get<std::int64_t>(),
                         file.at("modified_us").get<std::int64_t>()});
  }
  for (const json& column : document.at("columns")) {
    run.columns.push_back({column.at("column").get<std::string>(),
                           column.at("change").get<std::string>(),
                           column.at("breaks").get<bool>()});
  }
  return run;
}

Plan plan_of(const json& document) {
  Plan plan;
  plan.project = document.at("project");
  plan.target = document.at("target");
  plan.select = document.at("select");
  plan.exclude = document.at("exclude");
  plan.variables = document.at("variables").get<std::map<std::string, std::string>>();
  plan.full_refresh = document.at("full_refresh");
  plan.program_version = document.at("program_version");
  plan.made_at.us = document.at("made_at_us");
  const json& prices = document.at("prices");
  plan.prices = {prices.at("currency").get<std::string>(), prices.at("cpu_hour").get<double>(),
                 prices.at("memory_gib_hour").get<double>(),
                 prices.at("storage_gib_month").get<double>(), prices.at("stated").get<bool>()};
  for (const json& run : document.at("runs")) {
    plan.runs.push_back(run_of(run));
  }
  plan.objects = document.at("objects").get<std::map<std::string, std::string>>();
  return plan;
}

}  // namespace

Range& Range::operator+=(const Range& other) {
  predicted += other.predicted;
  low += other.low;
  high += other.high;
  return *this;
}

Range scaled(const Range& range, double factor) {
  return {range.predicted * factor, range.low * factor, range.high * factor};
}

Range to_range(const control::CostEstimate& estimate) {
  return {estimate.predicted_s, estimate.low_s, estimate.high_s};
}

const PlannedRun* Plan::find(std::string_view table) const {
  const auto found = std::find_if(runs.begin(), runs.end(),
                                  [&](const PlannedRun& run) { return run.table == table; });
  return found == runs.end() ? nullptr : &*found;
}

std::string to_json(const Plan& plan) {
  ordered_json document = {{"format", kFormat},
                           {"version", kFormatVersion},
                           {"project", plan.project},
                           {"target", plan.target},
                           {"select", plan.select},
                           {"exclude", plan.exclude},
                           {"variables", plan.variables},
                           {"full_refresh", plan.full_refresh},
                           {"program_version", plan.program_version},
                           {"made_at", base::format_iso8601(plan.made_at)},
                           {"made_at_us", plan.made_at.us},
                           {"fresh", plan.fresh}};
  document["prices"] = {{"currency", plan.prices.currency},
                        {"cpu_hour", plan.prices.cpu_hour},
                        {"memory_gib_hour", plan.prices.memory_gib_hour},
                        {"storage_gib_month", plan.prices.storage_gib_month},
                        {"stated", plan.prices.stated}};
  document["cpu_s"] = json_of(plan.cpu_s);
  document["wall_s"] = json_of(plan.wall_s);
  document["money"] = json_of(plan.money);
  document["storage_month"] = plan.storage_month;
  document["changes"] = ordered_json::array();
  for (const ObjectChange& change : plan.changes) {
    document["changes"].push_back(
        {{"kind", change.kind}, {"name", change.name}, {"change", change.change}});
  }
  document["runs"] = ordered_json::array();
  for (const PlannedRun& run : plan.runs) {
    document["runs"].push_back(json_of(run));
  }
  document["affected"] = plan.affected;
  document["not_ready"] = plan.not_ready;
  document["objects"] = plan.objects;
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Plan> parse_plan(std::string_view text) {
  const auto document = base::parse_json(text, "the plan");
  if (!document || !document->is_object() || document->value("format", json()) != kFormat) {
    return base::invalid_input("it is no plan: 'sluice plan --out' writes one");
  }
  if (document->value("version", json()) != kFormatVersion) {
    return base::unsupported(
        fmt::format("it is a plan of format {}, and this program reads {}; make it again",
                    document->value("version", json()).dump(), kFormatVersion));
  }
  try {
    return plan_of(*document);
  } catch (const json::exception& error) {
    return base::invalid_input(
        fmt::format("it is a damaged plan ({}); make it again", error.what()));
  }
}

}  // namespace sluice::plan
