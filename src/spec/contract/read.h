#pragma once

#include <optional>

#include "sluice/contract/contract.h"
#include "sluice/yaml/diagnostics.h"

namespace sluice::contract {

/// Reads a contract file. Every key of the standard is acted upon, kept as description, or refused
/// by name; every rule that cannot be executed is a diagnostic that names it. Variables are not
/// expanded: a contract is read by other tools too. Returns nullopt when anything was wrong.
/// Source: Open Data Contract Standard 3.2.0 (JSON Schema odcs-3.2.0).
std::optional<Contract> read_contract(yaml::SourceText source, yaml::Diagnostics& diagnostics);

}  // namespace sluice::contract
