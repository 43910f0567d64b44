#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/control/job_cost.h"
#include "sluice/control/stage_context.h"
#include "sluice/plan/plan.h"
#include "sluice/run/records.h"

namespace sluice::run {

/// What a stage is expected to cost and to write, and what that rests on. Rows that cannot be told
/// are -1.
struct StagePrice {
  plan::Range cpu_s;
  plan::Range wall_s;
  std::int64_t rows_out = -1;
  std::int64_t bytes_out = 0;
  std::string basis;
};

/// Prices stages before they run: by past attempts of the same template, else of the same table's
/// earlier definitions, else by what this target's stages of the kind got through, else by stated
/// constants. Borrows the records.
class StagePricer {
 public:
  explicit StagePricer(Records& records) : records_(records) {}

  /// `template_id` names what runs; "" when any of the table's attempts is as good.
  base::Result<StagePrice> price(const std::string& table, control::StageKind kind,
                                 const std::string& template_id, std::int64_t input_bytes);

 private:
  base::Result<const std::vector<PastStage>*> anybodys(control::StageKind kind);

  Records& records_;
  std::map<control::StageKind, std::vector<PastStage>> anybodys_;
};

}  // namespace sluice::run
