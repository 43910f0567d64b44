#pragma once

#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/contract/contract.h"
#include "sluice/engine/engine.h"
#include "sluice/job/infer_job.h"
#include "sluice/job/limits.h"
#include "sluice/lake/catalog.h"
#include "sluice/project/project.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// Table property that names the columns which data brought.
inline constexpr const char* kInferredProperty = "sluice.inferred-columns";

/// Says whether a source's table may have columns that its contract's file does not declare.
bool may_have_more_columns(const project::Source& source);

/// Gives a source's contract the columns that its table has beyond those of the contract's file.
/// They are the memory of what was inferred: no other is kept.
base::Status adopt_stored_columns(lake::Catalog& catalog, const project::Source& source,
                                  contract::Contract& contract);

/// The parts that adopting columns needs. All outlive the call.
struct AdoptParts {
  lake::Catalog* catalog = nullptr;  // null where nothing has run yet
  std::string raw_root;
  storage::FileIo& files;
  engine::Engine& engine;
  const base::Clock& clock;
  job::Limits limits;
};

/// Does the same for every source of a project that may have such columns, each under a contract
/// of its own. A sample of the files that wait for it
/// adds what the next run will most likely bring, so that models can be bound to it.
base::Status adopt_columns(project::Project& project, const AdoptParts& parts);

/// Offers a table under the columns that statements over it were bound with: data may have brought
/// others since, which those bound later see, or not brought yet what a sample of it showed.
void offer_as_bound(const data::Schema& bound, data::Schema& offered);

/// What became of a contract when data with other columns came.
struct Growth {
  contract::Contract contract;
  bool changed = false;
  std::vector<std::string> added;  // names and types, for people
  std::vector<std::string> notes;  // for people: what was widened, left out and why
  bool rest_is_empty = true;       // columns that were left out have no value in any record
};

/// Names the columns that were added, the first of many; "" without any.
std::string added_text(const Growth& growth);

/// Adds the columns that were seen and have values, and widens those that came from data before as
/// far as Iceberg lets a column grow. With `all_columns` those without values are added, too, as
/// strings: it is the table's first schema.
Growth grow_contract(const contract::Contract& contract, const job::InferResult& seen,
                     bool all_columns);

}  // namespace sluice::run
