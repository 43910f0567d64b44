#include "sluice/run/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/ingest/file_landing.h"
#include "sluice/lake/landed_files.h"
#include "sluice/plan/objects.h"
#include "sluice/refresh/tactic.h"
#include "sluice/run/records.h"
#include "sluice/run/schema_growth.h"
#include "sluice/run/stage_price.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

/// Rows and bytes of a table, as they are or as they will be.
struct TableSize {
  std::int64_t rows = 0;  // -1: cannot be told
  std::int64_t bytes = 0;
};

/// Compares columns by name; a type that is not widened breaks readers, as a dropped column does.
std::vector<plan::ColumnChange> column_changes(const data::Schema& before,
                                               const data::Schema& after) {
  std::vector<plan::ColumnChange> changes;
  for (const data::Field& field : after.fields) {
    const data::Field* old = before.find(field.name);
    if (old == nullptr) {
      changes.push_back({field.name, "added", false});
    } else if (old->type != field.type) {
      changes.push_back(
          {field.name, fmt::format("{} -> {}", data::to_text(old->type), data::to_text(field.type)),
           !data::can_widen(old->type, field.type)});
    }
  }
  for (const data::Field& field : before.fields) {
    if (after.find(field.name) == nullptr) {
      changes.push_back({field.name, "dropped", true});
    }
  }
  return changes;
}

/// Makes one plan, table by table in topological order.
class Planner {
 public:
  Planner(const PlanningParts& parts, const PlanningOptions& options)
      : parts_(parts),
        options_(options),
        graph_(parts.analysis.graph),
        records_(parts.catalog.database()),
        pricer_(records_) {}

  Result<plan::Plan> make() {
    SLUICE_RETURN_IF_ERROR(look_around());
    const project::Selection selection{
        options_.select, options_.exclude,
        [&](std::size_t table) { return state_of(graph_.tables[table]); },
        parts_.lender != nullptr};
    SLUICE_ASSIGN_OR_RETURN(const auto selected,
                            project::select(parts_.project, graph_, selection));
    for (const std::size_t table : selected) {
      const bool source = graph_.tables[table].kind == project::TableKind::kSource;
      SLUICE_RETURN_IF_ERROR(source ? plan_source(table) : plan_model(table));
    }
    plan_.fresh = static_cast<std::int64_t>(selected.size() - plan_.runs.size());
    tell_changes();
    tell_affected();
    sum_up();
    return std::move(plan_);
  }

 private:
  Status look_around() {
    plan_.project = parts_.project.name;
    plan_.target = options_.target;
    plan_.select = options_.select;
    plan_.exclude = options_.exclude;
    plan_.variables = options_.variables;
    plan_.full_refresh = options_.full_refresh;
    plan_.program_version = options_.program_version;
    plan_.made_at = parts_.clock.now();
    plan_.prices = parts_.project.prices;
    SLUICE_ASSIGN_OR_RETURN(auto entries, parts_.catalog.list_tables());
    for (lake::TableEntry& entry : entries) {
      std::string name = lake::to_text(entry.table);
      entries_.emplace(std::move(name), std::move(entry));
    }
    SLUICE_ASSIGN_OR_RETURN(published_, records_.published_states());
    SLUICE_ASSIGN_OR_RETURN(applied_, records_.applied_objects());
    if (parts_.lender != nullptr) {
      SLUICE_ASSIGN_OR_RETURN(applied_,
                              objects_in_use(std::move(applied_), *parts_.lender, parts_.project,
                                             parts_.analysis, parts_.catalog));
    }
    objects_ = plan::objects_of(parts_.project, parts_.analysis);
    runs_.assign(graph_.tables.size(), false);
    return {};
  }

  project::DefinitionState state_of(const project::GraphTable& table) const {
    return plan::definition_state(parts_.project, table, objects_, applied_);
  }

  std::optional<std::int64_t> snapshot_of(const std::string& table) const {
    const auto found = entries_.find(table);
    return found == entries_.end() ? std::nullopt : found->second.current_snapshot_id;
  }

  /// The size that a table has when this plan's runs before it are done.
  Result<TableSize> size_of(const std::string& table) {
    if (const auto found = sizes_.find(table); found != sizes_.end()) {
      return found->second;
    }
    TableSize size;
    if (const auto entry = entries_.find(table); entry != entries_.end()) {
      SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                              parts_.catalog.load_location(entry->second.metadata_location));
      if (const lake::Snapshot* snapshot = metadata->current_snapshot()) {
        size = {lake::summary_count(*snapshot, "total-records"),
                lake::summary_count(*snapshot, "total-files-size")};
      }
    }
    sizes_[table] = size;
    return size;
  }

  Result<std::vector<plan::ColumnChange>> columns_of(const std::string& table,
                                                     const data::Schema& wanted) {
    const auto entry = entries_.find(table);
    if (entry == entries_.end()) {
      return std::vector<plan::ColumnChange>();
    }
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            parts_.catalog.load_location(entry->second.metadata_location));
    return column_changes(metadata->current_schema(), wanted);
  }

  /// Planning connects to no database: what a table has is found when it is read.
  Status plan_database(std::size_t table) {
    const project::GraphTable& node = graph_.tables[table];
    plan::PlannedRun run;
    run.table = node.name;
    run.kind = "source";
    run.reason = "the database is asked for new rows; how many is unknown until then";
    run.tactic = "append";
    run.tactic_reason = "a source's rows are added to its table";
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            lake::list_pending(parts_.catalog.database(), node.name));
    for (const lake::LandedFile& file : landed) {
      run.files.push_back({file.original_name, file.bytes, 0});
      run.bytes_in += file.bytes;
    }
    SLUICE_ASSIGN_OR_RETURN(
        StagePrice decode, pricer_.price(node.name, control::StageKind::kDecode, "", run.bytes_in));
    decode.rows_out = -1;
    if (state_of(node) != project::DefinitionState::kSame) {
      SLUICE_ASSIGN_OR_RETURN(run.columns,
                              columns_of(node.name, parts_.analysis.sources[node.index]));
    }
    return add(table, std::move(run), decode, {});
  }

  Status plan_source(std::size_t table) {
    if (parts_.project.sources[graph_.tables[table].index].database) {
      return plan_database(table);
    }
    const project::GraphTable& node = graph_.tables[table];
    const project::Source& source = parts_.project.sources[node.index];
    plan::PlannedRun run;
    run.table = node.name;
    run.kind = "source";
    ingest::FileLanding landing(parts_.files, parts_.catalog.database(), parts_.clock,
                                {parts_.catalog.warehouse() + "/_raw", "", 0}, source);
    SLUICE_ASSIGN_OR_RETURN(const ingest::LandingLook look, landing.look());
    for (const ingest::LeftFile& file : look.pending) {
      plan_.not_ready.push_back(fmt::format("{}: {}", file.name, file.reason));
    }
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            lake::list_pending(parts_.catalog.database(), node.name));
    for (const lake::LandedFile& file : landed) {
      run.files.push_back({file.original_name, file.bytes, 0});
    }
    for (const ingest::FoundFile& file : look.ready) {
      run.files.push_back({file.path, file.stat.bytes, file.stat.modified_us});
    }
    if (run.files.empty()) {
      return {};
    }
    for (const plan::PlannedFile& file : run.files) {
      run.bytes_in += file.bytes;
    }
    run.reason =
        fmt::format("{} new {}", base::format_count(static_cast<std::int64_t>(run.files.size())),
                    run.files.size() == 1 ? "file" : "files");
    run.tactic = "append";
    run.tactic_reason = "a source's rows are added to its table";
    SLUICE_ASSIGN_OR_RETURN(
        const StagePrice decode,
        pricer_.price(node.name, control::StageKind::kDecode, "", run.bytes_in));
    run.rows_in = decode.rows_out;
    SLUICE_ASSIGN_OR_RETURN(TableSize size, size_of(node.name));
    size.bytes += decode.bytes_out;
    size.rows = size.rows < 0 || decode.rows_out < 0 ? -1 : size.rows + decode.rows_out;
    sizes_[node.name] = size;
    if (state_of(node) != project::DefinitionState::kSame || may_have_more_columns(source)) {
      SLUICE_ASSIGN_OR_RETURN(run.columns,
                              columns_of(node.name, parts_.analysis.sources[node.index]));
    }
    return add(table, std::move(run), decode, {});
  }

  Status plan_model(std::size_t table) {
    const project::GraphTable& node = graph_.tables[table];
    const project::Model& model = parts_.project.models[node.index];
    const project::ModelAnalysis& analysis = parts_.analysis.models[node.index];
    plan::PlannedRun run;
    run.table = node.name;
    run.kind = "model";
    for (const std::string& read : analysis.reads) {
      if (const auto snapshot = snapshot_of(read)) {
        run.inputs[read] = *snapshot;
      }
    }
    const auto published = published_.find(node.name);
    plan::Freshness freshness = plan::assess(
        published == published_.end() ? std::nullopt : std::optional(published->second),
        analysis.fingerprint, run.inputs, snapshot_of(node.name), options_.full_refresh,
        analysis.contract_digest);
    if (const auto entry = entries_.find(node.name);
        entry != entries_.end() && entry->second.borrowed) {
      SLUICE_ASSIGN_OR_RETURN(freshness, borrowed_freshness(*parts_.lender, node.name, analysis,
                                                            parts_.catalog, options_.full_refresh));
    }
    const std::vector<std::string> coming = coming_inputs(node);
    if (!freshness.stale() && coming.empty()) {
      return {};
    }
    run.reason = freshness.stale() ? freshness.reason : base::join(coming, ", ") + " will change";
    const refresh::LegalTactic tactic = refresh::legal_tactics(model, analysis).front();
    run.tactic = refresh::to_text(tactic.tactic);
    run.tactic_reason = tactic.reason;
    run.rows_in = 0;
    for (const std::string& read : analysis.reads) {
      SLUICE_ASSIGN_OR_RETURN(const TableSize size, size_of(read));
      run.bytes_in += size.bytes;
      run.rows_in = run.rows_in < 0 || size.rows < 0 ? -1 : run.rows_in + size.rows;
    }
    SLUICE_ASSIGN_OR_RETURN(
        const StagePrice refresh,
        pricer_.price(node.name, control::StageKind::kRefresh, analysis.fingerprint, run.bytes_in));
    std::optional<StagePrice> check;
    if (!model.key.empty() || model.expectations) {
      SLUICE_ASSIGN_OR_RETURN(check, pricer_.price(node.name, control::StageKind::kCheck,
                                                   analysis.fingerprint, refresh.bytes_out));
    }
    sizes_[node.name] = {refresh.rows_out, refresh.bytes_out};
    if (freshness.staleness == plan::Staleness::kDefinitionChanged) {
      SLUICE_ASSIGN_OR_RETURN(run.columns, columns_of(node.name, analysis.schema));
    }
    return add(table, std::move(run), refresh, check);
  }

  /// Names the tables that this plan changes before the table's turn.
  std::vector<std::string> coming_inputs(const project::GraphTable& node) const {
    std::vector<std::string> coming;
    for (const std::size_t up : node.upstream) {
      if (runs_[up]) {
        coming.push_back(graph_.tables[up].name);
      }
    }
    return coming;
  }

  Status add(std::size_t table, plan::PlannedRun run, const StagePrice& stage,
             const std::optional<StagePrice>& check) {
    run.snapshot = snapshot_of(run.table);
    run.rows_out = stage.rows_out;
    run.bytes_out = stage.bytes_out;
    run.cpu_s = stage.cpu_s;
    run.wall_s = stage.wall_s;
    run.basis = stage.basis;
    if (check) {
      run.cpu_s += check->cpu_s;
      run.wall_s += check->wall_s;
    }
    const double memory_gib = static_cast<double>(parts_.project.resources.memory_bytes) /
                              static_cast<double>(std::int64_t{1} << 30);
    run.money = plan::scaled(run.cpu_s, plan_.prices.cpu_hour / 3600);
    run.money += plan::scaled(run.wall_s, memory_gib * plan_.prices.memory_gib_hour / 3600);
    for (const std::size_t down : graph_.tables[table].downstream) {
      run.downstream.push_back(graph_.tables[down].name);
    }
    for (const auto& [name, object] :
         plan::objects_of_table(parts_.project, graph_.tables[table], objects_)) {
      plan_.objects[name.first + " " + name.second] = object.digest;
    }
    runs_[table] = true;
    plan_.runs.push_back(std::move(run));
    return {};
  }

  void tell_changes() {
    for (const auto& [name, object] : objects_) {
      const auto before = applied_.find(name);
      const bool global = name.first == plan::to_text(plan::ObjectKind::kSettings) ||
                          name.first == plan::to_text(plan::ObjectKind::kOptimizer);
      if (global) {
        plan_.objects[name.first + " " + name.second] = object.digest;
      }
      if (before == applied_.end()) {
        plan_.changes.push_back({name.first, name.second, "new"});
      } else if (before->second.digest != object.digest) {
        const bool other_version = before->second.version != object.version;
        plan_.changes.push_back({name.first, name.second,
                                 other_version ? fmt::format("changed, version {} -> {}",
                                                             before->second.version, object.version)
                                               : "changed"});
      }
    }
    for (const auto& [name, object] : applied_) {
      if (!objects_.contains(name)) {
        plan_.changes.push_back({name.first, name.second, "removed; its table stays"});
      }
    }
  }

  /// Lists what depends on a table that changes and is not brought up to date itself.
  void tell_affected() {
    std::vector<bool> touched = runs_;
    for (std::size_t table = 0; table < graph_.tables.size(); ++table) {
      const auto& upstream = graph_.tables[table].upstream;
      touched[table] = touched[table] || std::any_of(upstream.begin(), upstream.end(),
                                                     [&](std::size_t up) { return touched[up]; });
      if (touched[table] && !runs_[table]) {
        plan_.affected.push_back(graph_.tables[table].name);
      }
    }
  }

  /// Side by side, runs take as long as their longest chain, and at least their work over the
  /// threads that there are.
  void sum_up() {
    std::map<std::string, plan::Range> ends;
    plan::Range chain;
    std::int64_t bytes_out = 0;
    for (const plan::PlannedRun& run : plan_.runs) {
      plan_.cpu_s += run.cpu_s;
      plan_.money += run.money;
      bytes_out += run.bytes_out;
      const project::GraphTable& node = graph_.tables[*graph_.find(run.table)];
      plan::Range start;
      for (const std::size_t up : node.upstream) {
        const auto end = ends.find(graph_.tables[up].name);
        if (end != ends.end() && end->second.predicted > start.predicted) {
          start = end->second;
        }
      }
      start += run.wall_s;
      ends[run.table] = start;
      chain = start.predicted > chain.predicted ? start : chain;
    }
    const int threads = parts_.project.resources.threads > 0
                            ? parts_.project.resources.threads
                            : static_cast<int>(std::thread::hardware_concurrency());
    const plan::Range work = plan::scaled(plan_.cpu_s, 1.0 / std::max(1, threads));
    plan_.wall_s = work.predicted > chain.predicted ? work : chain;
    plan_.storage_month = static_cast<double>(bytes_out) /
                          static_cast<double>(std::int64_t{1} << 30) *
                          plan_.prices.storage_gib_month;
  }

  const PlanningParts& parts_;
  const PlanningOptions& options_;
  const project::Graph& graph_;
  Records records_;
  StagePricer pricer_;
  std::map<std::string, lake::TableEntry> entries_;
  std::map<std::string, plan::PublishedState> published_;
  plan::ProjectObjects objects_;
  plan::ProjectObjects applied_;
  std::map<std::string, TableSize> sizes_;
  std::vector<bool> runs_;  // by table of the graph: this plan runs it
  plan::Plan plan_;
};

}  // namespace

Result<plan::Plan> make_plan(const PlanningParts& parts, const PlanningOptions& options) {
  return Planner(parts, options).make();
}

}  // namespace sluice::run
