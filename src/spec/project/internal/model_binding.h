#pragma once

#include <optional>
#include <string>

#include "sluice/project/analysis.h"
#include "sluice/sql/bind.h"
#include "sluice/sql/frontend.h"

namespace sluice::project::internal {

/// Binds a statement that the engine takes. What cannot be bound, or differs from what the engine
/// says, makes the model opaque, with the reason: it is refreshed in full and its columns' lineage
/// is not known.
void bind_model(const std::string& tree, const sql::TableSchemas& schemas,
                const sql::DescribedStatement& described, ModelAnalysis& result);

/// Says what is wrong with a statement that the engine refused, in our words and with the nearest
/// name; nullopt where only the engine knows.
std::optional<sql::Unbound> explain_failure(const std::string& tree,
                                            const sql::TableSchemas& schemas);

}  // namespace sluice::project::internal
