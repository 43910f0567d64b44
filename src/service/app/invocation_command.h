#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/app/stop_signal.h"
#include "sluice/app/workspace.h"
#include "sluice/base/result.h"
#include "sluice/project/analysis.h"
#include "sluice/run/invocation.h"

namespace sluice::app {

/// Runs what the options say and prints it as it goes, and the report at the end. The workspace is
/// open for writing. Returns the exit code. `options` needs its selection and plan alone.
/// `stop` was made before the workspace.
base::Result<int> invoke_and_print(Workspace& workspace, const project::Analysis& analysis,
                                   run::InvocationOptions options, bool json, StopSignal& stop);

}  // namespace sluice::app
