#pragma once

#include "sluice/contract/contract.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::contract::internal {

/// Reports rules that cannot both hold, each with the places of both: bounds without a value
/// between them, an allowed value that another rule of the column refuses, a column that must be
/// present and may have no value, measures whose thresholds exclude each other.
void check_contradictions(const Contract& contract, const yaml::SourceText& source,
                          yaml::Diagnostics& diagnostics);

}  // namespace sluice::contract::internal
