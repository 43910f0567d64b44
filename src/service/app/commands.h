#pragma once

#include "sluice/app/command_line.h"
#include "sluice/base/result.h"

namespace sluice::app {

/// Each runs one command, prints its answer on standard output, and returns the exit code: 0 ok, 1
/// a check failed. An Error is printed by the caller and decides the code by its kind.
base::Result<int> run_init(const CommandLine& line);
base::Result<int> run_validate(const CommandLine& line);
base::Result<int> run_plan(const CommandLine& line);
base::Result<int> run_apply(const CommandLine& line);
base::Result<int> run_run(const CommandLine& line);
base::Result<int> run_up(const CommandLine& line);
base::Result<int> run_status(const CommandLine& line);
base::Result<int> run_query(const CommandLine& line);
base::Result<int> run_explain(const CommandLine& line);
base::Result<int> run_quarantine_list(const CommandLine& line);
base::Result<int> run_export(const CommandLine& line);
base::Result<int> run_snippet(const CommandLine& line);
base::Result<int> run_quarantine_show(const CommandLine& line);
base::Result<int> run_quarantine_replay(const CommandLine& line);
base::Result<int> run_quarantine_waive(const CommandLine& line);
base::Result<int> run_import_dbt(const CommandLine& line);
base::Result<int> run_test(const CommandLine& line);
base::Result<int> run_contract_validate(const CommandLine& line);
base::Result<int> run_contract_infer(const CommandLine& line);
base::Result<int> run_history(const CommandLine& line);
base::Result<int> run_tag(const CommandLine& line);
base::Result<int> run_rollback(const CommandLine& line);
base::Result<int> run_backup(const CommandLine& line);
base::Result<int> run_restore(const CommandLine& line);
base::Result<int> run_completion(const CommandLine& line);
base::Result<int> run_doctor(const CommandLine& line);
base::Result<int> run_rebuild(const CommandLine& line);
base::Result<int> run_erase(const CommandLine& line);
base::Result<int> run_contract_diff(const CommandLine& line);
base::Result<int> run_contract_show(const CommandLine& line);
base::Result<int> run_lineage(const CommandLine& line);
base::Result<int> run_audit(const CommandLine& line);
base::Result<int> run_target_list(const CommandLine& line);
base::Result<int> run_target_reset(const CommandLine& line);
base::Result<int> run_alerts_list(const CommandLine& line);
base::Result<int> run_alerts_test(const CommandLine& line);
base::Result<int> run_alerts_check(const CommandLine& line);

}  // namespace sluice::app
