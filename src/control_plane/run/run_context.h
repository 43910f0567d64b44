#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/base/random.h"
#include "sluice/control/decision_store.h"
#include "sluice/control/policy.h"
#include "sluice/lake/catalog.h"
#include "sluice/metastore/database.h"
#include "sluice/plan/freshness.h"
#include "sluice/plan/plan.h"
#include "sluice/project/analysis.h"
#include "sluice/project/project.h"
#include "sluice/run/lender.h"
#include "sluice/run/records.h"
#include "sluice/storage/file_io.h"
#include "sluice/telemetry/log.h"

namespace sluice::run {

/// What every run of one invocation shares. Everything referred to outlives the invocation; used on
/// the scheduling thread only.
struct RunContext {
  const project::Project& project;
  const project::Analysis& analysis;
  lake::Catalog& catalog;
  metastore::Database& database;
  storage::FileIo& files;
  Records& records;
  control::DecisionStore& decisions;
  const control::LeverPolicies& policies;
  const base::Clock& clock;
  base::Random& random;
  telemetry::Logger& log;
  base::InvocationId invocation;
  std::string spill_dir;  // absolute
  int threads = 1;
  std::int64_t memory_bytes = 0;
  bool forced = false;  // refresh models that are fresh, too
  std::function<int()> jobs_waiting;
  std::stop_token stop;
  std::map<std::string, plan::PublishedState> published;  // of models, as of the start
  const plan::Plan* plan = nullptr;                       // what is applied, when a plan is
  const Lender* lender = nullptr;                         // of a target that borrows tables
};

}  // namespace sluice::run
