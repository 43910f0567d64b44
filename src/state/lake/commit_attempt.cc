#include "sluice/lake/internal/commit_attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "sluice/base/crash_point.h"
#include "sluice/data/position.h"
#include "sluice/lake/schema_evolution.h"
#include "sluice/lake/snapshot_files.h"
#include "sluice/metastore/lease.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Statement;

constexpr const char* kPreviousVersionsMax = "write.metadata.previous-versions-max";
constexpr std::size_t kPreviousVersionsDefault = 100;

Status check_position(const std::string& name, const std::string& value,
                      const std::map<std::string, std::string>& properties, bool may_go_back) {
  if (value.size() > kPositionBytesMax) {
    return base::unsupported(fmt::format("{} has {} bytes; positions of more than {} are not built",
                                         name, value.size(), kPositionBytesMax));
  }
  auto next = data::parse_position(value);
  if (!next) {
    return std::move(next).error().in(name);
  }
  const auto found = properties.find(name);
  if (found == properties.end()) {
    return {};
  }
  auto current = data::parse_position(found->second);
  if (!current) {
    return std::move(current).error().in(name);
  }
  const Status advance = may_go_back && current->lineage == next->lineage
                             ? Status()
                             : data::check_advance(*current, *next);
  return advance ? Status() : Status(advance.error().in(name));
}

std::size_t previous_versions_max(const TableMetadata& metadata) {
  const auto found = metadata.properties.find(kPreviousVersionsMax);
  std::size_t count = kPreviousVersionsDefault;
  if (found != metadata.properties.end()) {
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  return std::max<std::size_t>(count, 1);
}

}  // namespace

Status CommitAttempt::prepare() {
  now_us_ = catalog_.clock_.now().us;
  std::set<TableName> names;
  for (const TableChange& change : request_.changes) {
    SLUICE_RETURN_IF_ERROR(parse_table_name(to_text(change.table)));
    if (!names.insert(change.table).second) {
      return base::invalid_input(
          fmt::format("table {} is changed twice in one commit", to_text(change.table)));
    }
    auto table = std::make_unique<Table>();
    table->change = &change;
    Status status = find_base(*table);
    if (status) {
      status = change.create ? create_table(*table) : change_schema(*table);
    }
    if (status && !change.create) {
      status = change_spec(*table);
    }
    if (status) {
      status = make_current(*table);
    }
    if (status) {
      status = change_refs(*table);
    }
    if (status) {
      status = set_properties(*table);
    }
    if (status) {
      status = check_files(*table);
    }
    if (!status) {
      return std::move(status).error().in(to_text(change.table));
    }
    tables_.push_back(std::move(table));
  }
  return {};
}

Status CommitAttempt::find_base(Table& table) {
  const TableChange& change = *table.change;
  if (change.base_metadata_location.has_value() == change.create.has_value()) {
    return base::invalid_input("a change names either its base or what is to be created");
  }
  SLUICE_ASSIGN_OR_RETURN(table.entry, catalog_.find_own(change.table));
  table.commit.table = change.table;
  if (change.create) {
    return table.entry ? Status(base::conflict("the table exists already")) : Status();
  }
  if (!table.entry) {
    return base::conflict("the table does not exist any more");
  }
  if (table.entry->metadata_location != *change.base_metadata_location) {
    return base::conflict(fmt::format("the table has moved on to {} since {} was judged",
                                      table.entry->metadata_location,
                                      *change.base_metadata_location));
  }
  table.commit.version = table.entry->version + 1;
  SLUICE_ASSIGN_OR_RETURN(table.base, catalog_.load_location(table.entry->metadata_location));
  SLUICE_RETURN_IF_ERROR(check_writable(*table.base));
  table.after = *table.base;
  return {};
}

Status CommitAttempt::create_table(Table& table) {
  const TableChange& change = *table.change;
  if (change.new_schema || change.new_spec) {
    return base::invalid_input("a table that is created has its schema and spec in `create`");
  }
  TableMetadata& after = table.after;
  SLUICE_ASSIGN_OR_RETURN(EvolvedSchema evolved, evolve_schema({}, 0, change.create->schema, true));
  after.table_uuid = base::make_uuid7(catalog_.clock_, catalog_.random_);
  after.location = storage::file_uri(catalog_.table_path(change.table));
  after.last_column_id = evolved.last_column_id;
  after.schemas = {std::move(evolved.schema)};
  after.partition_specs = {change.create->spec};
  after.partition_specs[0].spec_id = 0;
  for (const PartitionField& field : change.create->spec.fields) {
    after.last_partition_id = std::max(after.last_partition_id, field.field_id);
  }
  after.properties = change.create->properties;
  return partition_types(change.create->spec, after.schemas[0]).ok()
             ? Status()
             : partition_types(change.create->spec, after.schemas[0]).error();
}

Status CommitAttempt::change_schema(Table& table) {
  if (!table.change->new_schema) {
    return {};
  }
  TableMetadata& after = table.after;
  const bool no_older_rows =
      table.change->write == Write::kReplaceAll || !after.current_snapshot_id;
  SLUICE_ASSIGN_OR_RETURN(EvolvedSchema evolved,
                          evolve_schema(after.current_schema(), after.last_column_id,
                                        *table.change->new_schema, no_older_rows));
  int schema_id = 0;
  for (const data::Schema& schema : after.schemas) {
    evolved.schema.schema_id = schema.schema_id;
    if (schema == evolved.schema) {
      after.current_schema_id = schema.schema_id;
      return {};
    }
    schema_id = std::max(schema_id, schema.schema_id + 1);
  }
  evolved.schema.schema_id = schema_id;
  after.schemas.push_back(std::move(evolved.schema));
  after.current_schema_id = schema_id;
  after.last_column_id = evolved.last_column_id;
  return {};
}

Status CommitAttempt::change_spec(Table& table) {
  TableMetadata& after = table.after;
  if (table.change->new_spec) {
    const PartitionSpec spec = evolve_partition_spec(
        after.partition_specs, table.change->new_spec->fields, after.last_partition_id);
    if (spec != *table.change->new_spec) {
      return base::conflict("the table's partition specs are no longer those that were judged");
    }
    if (after.partition_spec(spec.spec_id) == nullptr) {
      after.partition_specs.push_back(spec);
    }
    for (const PartitionField& field : spec.fields) {
      after.last_partition_id = std::max(after.last_partition_id, field.field_id);
    }
    after.default_spec_id = spec.spec_id;
  }
  if (const auto types = partition_types(after.default_spec(), after.current_schema()); !types) {
    return base::unsupported(
        fmt::format("a column that the table is partitioned by cannot be dropped or get another "
                    "type: {}",
                    types.error().message));
  }
  return {};
}

Status CommitAttempt::make_current(Table& table) {
  if (!table.change->make_current) {
    return {};
  }
  if (table.change->write != Write::kNone || table.change->new_schema || table.change->new_spec) {
    return base::invalid_input("a rollback changes nothing else");
  }
  TableMetadata& after = table.after;
  const Snapshot* snapshot = after.snapshot(*table.change->make_current);
  if (snapshot == nullptr) {
    return base::not_found(fmt::format("there is no snapshot {}", *table.change->make_current));
  }
  if (snapshot->schema_id && after.schema(*snapshot->schema_id) != nullptr) {
    after.current_schema_id = *snapshot->schema_id;
  }
  if (!partition_types(after.default_spec(), after.current_schema())) {
    return base::unsupported(
        "the table is partitioned by a column that it did not have then, so it cannot go back");
  }
  after.current_snapshot_id = snapshot->id;
  after.refs[std::string(kMainBranch)].snapshot_id = snapshot->id;
  return {};
}

Status CommitAttempt::change_refs(Table& table) {
  for (const auto& [name, ref] : table.change->set_refs) {
    if (name == kMainBranch) {
      return base::invalid_input("the main branch moves by commits and rollbacks only");
    }
    if (!ref) {
      if (table.after.refs.erase(name) == 0) {
        return base::not_found(fmt::format("there is no branch or tag '{}'", name));
      }
      continue;
    }
    if (table.after.snapshot(ref->snapshot_id) == nullptr) {
      return base::not_found(fmt::format("there is no snapshot {}", ref->snapshot_id));
    }
    table.after.refs[name] = *ref;
  }
  return {};
}

Status CommitAttempt::set_properties(Table& table) {
  for (const auto& [name, value] : table.change->set_properties) {
    if (name.starts_with(kPositionPrefix)) {
      SLUICE_RETURN_IF_ERROR(check_position(name, value, table.after.properties,
                                            table.change->make_current.has_value()));
    }
    table.after.properties[name] = value;
  }
  return {};
}

Status CommitAttempt::check_files(const Table& table) const {
  const TableChange& change = *table.change;
  if (change.write == Write::kNone && (!change.files.empty() || !change.summary.empty())) {
    return base::invalid_input(
        "files and a summary need a snapshot, so an append or a replacement");
  }
  if ((change.write == Write::kRewrite) == change.removed.empty()) {
    return base::invalid_input("files are removed by a rewrite, and a rewrite removes some");
  }
  const std::string folder = table.after.location + "/";
  std::set<std::string> paths;
  for (const DataFile& file : change.files) {
    const auto refuse = [&](std::string_view reason) {
      return base::invalid_input(fmt::format("file {} {}", file.path, reason));
    };
    if (!file.path.starts_with(folder)) {
      return refuse("is not below the table's location " + table.after.location);
    }
    if (!paths.insert(file.path).second) {
      return refuse("is named twice");
    }
    if (file.content != FileContent::kData) {
      return refuse("is a delete file; only data files are committed");
    }
    if (file.spec_id != table.after.default_spec_id) {
      return refuse(fmt::format("is of partition spec {}, the table's is {}", file.spec_id,
                                table.after.default_spec_id));
    }
  }
  return {};
}

Status CommitAttempt::judge() {
  if (catalog_.gate_ == nullptr) {
    return {};
  }
  std::vector<PreparedChange> group;
  group.reserve(tables_.size());
  for (const auto& table : tables_) {
    group.push_back({*table->change, table->base.get(), table->after});
  }
  return catalog_.gate_->judge(group);
}

Status CommitAttempt::stage() {
  for (const auto& table : tables_) {
    const std::string folder = catalog_.metadata_path(table->change->table);
    if (table->change->create) {
      SLUICE_RETURN_IF_ERROR(catalog_.files_.make_dirs(folder));
    }
    if (table->change->write == Write::kNone) {
      log_base(*table);
      table->after.last_updated_ms = std::max(now_us_ / 1000, table->after.last_updated_ms);
      table->after.properties[std::string(kCommitIdKey)] = request_.id.text;
      if (const auto& id = table->change->make_current) {
        table->after.snapshot_log.push_back({table->after.last_updated_ms, *id});
      }
    } else if (Status added = add_snapshot(*table); !added) {
      return std::move(added).error().in(to_text(table->change->table));
    }
    if (Status dropped = drop_snapshots(*table); !dropped) {
      return std::move(dropped).error().in(to_text(table->change->table));
    }
    const std::string path = storage::join_path(
        folder, fmt::format("{:05}-{}.metadata.json", table->commit.version,
                            base::make_uuid7(catalog_.clock_, catalog_.random_)));
    SLUICE_RETURN_IF_ERROR(validate(table->after, path));
    table->commit.metadata_location = storage::file_uri(path);
    staged_.push_back({path, serialize(table->after)});
  }
  std::vector<storage::FileIo::NewFile> files;
  files.reserve(staged_.size());
  for (const StagedMetadata& file : staged_) {
    files.push_back({file.path, file.bytes});
  }
  base::crash_point("lake.commit.before_stage");
  SLUICE_RETURN_IF_ERROR(catalog_.files_.write_all_new(files));
  written_ = true;
  base::crash_point("lake.commit.after_stage");
  return {};
}

void CommitAttempt::log_base(Table& table) const {
  TableMetadata& after = table.after;
  if (!table.entry) {
    return;
  }
  after.metadata_log.push_back({table.base->last_updated_ms, table.entry->metadata_location});
  const std::size_t max = previous_versions_max(after);
  if (after.metadata_log.size() > max) {
    after.metadata_log.erase(after.metadata_log.begin(),
                             after.metadata_log.end() - static_cast<std::ptrdiff_t>(max));
  }
}

Status CommitAttempt::add_snapshot(Table& table) {
  TableMetadata& after = table.after;
  SLUICE_ASSIGN_OR_RETURN(std::vector<ManifestFile> manifests, current_manifests(table));
  // The log must not run backwards, whatever the machine's clock does.
  const std::int64_t at_ms = std::max(now_us_ / 1000, after.last_updated_ms);
  SLUICE_ASSIGN_OR_RETURN(
      ProducedSnapshot produced,
      produce_snapshot(catalog_.files_,
                       {after, std::move(manifests), *table.change, new_snapshot_id(after), at_ms,
                        catalog_.metadata_path(table.change->table),
                        base::make_uuid7(catalog_.clock_, catalog_.random_)}));
  note_commit(produced.snapshot.summary);
  log_base(table);
  const std::int64_t id = produced.snapshot.id;
  after.last_sequence_number = produced.snapshot.sequence_number;
  after.last_updated_ms = at_ms;
  after.snapshots.push_back(seal(std::move(produced.snapshot)));
  after.snapshot_log.push_back({at_ms, id});
  after.current_snapshot_id = id;
  after.refs[std::string(kMainBranch)].snapshot_id = id;
  table.commit.snapshot_id = id;
  table.manifests = std::move(produced.manifests);
  for (StagedMetadata& file : produced.files) {
    staged_.push_back(std::move(file));
  }
  return {};
}

Status CommitAttempt::drop_snapshots(Table& table) {
  TableMetadata& after = table.after;
  for (const std::int64_t id : table.change->drop_snapshots) {
    for (const auto& [name, ref] : after.refs) {
      if (ref.snapshot_id == id) {
        return base::conflict(fmt::format("'{}' still names snapshot {}", name, id));
      }
    }
    if (std::erase_if(after.snapshots, [&](const auto& one) { return one->id == id; }) == 0) {
      return base::not_found(fmt::format("there is no snapshot {}", id));
    }
    std::erase_if(after.snapshot_log, [&](const auto& one) { return one.snapshot_id == id; });
  }
  return {};
}

/// By this a lost metastore is made again: which commit it was, and what belongs to it.
void CommitAttempt::note_commit(std::map<std::string, std::string>& summary) const {
  summary[std::string(kCommitIdKey)] = request_.id.text;
  if (tables_.size() > 1) {
    std::string names;
    for (const auto& table : tables_) {
      names += (names.empty() ? "" : ",") + to_text(table->change->table);
    }
    summary[std::string(kCommitTablesKey)] = names;
  }
}

Result<std::vector<ManifestFile>> CommitAttempt::current_manifests(const Table& table) {
  const Snapshot* current = table.after.current_snapshot();
  if (current == nullptr) {
    return std::vector<ManifestFile>();
  }
  const auto written = catalog_.written_lists_.find(table.change->table);
  if (written != catalog_.written_lists_.end() && written->second.first == current->manifest_list) {
    return written->second.second;
  }
  return read_manifest_files(catalog_.files_, *current);
}

std::int64_t CommitAttempt::new_snapshot_id(const TableMetadata& metadata) {
  std::int64_t id = 0;
  do {
    id = static_cast<std::int64_t>(catalog_.random_.next_u64() >> 1);
  } while (id == 0 || metadata.snapshot(id) != nullptr);
  return id;
}

Status CommitAttempt::record() {
  SLUICE_ASSIGN_OR_RETURN(metastore::Transaction transaction,
                          metastore::Transaction::begin(catalog_.database_));
  LedgerEntry entry{request_.id, hash_, {}, now_us_};
  for (const auto& table : tables_) {
    SLUICE_RETURN_IF_ERROR(move_pointer(transaction, *table));
    entry.tables.push_back(table->commit);
  }
  for (const metastore::Lease& fence : request_.fences) {
    SLUICE_RETURN_IF_ERROR(metastore::check_lease(transaction, fence));
  }
  SLUICE_RETURN_IF_ERROR(insert_ledger_entry(transaction, entry));
  if (request_.in_transaction) {
    SLUICE_RETURN_IF_ERROR(request_.in_transaction(transaction));
  }
  base::crash_point("lake.commit.before_transaction");
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  base::crash_point("lake.commit.after_transaction");
  return {};
}

Status CommitAttempt::move_pointer(metastore::Transaction& transaction, const Table& table) {
  metastore::Database& database = transaction.database();
  const TableName& name = table.change->table;
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      database.prepare(
          table.entry
              ? "UPDATE lake_tables SET uuid = ?3, metadata_location = ?4, version = ?5, "
                "current_snapshot_id = ?6, updated_at = ?7 "
                "WHERE ns = ?1 AND name = ?2 AND metadata_location = ?8"
              : "INSERT INTO lake_tables (ns, name, uuid, metadata_location, version, "
                "current_snapshot_id, updated_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 "
                "WHERE NOT EXISTS (SELECT 1 FROM lake_tables WHERE ns = ?1 AND name = ?2)"));
  write.bind(1, std::string_view(name.ns)).bind(2, std::string_view(name.name));
  write.bind(3, std::string_view(table.after.table_uuid));
  write.bind(4, std::string_view(table.commit.metadata_location)).bind(5, table.commit.version);
  write.bind(6, table.after.current_snapshot_id).bind(7, now_us_);
  if (table.entry) {
    write.bind(8, std::string_view(table.entry->metadata_location));
  }
  SLUICE_RETURN_IF_ERROR(write.run());
  if (database.changes() != 1) {
    return base::conflict(
        fmt::format("{}: another commit moved the table meanwhile", to_text(name)));
  }
  return {};
}

CommitOutcome CommitAttempt::publish() {
  CommitOutcome outcome;
  for (const auto& table : tables_) {
    if (table->commit.snapshot_id) {
      catalog_.written_lists_[table->change->table] = {
          table->after.current_snapshot()->manifest_list, std::move(table->manifests)};
    }
    catalog_.keep(table->commit.metadata_location,
                  std::make_shared<const TableMetadata>(std::move(table->after)));
    outcome.tables.push_back(table->commit);
  }
  for (const TableCommit& commit : outcome.tables) {
    // The commit stands; history that could not be written is written after a later one.
    if (!catalog_.write_history(commit.table)) {
      catalog_.history_version_.erase(commit.table);
    }
  }
  base::crash_point("lake.commit.after_history");
  return outcome;
}

void CommitAttempt::undo() {
  if (!written_) {
    return;  // write_all_new() leaves nothing when it fails
  }
  for (const StagedMetadata& file : staged_) {
    // One that stays is an orphan, harmless and listed by list_orphans().
    [[maybe_unused]] const Status removed = catalog_.files_.remove(file.path);
  }
}

}  // namespace sluice::lake
