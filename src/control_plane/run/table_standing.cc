#include "sluice/run/table_standing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/ingest/file_landing.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/table_history.h"
#include "sluice/run/records.h"
#include "sluice/run/staleness.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

Result<std::map<std::string, LastRun>> last_runs(metastore::Database& database) {
  SLUICE_ASSIGN_OR_RETURN(
      auto query, database.prepare("SELECT table_name, state, error, max(started_at), wall_us, "
                                   "rows, refused FROM runs GROUP BY table_name"));
  std::map<std::string, LastRun> runs;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return runs;
    }
    runs[query.get_text(0)] = {query.get_text(1),   query.get_text(2),   query.get_int(3),
                               query.get_int_if(4), query.get_int_if(5), query.get_int_if(6)};
  }
}

/// Tells the standings of one target, upstream first.
class Observer {
 public:
  explicit Observer(const StandingParts& parts)
      : parts_(parts), records_(parts.catalog.database()), now_us_(parts.clock.now().us) {}

  Result<std::vector<TableStanding>> observe() {
    SLUICE_RETURN_IF_ERROR(look_at_tables());
    if (parts_.analysis != nullptr) {
      SLUICE_ASSIGN_OR_RETURN(published_, records_.published_states());
      for (const project::GraphTable& node : parts_.analysis->graph.tables) {
        TableStanding& table = tables_[node.name];
        table.table = node.name;
        SLUICE_RETURN_IF_ERROR(node.kind == project::TableKind::kSource
                                   ? judge_source(parts_.project.sources[node.index], table)
                                   : judge_model(node, table));
        compare_with_limit(node, table);
      }
    }
    SLUICE_ASSIGN_OR_RETURN(auto runs, last_runs(parts_.catalog.database()));
    std::vector<TableStanding> standings;
    for (auto& [name, table] : tables_) {
      const auto run = runs.find(name);
      const bool is_borrowed = table.entry && table.entry->borrowed;
      if (run != runs.end() && !is_borrowed) {
        table.last_run = std::move(run->second);
      }
      standings.push_back(std::move(table));
    }
    return standings;
  }

 private:
  Status look_at_tables() {
    SLUICE_ASSIGN_OR_RETURN(const auto entries, parts_.catalog.list_tables());
    for (const lake::TableEntry& entry : entries) {
      TableStanding& table = tables_[lake::to_text(entry.table)];
      table.table = lake::to_text(entry.table);
      table.kind = entry.table.ns == "quarantine" ? "quarantine" : "other";
      table.entry = entry;
      SLUICE_RETURN_IF_ERROR(measure(table));
    }
    return {};
  }

  Status measure(TableStanding& table) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            parts_.catalog.load_location(table.entry->metadata_location));
    table.snapshots = static_cast<std::int64_t>(metadata->snapshots.size());
    table.updated_ms = metadata->last_updated_ms;
    if (const lake::Snapshot* snapshot = metadata->current_snapshot()) {
      table.rows = lake::summary_count(*snapshot, "total-records");
      table.files = lake::summary_count(*snapshot, "total-data-files");
      table.bytes = lake::summary_count(*snapshot, "total-files-size");
    }
    const auto& lent = parts_.catalog.borrowed().tables;
    const auto found = lent.find(table.entry->table);
    if (!table.entry->borrowed && found != lent.end()) {
      table.lent = found->second;
      SLUICE_ASSIGN_OR_RETURN(const auto theirs,
                              parts_.catalog.load_location(found->second.metadata_location));
      table.lent_is_newer = theirs->last_updated_ms > metadata->last_updated_ms;
    }
    return {};
  }

  /// Files that wait are what a source has not taken in.
  Status judge_source(const project::Source& source, TableStanding& table) {
    table.kind = "source";
    if (!table.entry || table.entry->borrowed) {
      table.standing = table.entry ? Standing::kFresh : Standing::kNotBuilt;
      if (parts_.lender != nullptr) {
        return {};  // files wait for the lender, or until they are asked for
      }
    }
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            lake::list_pending(parts_.catalog.database(), source.table));
    ingest::FileLanding landing(parts_.files, parts_.catalog.database(), parts_.clock,
                                {parts_.catalog.warehouse() + "/_raw", "", 0}, source);
    const auto look = landing.look();
    if (!look) {
      table.reason = "its files cannot be listed: " + look.error().message;
      return {};
    }
    std::size_t waiting = landed.size() + look->ready.size();
    const auto note = [&](std::int64_t at_us) {
      table.since_us = std::min(table.since_us.value_or(at_us), at_us);
    };
    for (const lake::LandedFile& file : landed) {
      note(file.landed_at_us);
    }
    for (const ingest::FoundFile& file : look->ready) {
      note(file.stat.modified_us);
    }
    if (table.entry) {
      table.standing = waiting == 0 ? Standing::kFresh : Standing::kStale;
    }
    if (waiting > 0) {
      table.reason =
          fmt::format("{} {} not taken in", base::format_count(static_cast<std::int64_t>(waiting)),
                      waiting == 1 ? "file is" : "files are");
    }
    return {};
  }

  Status judge_model(const project::GraphTable& node, TableStanding& table) {
    table.kind = "model";
    const project::ModelAnalysis& model = parts_.analysis->models[node.index];
    if (!table.entry) {
      table.standing = Standing::kNotBuilt;
      return {};
    }
    const bool borrowed = table.entry->borrowed;
    const auto& states = borrowed ? parts_.lender->published : published_;
    const auto found = states.find(node.name);
    const plan::PublishedState* published = found == states.end() ? nullptr : &found->second;
    SLUICE_ASSIGN_OR_RETURN(const plan::Freshness freshness, freshness_of(model, table, published));
    table.standing = freshness.stale() ? Standing::kStale : Standing::kFresh;
    table.reason = freshness.stale() ? freshness.reason : "";
    SLUICE_ASSIGN_OR_RETURN(const auto unseen,
                            oldest_unseen(model.reads, published, parts_.catalog));
    if (unseen) {
      table.since_us = unseen->at_us;
      table.reason = freshness.stale() ? table.reason : "behind " + unseen->input;
      table.standing = Standing::kStale;
    }
    inherit(node, table);
    return look_for_hold(table);
  }

  Result<plan::Freshness> freshness_of(const project::ModelAnalysis& model,
                                       const TableStanding& table,
                                       const plan::PublishedState* published) {
    if (table.entry->borrowed) {
      return borrowed_freshness(*parts_.lender, table.table, model, parts_.catalog, false);
    }
    plan::InputSnapshots inputs;
    for (const std::string& read : model.reads) {
      const auto input = tables_.find(read);
      if (input != tables_.end() && input->second.entry &&
          input->second.entry->current_snapshot_id) {
        inputs[read] = *input->second.entry->current_snapshot_id;
      }
    }
    return plan::assess(published == nullptr ? std::nullopt : std::optional(*published),
                        model.fingerprint, inputs, table.entry->current_snapshot_id, false,
                        model.contract_digest);
  }

  /// What waits upstream has not reached this table either.
  void inherit(const project::GraphTable& node, TableStanding& table) {
    for (const std::size_t up : node.upstream) {
      const TableStanding& input = tables_[parts_.analysis->graph.tables[up].name];
      const bool waits = input.standing == Standing::kStale || input.standing == Standing::kLate;
      if (!waits) {
        continue;
      }
      if (table.standing == Standing::kFresh) {
        table.standing = Standing::kStale;
        table.reason = input.table + " is stale";
      }
      if (input.since_us) {
        table.since_us = std::min(table.since_us.value_or(*input.since_us), *input.since_us);
      }
    }
  }

  Status look_for_hold(TableStanding& table) {
    SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                            parts_.catalog.load_location(table.entry->metadata_location));
    if (const auto held = lake::held_at(*metadata)) {
      table.standing = Standing::kHeld;
      table.reason = fmt::format("a rollback holds it at snapshot {}", *held);
    }
    return {};
  }

  void compare_with_limit(const project::GraphTable& node, TableStanding& table) {
    const bool is_source = node.kind == project::TableKind::kSource;
    const auto contract = is_source ? parts_.project.sources[node.index].contract
                                    : parts_.project.models[node.index].expectations;
    if (!is_source && parts_.project.models[node.index].target_lag_ms) {
      table.limit_us = *parts_.project.models[node.index].target_lag_ms * 1000;
      table.limit = "target_lag";
      if (table.standing == Standing::kStale && table.since_us &&
          now_us_ - *table.since_us > *table.limit_us) {
        table.standing = Standing::kLate;
      }
    }
    if (!contract || !table.entry) {
      return;
    }
    for (const auto& level : parts_.project.contracts[*contract].service_levels) {
      const std::int64_t age_us = now_us_ - table.updated_ms * 1000;
      if (!level.column.empty() || age_us <= level.limit_s * 1'000'000) {
        continue;  // a column's age is measured by each run
      }
      table.standing = Standing::kLate;
      table.limit_us = level.limit_s * 1'000'000;
      table.limit = level.name;
      table.since_us =
          std::min(table.since_us.value_or(table.updated_ms * 1000), table.updated_ms * 1000);
      table.reason = table.reason.empty() ? "nothing has been published since" : table.reason;
    }
  }

  const StandingParts& parts_;
  Records records_;
  const std::int64_t now_us_;
  std::map<std::string, plan::PublishedState> published_;
  std::map<std::string, TableStanding> tables_;
};

}  // namespace

std::string_view to_text(Standing standing) {
  switch (standing) {
    case Standing::kFresh:
      return "fresh";
    case Standing::kStale:
      return "stale";
    case Standing::kLate:
      return "late";
    case Standing::kHeld:
      return "held";
    case Standing::kNotBuilt:
      return "not built";
    case Standing::kUnknown:
      return "";
  }
  return "";
}

Result<std::vector<TableStanding>> table_standings(const StandingParts& parts) {
  return Observer(parts).observe();
}

}  // namespace sluice::run
