#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/ids.h"
#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/partition_spec.h"
#include "sluice/lake/table_metadata.h"
#include "sluice/lake/table_name.h"
#include "sluice/metastore/lease.h"

namespace sluice::lake {

/// What a commit does to a table's rows.
enum class Write {
  kNone,        // only schema or properties change; makes no snapshot
  kAppend,      // adds the files; without files it is a snapshot that only moves positions
  kReplaceAll,  // the files (or none) become the whole table; what was there is deleted
  kRewrite,     // the files take the place of `removed`; all others stay
};

/// A table that a commit creates. Columns without an id (0) get one; the spec's source ids refer to
/// ids that the schema already has.
struct NewTable {
  data::Schema schema;
  PartitionSpec spec;
  std::map<std::string, std::string> properties;
};

struct TableChange {
  TableName table;
  /// The metadata file that the change was judged against; nothing when the table must not exist,
  /// and then `create` is given.
  std::optional<std::string> base_metadata_location;
  std::optional<NewTable> create;
  /// The table's columns from now on: see evolve_schema(). Not together with `create`.
  std::optional<data::Schema> new_schema;
  /// The partition spec of the table from now on, as evolve_partition_spec() gives it; older files
  /// stay under theirs. Not together with `create`.
  std::optional<PartitionSpec> new_spec;
  /// An older snapshot that becomes the current one again, with its own columns; Write::kNone only.
  std::optional<std::int64_t> make_current;
  /// Branches and tags by name; nothing removes one. Not the main branch.
  std::map<std::string, std::optional<SnapshotRef>> set_refs;
  Write write = Write::kNone;
  std::vector<DataFile> files;       // durable already, of the table's default partition spec
  std::vector<std::string> removed;  // kRewrite: paths of live files, as their manifests have them
  /// Of kReplaceAll and kRewrite: nothing in the table's metadata remembers the files that go.
  bool forget = false;
  /// Snapshots that leave the table's metadata; no branch or tag may name one any more.
  std::vector<std::int64_t> drop_snapshots;
  /// `sluice.pos.<source>` must parse as a Position and may only advance, but with `make_current`,
  /// within its lineage.
  std::map<std::string, std::string> set_properties;
  std::map<std::string, std::string> summary;  // of the snapshot, beside the spec's own counts
};

/// A group of changes that take place together or not at all.
struct CommitRequest {
  base::CommitId id;
  std::vector<TableChange> changes;      // each table at most once
  std::vector<metastore::Lease> fences;  // all must still be held
  /// Writes further rows (landed files, runs, holds) in the commit's own transaction; may be empty.
  /// Called at most once, after the pointers have moved. An error undoes the commit.
  std::function<base::Status(metastore::Transaction&)> in_transaction;
};

struct TableCommit {
  TableName table;
  std::string metadata_location;            // URI
  std::optional<std::int64_t> snapshot_id;  // of the new snapshot; nothing for Write::kNone
  std::int64_t version = 0;                 // of the table's pointer, from 0

  friend bool operator==(const TableCommit&, const TableCommit&) = default;
};

struct CommitOutcome {
  std::vector<TableCommit> tables;  // in the request's order
  bool repeated = false;            // had been committed before; this is the recorded outcome
};

/// A change as it will be, before anything is written.
struct PreparedChange {
  const TableChange& change;
  const TableMetadata* before;  // nullptr when the table is created
  const TableMetadata& after;   // without the new snapshot
};

/// Judges a commit before it is written; an error refuses the whole group.
class CommitGate {
 public:
  virtual ~CommitGate() = default;
  virtual base::Status judge(std::span<const PreparedChange> group) = 0;
};

/// Prefix of the table properties that hold positions, and the bytes one may have.
inline constexpr std::string_view kPositionPrefix = "sluice.pos.";
inline constexpr std::size_t kPositionBytesMax = 8192;

/// Where a table's metadata has the id of the commit that made it: in the new snapshot's summary
/// or, when it made none, in the properties; and, in the summary, the tables of a group, parted by
/// commas.
inline constexpr std::string_view kCommitIdKey = "sluice.commit-id";
inline constexpr std::string_view kCommitTablesKey = "sluice.commit-tables";

/// Returns a digest of all that a request asks for, except fences and callback.
std::string request_hash(const CommitRequest& request);

}  // namespace sluice::lake
