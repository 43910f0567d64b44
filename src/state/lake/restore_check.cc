#include "sluice/lake/restore_check.h"

#include <fmt/format.h>

#include <map>

#include "sluice/lake/pointer_history.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

/// Names of the folders in a folder; none when it is not there.
Result<std::vector<std::string>> folders_in(storage::FileIo& files, const std::string& dir) {
  std::vector<std::string> names;
  const auto listed = files.list(dir, false);
  if (!listed) {
    return listed.error().kind == base::ErrorKind::kNotFound
               ? Result<std::vector<std::string>>(names)
               : Result<std::vector<std::string>>(listed.error());
  }
  for (const storage::ListedFile& entry : *listed) {
    const std::string name = entry.path.substr(entry.path.rfind('/') + 1);
    if (entry.stat.is_dir && !name.starts_with('_')) {
      names.push_back(name);
    }
  }
  return names;
}

/// Tables by name with the newest version that their pointer history has.
Result<std::map<TableName, std::int64_t>> versions_in(Catalog& catalog) {
  std::map<TableName, std::int64_t> versions;
  SLUICE_ASSIGN_OR_RETURN(const auto namespaces, folders_in(catalog.files(), catalog.warehouse()));
  for (const std::string& ns : namespaces) {
    SLUICE_ASSIGN_OR_RETURN(
        const auto names, folders_in(catalog.files(), storage::join_path(catalog.warehouse(), ns)));
    for (const std::string& name : names) {
      const TableName table{ns, name};
      SLUICE_ASSIGN_OR_RETURN(const auto moves,
                              read_pointer_history(catalog.files(), catalog.metadata_path(table)));
      if (!moves.empty()) {
        versions[table] = moves.back().version;
      }
    }
  }
  return versions;
}

}  // namespace

Result<RestoreCheck> check_restore(Catalog& catalog) {
  RestoreCheck check;
  SLUICE_ASSIGN_OR_RETURN(const auto versions, versions_in(catalog));
  SLUICE_ASSIGN_OR_RETURN(const auto entries, catalog.list_own_tables());
  std::map<TableName, std::int64_t> known;
  for (const TableEntry& entry : entries) {
    ++check.tables;
    known[entry.table] = entry.version;
    SLUICE_ASSIGN_OR_RETURN(const std::string path, storage::local_path(entry.metadata_location));
    SLUICE_ASSIGN_OR_RETURN(const bool there, catalog.files().exists(path));
    if (!there) {
      check.missing.push_back(path);
    }
  }
  for (const auto& [table, version] : versions) {
    const auto found = known.find(table);
    if (found == known.end()) {
      check.newer.push_back(fmt::format("{} is not in it", to_text(table)));
    } else if (found->second < version) {
      check.newer.push_back(
          fmt::format("{} is at version {}, in it at {}", to_text(table), version, found->second));
    }
  }
  return check;
}

}  // namespace sluice::lake
