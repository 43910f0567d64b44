#include <cstddef>
#include <cstdint>
#include <string>

#include "sluice/contract/compile.h"
#include "sluice/contract/read.h"

/// A contract is either read or explained, and what was read compiles.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::yaml::Diagnostics diagnostics;
  const auto contract = sluice::contract::read_contract(
      {"fuzz.odcs.yaml", std::string(reinterpret_cast<const char*>(data), size)}, diagnostics);
  if (contract.has_value() != diagnostics.empty()) {
    __builtin_trap();
  }
  if (!contract) {
    return 0;
  }
  if (sluice::contract::verdict_expression(*contract).empty()) {
    __builtin_trap();
  }
  for (const auto& rule : contract->rules) {
    const auto* column = contract->column(rule.column);
    if (column == nullptr ||
        sluice::contract::count_violations(rule, column->type, contract->table).empty()) {
      __builtin_trap();
    }
  }
  for (const auto& key : contract->keys) {
    if (key.columns.empty()) {
      __builtin_trap();
    }
  }
  return 0;
}
