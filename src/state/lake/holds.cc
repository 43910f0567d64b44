#include "sluice/lake/holds.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"
#include "sluice/storage/file_io.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr std::string_view kWhat = "hold";

}  // namespace

std::string to_json(const Hold& hold) {
  json document = {{"reader", hold.reader}, {"pid", hold.pid}, {"since", hold.since}};
  if (!hold.everything) {
    json tables = json::array();
    for (const HeldTable& held : hold.tables) {
      json table = {{"table", to_text(held.table)}, {"metadata_location", held.metadata_location}};
      if (held.snapshot_id) {
        table["snapshot_id"] = *held.snapshot_id;
      }
      tables.push_back(std::move(table));
    }
    document["tables"] = std::move(tables);
  }
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Hold> parse_hold(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(const json document, base::parse_json(text, kWhat));
  if (!document.is_object()) {
    return base::corrupt("hold: no object");
  }
  Hold hold;
  SLUICE_ASSIGN_OR_RETURN(hold.reader, base::json_string(document, "reader", kWhat));
  SLUICE_ASSIGN_OR_RETURN(hold.pid, base::json_int(document, "pid", kWhat));
  SLUICE_ASSIGN_OR_RETURN(hold.since, base::json_string(document, "since", kWhat));
  hold.everything = !document.contains("tables");
  if (hold.everything) {
    return hold;
  }
  SLUICE_ASSIGN_OR_RETURN(const json* tables, base::json_array(document, "tables", kWhat));
  for (const json& item : *tables) {
    if (!item.is_object()) {
      return base::corrupt("hold: a table is no object");
    }
    HeldTable held;
    SLUICE_ASSIGN_OR_RETURN(const std::string name, base::json_string(item, "table", kWhat));
    SLUICE_ASSIGN_OR_RETURN(held.table, parse_table_name(name));
    SLUICE_ASSIGN_OR_RETURN(held.snapshot_id, base::json_int_if(item, "snapshot_id", kWhat));
    SLUICE_ASSIGN_OR_RETURN(held.metadata_location,
                            base::json_string(item, "metadata_location", kWhat));
    hold.tables.push_back(std::move(held));
  }
  return hold;
}

Result<SnapshotHold> SnapshotHold::acquire(const std::string& holds_dir, std::string_view reader,
                                           const base::Clock& clock) {
  static std::atomic<int> counter = 0;
  const base::Timestamp now = clock.now();
  Hold hold;
  hold.reader = reader;
  hold.pid = ::getpid();
  hold.since = base::format_iso8601({now.us / 1'000'000 * 1'000'000});
  // A process that died may have left a file, and its number comes again.
  const std::string name = fmt::format("{}-{}-{}", hold.pid, now.us, counter++);
  SLUICE_ASSIGN_OR_RETURN(auto file, storage::SharedHold::acquire(holds_dir, name, to_json(hold)));
  return SnapshotHold(std::move(file), std::move(hold));
}

Status SnapshotHold::narrow(std::span<const HeldTable> tables) {
  hold_.everything = false;
  hold_.tables.assign(tables.begin(), tables.end());
  return file_.tell(to_json(hold_));
}

Result<std::vector<Hold>> list_holds(const std::string& holds_dir) {
  SLUICE_ASSIGN_OR_RETURN(const auto texts, storage::SharedHold::list(holds_dir));
  std::vector<Hold> holds;
  for (const std::string& text : texts) {
    auto hold = parse_hold(text);
    holds.push_back(hold ? *std::move(hold) : Hold{});
  }
  return holds;
}

bool is_held(std::span<const Hold> holds, const TableName& table, std::int64_t snapshot_id) {
  return std::any_of(holds.begin(), holds.end(), [&](const Hold& hold) {
    return hold.everything ||
           std::any_of(hold.tables.begin(), hold.tables.end(), [&](const HeldTable& held) {
             return held.table == table && held.snapshot_id == snapshot_id;
           });
  });
}

std::string holds_dir_of(std::string_view state_dir) {
  return storage::join_path(state_dir, "holds");
}

}  // namespace sluice::lake
