#pragma once

#include <map>
#include <string>

#include "sluice/contract/contract.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// Reads `slaProperties`: what can be measured becomes a service level of the contract, the rest is
/// kept by name. `column_of` maps a property's name to its column.
void read_service_levels(const yaml::Node& root,
                         const std::map<std::string, std::string>& column_of, Contract& contract,
                         yaml::Reader& reader);

}  // namespace sluice::contract::internal
