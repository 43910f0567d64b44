#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"
#include "sluice/project/graph.h"
#include "sluice/project/project.h"
#include "sluice/sql/bind.h"
#include "sluice/sql/frontend.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::project {

/// What is known of a model once its SQL is bound to the tables it reads. `schema` has the types
/// that the table will have, without field ids. `fingerprint` changes when the rows that the same
/// inputs give may change, or their layout. Of an opaque model only its inputs are known, and
/// `opaque_reason` says why; `bound` is its statement otherwise.
struct ModelAnalysis {
  std::string sql;  // the statement as it runs: variables are values
  std::vector<std::string> variables;
  std::vector<std::string> reads;
  data::Schema schema;
  std::string fingerprint;
  std::string contract_digest;  // of the contract that judges its rows; "" without one
  bool opaque = false;
  std::string opaque_reason;
  std::shared_ptr<const sql::BoundQuery> bound;
};

/// A project whose every model binds. `models[i]` belongs to Project::models[i], `sources[i]` is
/// the schema of Project::sources[i]'s bronze table.
struct Analysis {
  Graph graph;
  std::vector<ModelAnalysis> models;
  std::vector<data::Schema> sources;
  /// For Project::contracts[i], the tables that its rules over tables read, the judged one
  /// included.
  std::vector<std::vector<std::string>> contract_reads;
};

/// Columns of a bronze table: the contract's, then the landing sequence number of the row's file
/// and the line of its record there.
data::Schema bronze_schema(const contract::Contract& contract);

/// Returns the name of a source's quarantine table: `quarantine.orders` for `bronze.orders`.
std::string quarantine_table(const Source& source);

/// Parses, orders and describes every model, and checks keys, partitions and expectations against
/// what it yields. What is wrong goes to `diagnostics` and the answer is nullopt. They may hold
/// already what was found while loading: the rest is still looked at, and nobody is blamed for
/// reading a table that is wrong itself. An Error means that `frontend` could not answer.
/// `engine_version` is part of every fingerprint.
base::Result<std::optional<Analysis>> analyze(const Project& project, sql::Frontend& frontend,
                                              const data::Schema& quarantine_schema,
                                              std::string_view engine_version,
                                              yaml::Diagnostics& diagnostics);

}  // namespace sluice::project
