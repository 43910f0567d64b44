#include "sluice/run/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "sluice/data/position.h"
#include "sluice/lake/landing_journal.h"
#include "sluice/lake/pointer_search.h"
#include "sluice/metastore/lease.h"
#include "sluice/run/quarantine_records.h"
#include "sluice/run/records.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kInputPrefix = "sluice.input.";
constexpr std::string_view kFingerprintKey = "sluice.fingerprint";

/// Raw files are named `<node>-<epoch>-<number><extension>`.
struct RawName {
  std::int64_t epoch = 0;
  std::int64_t number = 0;

  friend auto operator<=>(const RawName&, const RawName&) = default;
};

std::optional<RawName> parse_raw_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t first = name.find('-');
  const std::size_t second = first == std::string_view::npos ? first : name.find('-', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  RawName raw;
  const auto epoch = std::from_chars(name.data() + first + 1, name.data() + second, raw.epoch);
  const auto number =
      std::from_chars(name.data() + second + 1, name.data() + name.size(), raw.number);
  const bool is_whole =
      epoch.ec == std::errc() && epoch.ptr == name.data() + second && number.ec == std::errc();
  return is_whole ? std::optional(raw) : std::nullopt;
}

class Rebuild {
 public:
  Rebuild(lake::Catalog& catalog, engine::Engine& engine, const job::Limits& limits,
          const std::set<std::string>& extracted, const base::Clock& clock, base::Random& random,
          std::stop_token stop)
      : catalog_(catalog),
        database_(catalog.database()),
        files_(catalog.files()),
        engine_(engine),
        limits_(limits),
        extracted_(extracted),
        clock_(clock),
        random_(random),
        stop_(std::move(stop)) {}

  Result<RebuildReport> run() {
    SLUICE_ASSIGN_OR_RETURN(pointers_,
                            lake::find_pointers(files_, catalog_.warehouse(), clock_, random_));
    SLUICE_RETURN_IF_ERROR(put_pointers());
    SLUICE_ASSIGN_OR_RETURN(const auto folders,
                            lake::list_table_folders(files_, catalog_.warehouse()));
    for (const lake::TableName& table : folders) {
      SLUICE_RETURN_IF_ERROR(put_source(table));
    }
    report_.not_restored = {
        "runs, invocations, traces of stages: 'sluice.runs' and the like begin anew",
        "decisions: levers begin with their default rules",
        "results of checks: 'sluice.quality_results' begins anew; open alerts come again",
        "erasures: 'sluice.erasures' begins anew; do one again that was under way",
        "skipped files: each is looked at once more, and skipped again",
        "what the last run followed: 'state:modified' means everything once"};
    return std::move(report_);
  }

 private:
  Status put_pointers() {
    SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
    SLUICE_RETURN_IF_ERROR(lake::put_pointers(transaction, pointers_));
    Records records(database_);
    for (const lake::FoundPointer& pointer : pointers_) {
      SLUICE_RETURN_IF_ERROR(put_published(transaction, records, pointer));
      for (const lake::PointerMove& move : pointer.moves) {
        commits_.insert(move.commit_id);
      }
      report_.tables.push_back(
          {lake::to_text(pointer.table), pointer.moves.back().version, pointer.history_version,
           static_cast<std::int64_t>(pointer.unknown.size()), pointer.left_alone});
    }
    return transaction.commit();
  }

  /// A model's newest snapshot says what it was made from.
  Status put_published(metastore::Transaction& transaction, Records& records,
                       const lake::FoundPointer& pointer) {
    const lake::Snapshot* newest = nullptr;
    for (const lake::SnapshotPtr& snapshot : pointer.metadata.snapshots) {
      if (snapshot->summary.contains(std::string(kFingerprintKey)) &&
          (newest == nullptr || snapshot->sequence_number > newest->sequence_number)) {
        newest = snapshot.get();
      }
    }
    if (newest == nullptr) {
      return {};
    }
    plan::PublishedState state;
    state.fingerprint = newest->summary.at(std::string(kFingerprintKey));
    state.snapshot_id = newest->id;
    for (const auto& [key, value] : newest->summary) {
      std::int64_t snapshot = 0;
      if (key.starts_with(kInputPrefix) &&
          std::from_chars(value.data(), value.data() + value.size(), snapshot).ec == std::errc()) {
        state.inputs[key.substr(kInputPrefix.size())] = snapshot;
      }
    }
    const auto run = newest->summary.find("sluice.run-id");
    return records.save_published(transaction, lake::to_text(pointer.table), state,
                                  base::RunId(run == newest->summary.end() ? "" : run->second));
  }

  const lake::FoundPointer* pointer_of(const lake::TableName& table) const {
    const auto found =
        std::find_if(pointers_.begin(), pointers_.end(),
                     [&](const lake::FoundPointer& pointer) { return pointer.table == table; });
    return found == pointers_.end() ? nullptr : &*found;
  }

  /// Restores the ledger of the source that writes a table, if one does.
  Status put_source(const lake::TableName& table) {
    const std::string source = lake::to_text(table);
    SLUICE_ASSIGN_OR_RETURN(const auto lines,
                            lake::LandingJournal::read(files_, catalog_.metadata_path(table)));
    SLUICE_ASSIGN_OR_RETURN(const std::optional<data::Position> position, position_of(table));
    if (lines.empty() && position) {
      return base::unsupported(
          fmt::format("{} was landed by a program that kept no {} beside it; restore a backup",
                      source, lake::kLandingJournalName));
    }
    std::map<std::int64_t, lake::LandedFile> landed = files_of(lines, position);
    SLUICE_RETURN_IF_ERROR(settle(table, landed));
    SLUICE_ASSIGN_OR_RETURN(const auto raw, raw_files_of(source));
    if (landed.empty() && raw.empty()) {
      return {};
    }
    RebuiltSource told;
    told.source = source;
    if (!extracted_.contains(source)) {
      SLUICE_RETURN_IF_ERROR(adopt_raw(source, raw, landed, told));
    }
    SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database_));
    for (const auto& [seq, file] : landed) {
      SLUICE_RETURN_IF_ERROR(lake::put_landed(transaction, file));
      ++told.landed;
      told.pending += file.state == lake::LandedState::kRaw ? 1 : 0;
    }
    if (position) {
      SLUICE_RETURN_IF_ERROR(lake::lineage(transaction, source, position->lineage));
    }
    if (!raw.empty()) {
      SLUICE_RETURN_IF_ERROR(
          metastore::put_expired_lease(transaction, source, raw.rbegin()->first.epoch));
    }
    report_.sources.push_back(std::move(told));
    return transaction.commit();
  }

  Result<std::optional<data::Position>> position_of(const lake::TableName& table) const {
    const lake::FoundPointer* pointer = pointer_of(table);
    if (pointer == nullptr) {
      return std::optional<data::Position>();
    }
    const auto property =
        pointer->metadata.properties.find(std::string(lake::kPositionPrefix) + to_text(table));
    if (property == pointer->metadata.properties.end()) {
      return std::optional<data::Position>();
    }
    SLUICE_ASSIGN_OR_RETURN(data::Position position, data::parse_position(property->second));
    return std::optional(std::move(position));
  }

  /// How each file stands by its last line that holds. One that the position has passed, and that
  /// no commit has, was refused.
  std::map<std::int64_t, lake::LandedFile> files_of(
      const std::vector<lake::JournalLine>& lines,
      const std::optional<data::Position>& position) const {
    std::map<std::int64_t, lake::LandedFile> landed;
    for (const lake::JournalLine& line : lines) {
      if (!line.by || commits_.contains(*line.by)) {
        landed[line.file.seq] = line.file;
      }
    }
    for (auto& [seq, file] : landed) {
      if (position && seq <= position->offset && file.state == lake::LandedState::kRaw) {
        file.state = lake::LandedState::kRefused;
        file.reason = "was not read; why is not known since the metastore was lost";
      }
    }
    return landed;
  }

  /// Brings the counts to what the quarantine table says of settled records.
  Status settle(const lake::TableName& table, std::map<std::int64_t, lake::LandedFile>& landed) {
    std::map<std::int64_t, std::int64_t> settled[2];
    const std::string quarantine = "quarantine." + table.name;
    const std::string_view statuses[] = {kReplayed, kWaived};
    for (std::size_t i = 0; i < 2 && !landed.empty(); ++i) {
      SLUICE_ASSIGN_OR_RETURN(
          QuarantineSurvey survey,
          survey_quarantine(catalog_, engine_, quarantine, {std::string(statuses[i]), "", ""},
                            limits_, stop_));
      settled[i] = std::move(survey.records);
    }
    for (auto& [seq, file] : landed) {
      if (!file.counts) {
        continue;
      }
      lake::RecordCounts& counts = *file.counts;
      const std::int64_t replayed = settled[0][seq];
      const std::int64_t waived = settled[1][seq];
      counts.quarantined_rows += counts.replayed_rows + counts.waived_by_user - replayed - waived;
      counts.committed_rows += replayed - counts.replayed_rows;
      counts.waived_rows += waived - counts.waived_by_user;
      counts.replayed_rows = replayed;
      counts.waived_by_user = waived;
    }
    return {};
  }

  /// Whole files in the source's raw zone, in the order in which they were landed.
  Result<std::map<RawName, storage::ListedFile>> raw_files_of(const std::string& source) {
    std::map<RawName, storage::ListedFile> raw;
    const auto listed = files_.list(fmt::format("{}/_raw/{}", catalog_.warehouse(), source), true);
    if (!listed) {
      return listed.error().kind == base::ErrorKind::kNotFound
                 ? Result<std::map<RawName, storage::ListedFile>>(raw)
                 : Result<std::map<RawName, storage::ListedFile>>(listed.error());
    }
    for (const storage::ListedFile& file : *listed) {
      const auto name = parse_raw_name(file.path);
      if (name && !storage::is_temporary(file.path)) {
        raw.emplace(*name, file);
      }
    }
    return raw;
  }

  /// Raw files that are noted nowhere came in just before the end: they are landed like the others,
  /// as their originals may be gone, unless their content is there already.
  Status adopt_raw(const std::string& source, const std::map<RawName, storage::ListedFile>& raw,
                   std::map<std::int64_t, lake::LandedFile>& landed, RebuiltSource& told) {
    std::set<std::string> noted;
    std::set<std::string> contents;
    for (const auto& [seq, file] : landed) {
      noted.insert(file.raw_path);
      contents.insert(file.sha256);
    }
    std::int64_t next = landed.empty() ? 1 : landed.rbegin()->first + 1;
    for (const auto& [name, file] : raw) {
      if (noted.contains(file.path)) {
        continue;
      }
      SLUICE_ASSIGN_OR_RETURN(const storage::CopiedFile content, files_.hash(file.path));
      if (!contents.insert(content.sha256).second) {
        continue;
      }
      lake::LandedFile adopted;
      adopted.source = source;
      adopted.seq = next++;
      adopted.sha256 = content.sha256;
      adopted.original_name = "(found in the raw zone) " + file.path;
      adopted.raw_path = file.path;
      adopted.bytes = content.bytes;
      adopted.modified_at_us = file.stat.modified_us;
      adopted.landed_at_us = file.stat.modified_us;
      landed[adopted.seq] = std::move(adopted);
      told.adopted.push_back(file.path);
    }
    return {};
  }

  lake::Catalog& catalog_;
  metastore::Database& database_;
  storage::FileIo& files_;
  engine::Engine& engine_;
  const job::Limits& limits_;
  const std::set<std::string>& extracted_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::stop_token stop_;
  std::vector<lake::FoundPointer> pointers_;
  std::set<base::CommitId> commits_;
  RebuildReport report_;
};

}  // namespace

Result<RebuildReport> rebuild(lake::Catalog& catalog, engine::Engine& engine,
                              const job::Limits& limits, const std::set<std::string>& extracted,
                              const base::Clock& clock, base::Random& random,
                              std::stop_token stop) {
  return Rebuild(catalog, engine, limits, extracted, clock, random, std::move(stop)).run();
}

}  // namespace sluice::run
