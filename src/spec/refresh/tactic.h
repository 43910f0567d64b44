#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/project/analysis.h"
#include "sluice/project/project.h"

namespace sluice::refresh {

/// A way to bring a model's table up to date. The incremental ones join this list as they are
/// built.
enum class Tactic { kFull };

std::string_view to_text(Tactic tactic);

/// A tactic that may be used, the SQL whose rows it writes, and how they are published.
struct LegalTactic {
  Tactic tactic = Tactic::kFull;
  std::string sql;       // one SELECT over the model's inputs
  bool replaces = true;  // the rows replace the table's, in one commit
  std::string reason;    // why it is legal, or why nothing quicker is
};

/// Returns the tactics that give the same table as a full recomputation. Never empty: full always
/// is.
std::vector<LegalTactic> legal_tactics(const project::Model& model,
                                       const project::ModelAnalysis& analysis);

}  // namespace sluice::refresh
