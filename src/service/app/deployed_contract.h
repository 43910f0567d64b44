#pragma once

#include <memory>
#include <string>

#include "sluice/app/command_line.h"
#include "sluice/base/result.h"
#include "sluice/contract/contract.h"
#include "sluice/lake/table_metadata.h"

namespace sluice::app {

/// A contract as the newest commit of its table recorded it.
struct DeployedContract {
  std::string table;
  contract::Contract contract;
  std::shared_ptr<const lake::TableMetadata> metadata;
};

/// Reads and checks a contract file. kInvalidInput holds everything that is wrong with it.
base::Result<contract::Contract> read_contract_file(const std::string& file);

/// Reads what the table of the project records. kNotFound when there is no such table, or nothing
/// was recorded.
base::Result<DeployedContract> deployed_contract(Workspace& workspace, const std::string& table);

/// The same for the table that holds to a contract file of the project.
base::Result<DeployedContract> deployed_contract_of_file(const CommandLine& line,
                                                         const std::string& file);

}  // namespace sluice::app
