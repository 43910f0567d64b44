#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"

namespace sluice::lake {

/// Something that should not be.
struct Finding {
  std::string subject;  // a table, a source, a file
  std::string problem;

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A data file that must exist with this size, and whose Parquet footer must count these rows.
struct AuditedFile {
  std::string path;  // local
  std::int64_t bytes = 0;
  std::int64_t rows = 0;

  friend bool operator==(const AuditedFile&, const AuditedFile&) = default;
};

struct AuditReport {
  std::vector<Finding> findings;  // none when all is well
  std::vector<AuditedFile>
      files;  // of the current snapshots; their footers are the caller's to read
  std::int64_t snapshots = 0;
  std::int64_t rows = 0;  // of the current snapshots, by their manifests
};

/// Checks one table: pointer, metadata, ledger and pointer history agree, the snapshots form a
/// chain, every manifest of every snapshot can be read, and every file of the current one is there
/// with its size. What is wrong is a finding; an error only where the audit itself cannot go on.
base::Result<AuditReport> audit_table(Catalog& catalog, const TableName& table);

/// The tables that a source writes.
struct SourceTables {
  std::string source;  // as in the ledger of landed files and in `sluice.pos.<source>`
  TableName table;
  TableName quarantine;
};

/// Checks that each landed file's records are all accounted for, that the sums are the rows of the
/// source's two tables, and that the position is the last landed file that was finished.
base::Result<std::vector<Finding>> audit_source(Catalog& catalog, const SourceTables& source);

/// Lists files below the tables' folders that no metadata refers to, ordered by path. Files
/// modified at or after `before_us` are left out, as they may belong to a run that is still open;
/// so are those whose path begins with one of `open_prefixes`.
base::Result<std::vector<storage::ListedFile>> list_orphans(
    Catalog& catalog, const std::set<std::string>& open_prefixes, std::int64_t before_us);

}  // namespace sluice::lake
