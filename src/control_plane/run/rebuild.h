#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"

namespace sluice::run {

struct RebuiltTable {
  std::string table;
  std::int64_t version = 0;          // of its pointer
  std::int64_t history_version = 0;  // the newest that pointer history had; -1: it had none
  std::int64_t versions_lost = 0;    // before it, of which nothing is known
  std::vector<std::string> left_alone;
};

struct RebuiltSource {
  std::string source;
  std::int64_t landed = 0;           // files in the ledger
  std::int64_t pending = 0;          // of them, those that the next run reads
  std::vector<std::string> adopted;  // raw files that were noted nowhere; the next run reads them
};

struct RebuildReport {
  std::vector<RebuiltTable> tables;
  std::vector<RebuiltSource> sources;
  std::vector<std::string> not_restored;  // kinds of records that only the lost metastore had
};

/// Fills the catalog's metastore, new and empty, from what lies in the warehouse: pointers and
/// commits (lake::find_pointers), landed files by each source's journal and raw zone, settled
/// records by the quarantine tables, what models were published from by their snapshots, and the
/// fencing epochs by the raw files' names. Raw files of `extracted` sources, which are tables of
/// databases, are not landed when they are noted nowhere: their rows are read again. Writes nothing
/// else. kCorrupt, kUnsupported: a table or
/// a source cannot be restored; nothing is worth keeping then.
base::Result<RebuildReport> rebuild(lake::Catalog& catalog, engine::Engine& engine,
                                    const job::Limits& limits,
                                    const std::set<std::string>& extracted,
                                    const base::Clock& clock, base::Random& random,
                                    std::stop_token stop);

}  // namespace sluice::run
