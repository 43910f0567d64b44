#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sluice/data/position.h"
#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/landed_files.h"
#include "sluice/lake/snapshot_files.h"
#include "sluice/lake/table_audit.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

/// One source's audit; each check adds findings.
class SourceAudit {
 public:
  SourceAudit(Catalog& catalog, const SourceTables& source) : catalog_(catalog), source_(source) {}

  Result<std::vector<Finding>> run() {
    SLUICE_ASSIGN_OR_RETURN(landed_, list_landed(catalog_.database(), source_.source));
    check_numbers();
    for (const LandedFile& file : landed_) {
      SLUICE_RETURN_IF_ERROR(check_file(file));
    }
    SLUICE_RETURN_IF_ERROR(check_rows(source_.table, "committed", committed_rows_));
    SLUICE_RETURN_IF_ERROR(check_rows(source_.quarantine, "quarantined", quarantined_rows_));
    SLUICE_RETURN_IF_ERROR(check_position());
    return std::move(findings_);
  }

 private:
  void add(std::string problem) { findings_.push_back({source_.source, std::move(problem)}); }

  void check_numbers();
  Status check_file(const LandedFile& file);
  Result<bool> commit_touched_us(const base::CommitId& id);
  Status check_rows(const TableName& table, std::string_view what, std::int64_t expected);
  Result<std::int64_t> rows_of(const TableMetadata& metadata);
  Status check_position();
  void compare_position(std::int64_t offset);

  Catalog& catalog_;
  const SourceTables& source_;
  std::vector<LandedFile> landed_;
  std::vector<Finding> findings_;
  std::map<base::CommitId, bool> commits_;  // whether each is in the ledger, for these tables
  std::int64_t committed_rows_ = 0;
  std::int64_t quarantined_rows_ = 0;
};

void SourceAudit::check_numbers() {
  std::int64_t expected = 1;
  for (const LandedFile& file : landed_) {
    if (file.seq != expected) {
      add(fmt::format("landed files {} to {} are not in the ledger", expected, file.seq - 1));
    }
    expected = file.seq + 1;
  }
}

Status SourceAudit::check_file(const LandedFile& file) {
  if (file.state != LandedState::kCommitted) {
    return {};
  }
  if (!file.counts || !file.commit_id) {
    add(fmt::format("landed file {} is committed, but its counts or its commit are not recorded",
                    file.seq));
    return {};
  }
  const RecordCounts& counts = *file.counts;
  const std::int64_t parts =
      counts.committed_rows + counts.quarantined_rows + counts.waived_rows + counts.erased_rows;
  if (counts.records != parts) {
    add(
        fmt::format("landed file {} has {} records, of which {} are accounted for: {} committed, "
                    "{} quarantined, {} waived, {} erased",
                    file.seq, counts.records, parts, counts.committed_rows, counts.quarantined_rows,
                    counts.waived_rows, counts.erased_rows));
  }
  committed_rows_ += counts.committed_rows;
  if (counts.replayed_rows > counts.committed_rows || counts.waived_by_user > counts.waived_rows) {
    add(fmt::format(
        "landed file {} has {} records replayed of {} committed, {} waived by a user of "
        "{} waived",
        file.seq, counts.replayed_rows, counts.committed_rows, counts.waived_by_user,
        counts.waived_rows));
  }
  // Settled rows stay in the quarantine table with their status.
  quarantined_rows_ += counts.quarantined_rows + counts.replayed_rows + counts.waived_by_user;
  SLUICE_ASSIGN_OR_RETURN(const bool touched, commit_touched_us(*file.commit_id));
  if (!touched) {
    add(fmt::format("landed file {} is of commit {}, which the commit ledger lacks for {}",
                    file.seq, file.commit_id->text, to_text(source_.table)));
  }
  return {};
}

Result<bool> SourceAudit::commit_touched_us(const base::CommitId& id) {
  if (const auto known = commits_.find(id); known != commits_.end()) {
    return known->second;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto entry, find_ledger_entry(catalog_.database(), id));
  const bool touched = entry && std::any_of(entry->tables.begin(), entry->tables.end(),
                                            [&](const TableCommit& commit) {
                                              return commit.table == source_.table;
                                            });
  commits_[id] = touched;
  return touched;
}

Result<std::int64_t> SourceAudit::rows_of(const TableMetadata& metadata) {
  const Snapshot* current = metadata.current_snapshot();
  if (current == nullptr) {
    return 0;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto manifests, read_manifest_files(catalog_.files(), *current));
  std::int64_t rows = 0;
  for (const ManifestFile& manifest : manifests) {
    if (manifest.content == ManifestContent::kData) {
      rows += manifest.added_rows_count + manifest.existing_rows_count;
    }
  }
  return rows;
}

Status SourceAudit::check_rows(const TableName& table, std::string_view what,
                               std::int64_t expected) {
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find_own(table));
  std::int64_t rows = 0;
  if (entry) {
    const auto counted = [&]() -> Result<std::int64_t> {
      SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                              catalog_.load_location(entry->metadata_location));
      return rows_of(*metadata);
    }();
    if (!counted) {
      add(fmt::format("the rows of {} cannot be counted: {}", to_text(table),
                      counted.error().message));
      return {};
    }
    rows = *counted;
  }
  if (rows != expected) {
    add(fmt::format("{} has {} rows, but the landed files have {} {} records", to_text(table), rows,
                    expected, what));
  }
  return {};
}

Status SourceAudit::check_position() {
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog_.find_own(source_.table));
  if (!entry) {
    compare_position(0);
    return {};
  }
  const auto metadata = catalog_.load_location(entry->metadata_location);
  if (!metadata) {
    return {};  // told with the rows
  }
  const std::string property = std::string(kPositionPrefix) + source_.source;
  const auto found = (*metadata)->properties.find(property);
  if (found == (*metadata)->properties.end()) {
    compare_position(0);
    return {};
  }
  const auto position = data::parse_position(found->second);
  if (!position) {
    add(fmt::format("{} of {}: {}", property, to_text(source_.table), position.error().message));
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto lineage, find_lineage(catalog_.database(), source_.source));
  if (lineage != position->lineage) {
    add(fmt::format("the position of {} is of ledger '{}', the ledger of landed files is '{}'",
                    to_text(source_.table), position->lineage, lineage.value_or("")));
  }
  compare_position(position->offset);
  return {};
}

/// Up to the position every file is finished, and after it none is committed.
void SourceAudit::compare_position(std::int64_t offset) {
  for (const LandedFile& file : landed_) {
    if (file.seq <= offset && file.state == LandedState::kRaw) {
      add(fmt::format("the position is {}, but landed file {} is still to be read", offset,
                      file.seq));
    }
    if (file.seq > offset && file.state == LandedState::kCommitted) {
      add(fmt::format("the position is {}, but landed file {} is committed", offset, file.seq));
    }
  }
  const std::int64_t last = landed_.empty() ? 0 : landed_.back().seq;
  if (offset > last) {
    add(fmt::format("the position is {}, but the last landed file is {}", offset, last));
  }
}

}  // namespace

Result<std::vector<Finding>> audit_source(Catalog& catalog, const SourceTables& source) {
  return SourceAudit(catalog, source).run();
}

}  // namespace sluice::lake
