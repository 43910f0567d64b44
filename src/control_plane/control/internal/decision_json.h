#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/control/decision.h"

namespace sluice::control {

/// The JSON form of a decision's parts, as stored and as printed. Reading yields kCorrupt for
/// anything but what writing yields.
nlohmann::json to_json(const Context& context);
nlohmann::json to_json(const Config& config);
nlohmann::json to_json(const std::vector<Candidate>& candidates);

base::Result<std::vector<Feature>> features_from_json(std::string_view text);
base::Result<Config> config_from_json(const nlohmann::json& json);
base::Result<std::vector<Candidate>> candidates_from_json(std::string_view text);

}  // namespace sluice::control
