#pragma once

#include <string>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/job/decode_job.h"

namespace sluice::ingest {

/// Divides the row rules of severity error: what the decoder can tell of a value by itself goes to
/// the columns (their casts are set already), the verdict on what is left is returned.
std::string divide_rules(const contract::Contract& contract,
                         std::vector<job::DecodeColumn>& columns);

}  // namespace sluice::ingest
