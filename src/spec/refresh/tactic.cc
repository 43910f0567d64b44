#include "sluice/refresh/tactic.h"

namespace sluice::refresh {

std::string_view to_text(Tactic tactic) {
  switch (tactic) {
    case Tactic::kFull:
      return "full";
  }
  return "full";
}

std::vector<LegalTactic> legal_tactics(const project::Model& model,
                                       const project::ModelAnalysis& analysis) {
  LegalTactic full;
  full.tactic = Tactic::kFull;
  full.sql = analysis.sql;
  if (model.refresh == project::RefreshMode::kFull) {
    full.reason = "the model declares refresh: full";
  } else if (analysis.opaque) {
    full.reason = "only a full refresh is known to be right: " + analysis.opaque_reason;
  } else {
    full.reason = "no incremental tactic is built yet";
  }
  return {full};
}

}  // namespace sluice::refresh
