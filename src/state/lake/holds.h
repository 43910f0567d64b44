#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/table_name.h"
#include "sluice/storage/file_lock.h"

namespace sluice::lake {

/// A table at one snapshot, with all files that this needs.
struct HeldTable {
  TableName table;
  std::optional<std::int64_t> snapshot_id;  // nothing: of a table that has none yet
  std::string metadata_location;
};

/// What a reader without the project's lock says that it reads. Whoever removes snapshots or their
/// files spares what is held.
struct Hold {
  std::string reader;  // for people: `query`, `target dev of shop`
  std::int64_t pid = 0;
  std::string since;       // ISO 8601
  bool everything = true;  // it has not said yet what; everything must stay
  std::vector<HeldTable> tables;
};

std::string to_json(const Hold& hold);
/// kCorrupt for what is no whole hold, such as one that is being written.
base::Result<Hold> parse_hold(std::string_view text);

/// A reader's hold, as a locked file in the folder `holds` beside the metastore of the tables. It
/// ends with the reader, however that comes about. Move-only.
class SnapshotHold {
 public:
  /// Holds everything, so that nothing can be removed between looking a table up and holding it.
  /// kUnauthorized where this user may not write beside the metastore.
  static base::Result<SnapshotHold> acquire(const std::string& holds_dir, std::string_view reader,
                                            const base::Clock& clock);
  /// From now on holds these tables alone.
  base::Status narrow(std::span<const HeldTable> tables);

 private:
  SnapshotHold(storage::SharedHold file, Hold hold)
      : file_(std::move(file)), hold_(std::move(hold)) {}

  storage::SharedHold file_;
  Hold hold_;
};

/// Lists the holds of readers that live. What cannot be read counts as one of everything.
base::Result<std::vector<Hold>> list_holds(const std::string& holds_dir);

/// Says whether a living reader needs a snapshot of a table.
bool is_held(std::span<const Hold> holds, const TableName& table, std::int64_t snapshot_id);

/// The folder for holds beside a metastore.
std::string holds_dir_of(std::string_view state_dir);

}  // namespace sluice::lake
