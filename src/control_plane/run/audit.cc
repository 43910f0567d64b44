#include "sluice/run/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/provenance.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/lake/landed_files.h"
#include "sluice/run/contract_checks.h"
#include "sluice/run/known_rows.h"
#include "sluice/run/landed_audit.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/replay_run.h"
#include "sluice/run/snapshot_keys.h"
#include "sluice/run/table_files.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kFootersPerJob = 1000;
constexpr const char* kAgain = "audit.again";
constexpr int kFindingsPerSource = 20;

/// The part of a source's files that was decoded as it would be now: those after `from`. `before`
/// is the table's snapshot without them.
struct Comparable {
  std::int64_t from = std::numeric_limits<std::int64_t>::max();
  std::optional<std::int64_t> before;
};

/// Walks back from the newest snapshot as long as the digest is the same.
Comparable comparable_part(const lake::TableMetadata& metadata, const std::string& digest) {
  Comparable part;
  const lake::Snapshot* snapshot = metadata.current_snapshot();
  // A replay under the same digest adds nothing of the files that come after it.
  while (snapshot != nullptr && snapshot->summary.contains(kReplayedKey) && snapshot->parent_id &&
         snapshot->summary.at(kDecodeDigestKey) == digest) {
    snapshot = metadata.snapshot(*snapshot->parent_id);
  }
  while (snapshot != nullptr) {
    const auto decoded = snapshot->summary.find(kDecodeDigestKey);
    const auto from = snapshot->summary.find(kFromKey);
    if (decoded == snapshot->summary.end() || decoded->second != digest ||
        from == snapshot->summary.end()) {
      break;
    }
    part.from = std::strtoll(from->second.c_str(), nullptr, 10);
    part.before = snapshot->parent_id;
    snapshot = part.before ? metadata.snapshot(*part.before) : nullptr;
  }
  return part;
}

class Audit {
 public:
  Audit(const project::Project& project, const project::Analysis& analysis, lake::Catalog& catalog,
        engine::Engine& engine, const AuditOptions& options, std::stop_token stop)
      : project_(project),
        analysis_(analysis),
        catalog_(catalog),
        engine_(engine),
        options_(options),
        stop_(std::move(stop)) {}

  Result<AuditSummary> run() {
    SLUICE_ASSIGN_OR_RETURN(const auto entries, catalog_.list_own_tables());
    for (const lake::TableEntry& entry : entries) {
      SLUICE_RETURN_IF_ERROR(audit_table(entry));
    }
    SLUICE_RETURN_IF_ERROR(compare_footers());
    for (std::size_t i = 0; i < project_.sources.size(); ++i) {
      SLUICE_RETURN_IF_ERROR(audit_source(i));
    }
    SLUICE_ASSIGN_OR_RETURN(
        const auto orphans,
        lake::list_orphans(catalog_, {}, std::numeric_limits<std::int64_t>::max()));
    for (const storage::ListedFile& orphan : orphans) {
      summary_.orphans.push_back(orphan.path);
    }
    return std::move(summary_);
  }

 private:
  Status audit_table(const lake::TableEntry& entry) {
    SLUICE_ASSIGN_OR_RETURN(lake::AuditReport report, lake::audit_table(catalog_, entry.table));
    ++summary_.tables;
    summary_.snapshots += report.snapshots;
    summary_.rows += report.rows;
    summary_.files += static_cast<std::int64_t>(report.files.size());
    std::move(report.findings.begin(), report.findings.end(),
              std::back_inserter(summary_.findings));
    std::move(report.files.begin(), report.files.end(), std::back_inserter(files_));
    return {};
  }

  template <class Answer>
  Result<Answer> execute(job::Job job) {
    const job::Request request{std::move(job), options_.limits};
    SLUICE_ASSIGN_OR_RETURN(job::Response response, engine_.execute(request, {}, stop_));
    if (auto* answer = std::get_if<Answer>(&response.answer)) {
      return std::move(*answer);
    }
    return base::internal_error("an audit's job was answered with something else");
  }

  /// Compares each file's own count of rows with its manifest's.
  Status compare_footers() {
    for (std::size_t first = 0; first < files_.size(); first += kFootersPerJob) {
      const std::size_t end = std::min(files_.size(), first + kFootersPerJob);
      job::FooterJob job;
      for (std::size_t i = first; i < end; ++i) {
        job.paths.push_back(files_[i].path);
      }
      SLUICE_ASSIGN_OR_RETURN(const auto result, execute<job::FooterResult>(std::move(job)));
      for (std::size_t i = first; i < end && i - first < result.footers.size(); ++i) {
        const job::Footer& footer = result.footers[i - first];
        if (footer.rows < 0) {
          summary_.findings.push_back({files_[i].path, "cannot be read: " + footer.error});
        } else if (footer.rows != files_[i].rows) {
          summary_.findings.push_back(
              {files_[i].path,
               fmt::format("holds {} rows, its manifest says {}", footer.rows, files_[i].rows)});
        }
      }
    }
    return {};
  }

  Status audit_source(std::size_t index) {
    const project::Source& source = project_.sources[index];
    lake::SourceTables tables;
    tables.source = source.table;
    SLUICE_ASSIGN_OR_RETURN(tables.table, lake::parse_table_name(source.table));
    SLUICE_ASSIGN_OR_RETURN(tables.quarantine,
                            lake::parse_table_name(project::quarantine_table(source)));
    SLUICE_ASSIGN_OR_RETURN(auto findings, lake::audit_source(catalog_, tables));
    std::move(findings.begin(), findings.end(), std::back_inserter(summary_.findings));
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            lake::list_landed(catalog_.database(), source.table));
    std::vector<lake::LandedFile> committed;
    for (const lake::LandedFile& file : landed) {
      ++summary_.landed_files;
      if (file.counts) {
        summary_.records += file.counts->records;
        committed.push_back(file);
      }
    }
    auto raw =
        audit_raw_files(catalog_.files(), landed,
                        options_.deep ? ingest::RawCheck::kContent : ingest::RawCheck::kPresence);
    // Rows cannot be compared with bytes that are not those that were landed.
    const bool raw_is_sound = raw.empty();
    std::move(raw.begin(), raw.end(), std::back_inserter(summary_.findings));
    if (committed.empty()) {
      return {};
    }
    SLUICE_RETURN_IF_ERROR(compare_counts(index, committed));
    if (!options_.deep || !raw_is_sound) {
      return {};
    }
    SLUICE_RETURN_IF_ERROR(compare_rows(index, committed));
    return compare_replayed(index);
  }

  /// Compares what the ledger says of each landed file with the rows that its tables have of it.
  Status compare_counts(std::size_t index, const std::vector<lake::LandedFile>& committed) {
    const project::Source& source = project_.sources[index];
    job::QueryJob job;
    SLUICE_ASSIGN_OR_RETURN(job::ScanInput bronze,
                            scan_input(catalog_, source.table, analysis_.sources[index]));
    SLUICE_ASSIGN_OR_RETURN(
        job::ScanInput quarantine,
        scan_input(catalog_, project::quarantine_table(source), job::quarantine_schema()));
    job.sql = fmt::format(
        "SELECT * FROM (SELECT coalesce(l.seq, b.seq, q.seq) AS seq, coalesce(l.committed, 0), "
        "coalesce(b.rows, 0), coalesce(l.open, 0), coalesce(q.open, 0), coalesce(l.replayed, 0), "
        "coalesce(q.replayed, 0), coalesce(l.waived, 0), coalesce(q.waived, 0) FROM audit.ledger "
        "AS l FULL JOIN (SELECT {} AS seq, count(*) AS rows FROM {} GROUP BY ALL) AS b ON l.seq = "
        "b.seq FULL JOIN (SELECT file_id AS seq, count(*) FILTER (status = 'open') AS open, "
        "count(*) FILTER (status = 'replayed') AS replayed, count(*) FILTER (status = 'waived') "
        "AS waived FROM {} GROUP BY ALL) AS q ON q.seq = coalesce(l.seq, b.seq)) AS t (seq, a1, "
        "a2, b1, b2, c1, c2, d1, d2) WHERE a1 <> a2 OR b1 <> b2 OR c1 <> c2 OR d1 <> d2 ORDER BY "
        "seq LIMIT {}",
        data::kFileColumn, sql::quote_table(source.table), sql::quote_table(quarantine.name),
        kFindingsPerSource);
    job.inputs = {std::move(bronze), std::move(quarantine)};
    job.memory.push_back(ledger_input(committed));
    const auto add = [&](data::Batch batch) -> Status {
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const auto number = [&](std::size_t column) {
          return std::get<std::int64_t>(batch.columns[column].values[row]);
        };
        summary_.findings.push_back(
            {source.table,
             fmt::format("landed file {}: the ledger says {} committed, {} open in quarantine, {} "
                         "replayed and {} waived there; the tables have {}, {}, {} and {}",
                         number(0), number(1), number(3), number(5), number(7), number(2),
                         number(4), number(6), number(8))});
      }
      return {};
    };
    const auto response = engine_.execute({std::move(job), options_.limits}, add, stop_);
    if (!response && response.error().kind != base::ErrorKind::kCancelled) {
      summary_.findings.push_back(
          {source.table, "its rows cannot be counted: " + response.error().message});
      return {};
    }
    return response ? Status() : Status(response.error());
  }

  static job::MemoryInput ledger_input(const std::vector<lake::LandedFile>& committed) {
    job::MemoryInput input;
    input.name = "audit.ledger";
    for (const char* name : {"seq", "committed", "open", "replayed", "waived"}) {
      input.columns.push_back({name, data::Type{data::TypeKind::kLong}, {}});
    }
    for (const lake::LandedFile& file : committed) {
      if (input.batches.empty() || input.batches.back().rows() == data::kBatchRowsMax) {
        input.batches.push_back({input.columns});
      }
      auto& columns = input.batches.back().columns;
      columns[0].values.push_back(file.seq);
      columns[1].values.push_back(file.counts->committed_rows);
      columns[2].values.push_back(file.counts->quarantined_rows);
      columns[3].values.push_back(file.counts->replayed_rows);
      columns[4].values.push_back(file.counts->waived_by_user);
    }
    return input;
  }

  /// Decodes the records again that were replayed as the source says now, and compares them with
  /// the table's rows of those places. Keys were judged when they were replayed.
  Status compare_replayed(std::size_t index) {
    const project::Source& source = project_.sources[index];
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(source.table));
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog_.load(name));
    ReplayOrder order;
    order.source = index;
    order.filter.status = kReplayed;
    std::vector<std::string> gone;
    SLUICE_ASSIGN_OR_RETURN(order.survey,
                            survey_quarantine(catalog_, engine_, project::quarantine_table(source),
                                              order.filter, options_.limits, stop_));
    SLUICE_ASSIGN_OR_RETURN(job::DecodeJob job, replay_request(project_, analysis_, catalog_, order,
                                                               base::RunId("audit"), gone));
    const std::string digest = ingest::decode_digest(job);
    std::vector<std::string> runs;
    for (const auto& snapshot : metadata->snapshots) {
      const auto& summary = snapshot->summary;
      const auto found = summary.find(kDecodeDigestKey);
      if (summary.contains(kReplayedKey) && found != summary.end() && found->second == digest) {
        runs.push_back(sql::quote_literal(summary.at("sluice.run-id")));
      }
    }
    if (runs.empty() || job.files.empty() || !gone.empty()) {
      return {};
    }
    job.replay->condition = fmt::format("status = {} AND settled_run_id IN ({})",
                                        sql::quote_literal(kReplayed), base::join(runs, ", "));
    job.keys.clear();
    job.references.clear();
    job.lookups.clear();
    job.existing.reset();
    job.recent.reset();
    SLUICE_ASSIGN_OR_RETURN(const job::ScanInput bronze,
                            scan_input(catalog_, source.table, analysis_.sources[index]));
    job.bronze = scratch_output(bronze.schema, "bronze");
    job.quarantine = scratch_output(job::quarantine_schema(), "quarantine");
    SLUICE_RETURN_IF_ERROR(catalog_.files().make_dirs(job.bronze.dir));
    SLUICE_RETURN_IF_ERROR(catalog_.files().make_dirs(job.quarantine.dir));
    const job::ReplayedRecords replay = *job.replay;
    const auto decoded = execute<job::DecodeResult>(std::move(job));
    Status status = decoded ? Status() : Status(decoded.error());
    if (status) {
      for (const job::DecodedFile& file : decoded->files) {
        summary_.records_compared += file.records;
      }
      status = compare(bronze, staged_input(kAgain, bronze.schema, decoded->bronze), "*",
                       fmt::format("({}, {}) IN (SELECT (file_id, line) FROM {} WHERE {})",
                                   data::kFileColumn, data::kLineColumn,
                                   sql::quote_table(replay.quarantine.name), replay.condition),
                       &replay.quarantine);
    }
    SLUICE_RETURN_IF_ERROR(catalog_.files().remove_all(options_.scratch_dir));
    return status;
  }

  /// Decodes raw files again, apart, and compares what comes out with the tables: those files that
  /// were decoded as the source says now. Older ones came under another contract.
  Status compare_rows(std::size_t index, const std::vector<lake::LandedFile>& committed) {
    const project::Source& source = project_.sources[index];
    const contract::Contract& contract = project_.contracts[*source.contract];
    job::DecodeJob job = ingest::decode_request(source, contract, {}, base::RunId("audit"));
    SLUICE_RETURN_IF_ERROR(add_lookups(catalog_, project_, analysis_, source.table, job));
    SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(source.table));
    SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog_.load(name));
    const Comparable comparable = comparable_part(*metadata, ingest::decode_digest(job));
    std::vector<lake::LandedFile> files;
    for (const lake::LandedFile& file : committed) {
      if (file.seq > comparable.from) {
        files.push_back(file);
      }
    }
    if (files.empty()) {
      return {};
    }
    job = ingest::decode_request(source, contract, files, base::RunId("audit"));
    SLUICE_RETURN_IF_ERROR(add_lookups(catalog_, project_, analysis_, source.table, job));
    if (comparable.before) {
      SLUICE_RETURN_IF_ERROR(
          add_known_rows(catalog_, source, analysis_.sources[index], comparable.before, job));
    }
    SLUICE_ASSIGN_OR_RETURN(job::ScanInput bronze,
                            scan_input(catalog_, source.table, analysis_.sources[index]));
    SLUICE_ASSIGN_OR_RETURN(
        job::ScanInput quarantine,
        scan_input(catalog_, project::quarantine_table(source), job::quarantine_schema()));
    job.bronze = scratch_output(bronze.schema, "bronze");
    job.quarantine = scratch_output(job::quarantine_schema(), "quarantine");
    SLUICE_RETURN_IF_ERROR(catalog_.files().make_dirs(job.bronze.dir));
    SLUICE_RETURN_IF_ERROR(catalog_.files().make_dirs(job.quarantine.dir));
    const data::Schema bronze_schema = job.bronze.schema;
    const auto decoded = execute<job::DecodeResult>(std::move(job));
    Status status = decoded ? Status() : Status(decoded.error());
    if (status) {
      for (const job::DecodedFile& file : decoded->files) {
        summary_.records_compared += file.records;
      }
      status = compare(bronze, staged_input(kAgain, bronze_schema, decoded->bronze), "*",
                       fmt::format("{} > {}", data::kFileColumn, comparable.from));
    }
    if (status && source.on_violation != project::OnViolation::kDrop) {
      status =
          compare(quarantine, staged_input(kAgain, job::quarantine_schema(), decoded->quarantine),
                  "file_id, line, byte_offset, \"column\", rule, payload",
                  fmt::format("file_id > {}", comparable.from));
    }
    SLUICE_RETURN_IF_ERROR(catalog_.files().remove_all(options_.scratch_dir));
    return status;
  }

  job::OutputTable scratch_output(const data::Schema& schema, const std::string& name) {
    job::OutputTable output;
    output.schema = schema;
    output.dir = options_.scratch_dir + "/" + name;
    output.file_prefix = "audit";
    return output;
  }

  /// Adds a finding when a table's rows that meet `condition`, which may ask `further`, and those
  /// decoded again differ as multisets of `columns`.
  Status compare(const job::ScanInput& table, const job::ScanInput& again,
                 const std::string& columns, const std::string& condition,
                 const job::ScanInput* further = nullptr) {
    const auto difference = [&](const std::string& from, const std::string& without) {
      return fmt::format(
          "SELECT count(*) FROM (SELECT {0} FROM {1} WHERE {3} EXCEPT ALL "
          "SELECT {0} FROM {2} WHERE {3})",
          columns, sql::quote_table(from), sql::quote_table(without), condition);
    };
    job::CheckJob job;
    job.inputs = {table, again};
    if (further != nullptr) {
      job.inputs.push_back(*further);
    }
    job.checks = {{"lost", difference(again.name, table.name)},
                  {"extra", difference(table.name, again.name)}};
    SLUICE_ASSIGN_OR_RETURN(const auto result, execute<job::CheckResult>(std::move(job)));
    if (result.violations.size() == 2 && (result.violations[0] != 0 || result.violations[1] != 0)) {
      summary_.findings.push_back(
          {table.name,
           fmt::format(
               "{} rows of the raw files are not in it, {} of its rows are not in the raw files",
               result.violations[0], result.violations[1])});
    }
    return {};
  }

  const project::Project& project_;
  const project::Analysis& analysis_;
  lake::Catalog& catalog_;
  engine::Engine& engine_;
  const AuditOptions& options_;
  const std::stop_token stop_;
  AuditSummary summary_;
  std::vector<lake::AuditedFile> files_;
};

}  // namespace

Result<AuditSummary> audit(const project::Project& project, const project::Analysis& analysis,
                           lake::Catalog& catalog, engine::Engine& engine,
                           const AuditOptions& options, std::stop_token stop) {
  return Audit(project, analysis, catalog, engine, options, std::move(stop)).run();
}

}  // namespace sluice::run
