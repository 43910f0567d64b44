#pragma once

#include <optional>
#include <string>

#include "sluice/contract/table_rule.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// Reads the one operator of a quality rule (`mustBe`, `mustBeBetween`, ...). nullopt when it is
/// missing or no number, which is then reported. `title` names the rule in messages.
std::optional<Threshold> read_threshold(const yaml::Node& rule, const std::string& title,
                                        yaml::Reader& reader);

/// Says whether a number of offenders must be none at all, so that each row can be judged alone.
bool allows_none(const Threshold& threshold, bool percent);

}  // namespace sluice::contract::internal
