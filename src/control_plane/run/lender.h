#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/holds.h"
#include "sluice/plan/freshness.h"
#include "sluice/plan/objects.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"

namespace sluice::run {

/// What a target knows of the one whose tables it reads, as of the moment at which it looked.
struct Lender {
  std::string name;
  std::map<std::string, plan::PublishedState> published;  // how its models' tables were made
  plan::ProjectObjects applied;                           // what its last runs followed
};

/// A lender together with its tables' pointers.
struct Loan {
  Lender lender;
  lake::BorrowedTables tables;

  /// What a reader of these tables holds.
  std::vector<lake::HeldTable> held() const;
};

/// Reads the pointers and the definitions of the target `name` out of its metastore at `path`, all
/// of one moment, and changes nothing there. `check` judges the database's version. Without a
/// metastore there is nothing to borrow yet.
base::Result<Loan> read_loan(const std::string& name, const std::string& path,
                             const project::Project& project,
                             const std::function<base::Status(metastore::Database&)>& check);

/// The objects that the tables in use were made by: this target's own, and the lender's where a
/// table is borrowed.
base::Result<plan::ProjectObjects> objects_in_use(plan::ProjectObjects own, const Lender& lender,
                                                  const project::Project& project,
                                                  const project::Analysis& analysis,
                                                  lake::Catalog& catalog);

/// Judges a model whose table is borrowed.
base::Result<plan::Freshness> borrowed_freshness(const Lender& lender, const std::string& table,
                                                 const project::ModelAnalysis& model,
                                                 lake::Catalog& catalog, bool forced);

}  // namespace sluice::run
