#include "sluice/project/internal/contract_patterns.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "sluice/sql/quote.h"

namespace sluice::project::internal {

base::Status check_patterns(const Project& project, sql::Frontend& frontend,
                            yaml::Diagnostics& diagnostics) {
  std::vector<std::pair<const contract::Contract*, contract::PatternUse>> uses;
  std::vector<sql::DescribeRequest> requests;
  for (const contract::Contract& contract : project.contracts) {
    for (contract::PatternUse& use : contract::patterns_of(contract)) {
      requests.push_back(
          {"", fmt::format("SELECT regexp_matches('', {})", sql::quote_literal(use.pattern))});
      uses.emplace_back(&contract, std::move(use));
    }
  }
  if (requests.empty()) {
    return {};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto described, frontend.describe({}, requests));
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (!described[i].error.empty()) {
      const auto& [contract, use] = uses[i];
      diagnostics.add({contract->file, use.mark,
                       fmt::format("pattern of column '{}' is no regular expression: {}",
                                   use.column, described[i].error),
                       "patterns are RE2 expressions", use.pattern});
    }
  }
  return {};
}

}  // namespace sluice::project::internal
