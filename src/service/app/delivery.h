#pragma once

#include <string>

#include "sluice/app/command_line.h"
#include "sluice/base/result.h"

namespace sluice::app {

/// `sluice export --to postgresql://...`
base::Result<int> run_delivery(const CommandLine& line);

/// A name with no blank in it is a table's; anything else is a statement.
bool is_table_name(const std::string& exported);

/// The SELECT that an export's first argument stands for.
std::string exported_statement(const std::string& exported);

}  // namespace sluice::app
