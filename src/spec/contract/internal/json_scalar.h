#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/yaml/document.h"

namespace sluice::contract::internal {

/// Names what a node is to JSON: `object`, `array`, `string`, `integer`, `number`, `boolean` or
/// `null`, by the core schema of YAML 1.2. A scalar in quotes is a string.
std::string_view json_type(const yaml::Node& node);

/// Says whether the node is of a type as JSON Schema means it: 2.0 is an integer, and an integer is
/// a number.
bool has_json_type(const yaml::Node& node, std::string_view type);

/// The value of a number; nullopt for anything else.
std::optional<double> json_number(const yaml::Node& node);

/// A text that two nodes share when they are equal as JSON, whatever the order of their keys.
std::string json_text(const yaml::Node& node);

}  // namespace sluice::contract::internal
