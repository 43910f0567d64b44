#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/stop_signal.h"
#include "sluice/app/version.h"
#include "sluice/app/workspace.h"
#include "sluice/base/text.h"
#include "sluice/lake/holds.h"
#include "sluice/lake/restore_check.h"
#include "sluice/run/records.h"
#include "sluice/storage/file_lock.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kSpaceBad = std::int64_t{64} << 20;
constexpr std::int64_t kSpaceLow = std::int64_t{1} << 30;
constexpr std::int64_t kClockSlackUs = 5'000'000;

constexpr const char* kRestoreAdvice = "sluice restore FILE, or sluice doctor --rebuild";

enum class Health { kOk, kWarning, kBad };

constexpr const char* kHealthTexts[] = {"ok", "warning", "bad"};

/// What was looked at, how it is, and what to do about it.
struct Finding {
  std::string what;
  Health health = Health::kOk;
  std::string says;
  std::string advice;  // "" when all is well
};

/// Looks at one installation, part by part.
class Doctor {
 public:
  explicit Doctor(Workspace& workspace) : workspace_(workspace) {}

  std::vector<Finding> examine(const std::stop_token& stop) {
    look_at_worker(stop);
    look_at_folder("warehouse", workspace_.target().warehouse);
    look_at_folder("state", workspace_.state_dir());
    if (look_at_metastore()) {
      look_at_clock();
      look_at_runs();
      look_at_holds();
      look_at_lender();
      look_at_tables();
    }
    look_at_front();
    return std::move(findings_);
  }

 private:
  void ok(std::string what, std::string says) {
    findings_.push_back({std::move(what), Health::kOk, std::move(says), ""});
  }
  void add(std::string what, Health health, std::string says, std::string advice) {
    findings_.push_back({std::move(what), health, std::move(says), std::move(advice)});
  }

  void look_at_worker(const std::stop_token& stop) {
    const std::int64_t began_ns = workspace_.clock().monotonic_ns();
    job::QueryJob job;
    job.sql =
        "SELECT count(DISTINCT function_name) FROM duckdb_functions() WHERE function_name "
        "IN ('read_parquet', 'date_trunc')";
    std::int64_t known = 0;
    const auto answer = workspace_.engine().execute(
        {std::move(job), workspace_.reader_limits()},
        [&](data::Batch batch) -> Status {
          known = std::get<std::int64_t>(batch.columns[0].values.at(0));
          return {};
        },
        stop);
    [[maybe_unused]] const Status cleared =
        workspace_.files().remove_all(workspace_.reader_limits().spill_dir);
    if (!answer) {
      add("worker", Health::kBad, answer.error().message,
          "sluice-worker must lie beside sluice, of the same version, and be executable");
      return;
    }
    if (known != 2) {
      add("worker", Health::kBad, "its DuckDB lacks the extension parquet or core_functions",
          "install the package again");
      return;
    }
    ok("worker",
       fmt::format("answers after {}", base::format_duration_us(
                                           (workspace_.clock().monotonic_ns() - began_ns) / 1000)));
  }

  /// A folder must take a file, and have room.
  void look_at_folder(const std::string& what, const std::string& dir) {
    storage::FileIo& files = workspace_.files();
    const std::string probe = storage::join_path(dir, fmt::format(".doctor-{}", ::getpid()));
    Status wrote = files.make_dirs(dir);
    if (wrote) {
      wrote = files.write_new(probe, "probe");
    }
    if (!wrote) {
      add(what, Health::kBad, wrote.error().message, "give this user the right to write there");
      return;
    }
    const auto stat = files.stat(probe);
    [[maybe_unused]] const Status removed = files.remove(probe);
    const std::int64_t off_us = stat ? stat->modified_us - workspace_.clock().now().us : 0;
    if (std::abs(off_us) > kClockSlackUs) {
      add(what, Health::kWarning,
          fmt::format("{}: its files' times are {} off this machine's clock", dir,
                      base::format_duration_us(std::abs(off_us))),
          "let both machines follow one time server: `settle` compares the two");
    }
    const auto free = files.free_bytes(dir);
    if (!free) {
      add(what, Health::kWarning, free.error().message, "");
      return;
    }
    const std::string says = fmt::format("{}: can be written, {} free", dir,
                                         base::format_bytes(static_cast<std::uint64_t>(*free)));
    if (*free < kSpaceLow) {
      add(what, *free < kSpaceBad ? Health::kBad : Health::kWarning, says,
          "make room: a run needs space for what it stages before it commits");
    } else {
      ok(what, says);
    }
  }

  bool look_at_metastore() {
    const std::string path = workspace_.metastore_path();
    const auto there = workspace_.files().exists(path);
    if (there && !*there) {
      add("metastore", Health::kWarning, path + " is not there",
          "'sluice run' makes it; where there are tables already, bring a backup back: sluice "
          "restore FILE, or have it made again from them: sluice doctor --rebuild");
      return false;
    }
    const Status opened = workspace_.open_for_reading();
    if (!opened) {
      const bool old = opened.error().kind == base::ErrorKind::kConflict;
      add("metastore", old ? Health::kWarning : Health::kBad, opened.error().message,
          old ? "" : kRestoreAdvice);
      return false;
    }
    if (const Status sound = workspace_.database().check_integrity(); !sound) {
      add("metastore", Health::kBad, sound.error().message, kRestoreAdvice);
      return false;
    }
    ok("metastore", fmt::format("{}: sound, of this version ({})", path, kProgramVersion));
    return true;
  }

  void look_at_clock() {
    auto query =
        workspace_.database().prepare("SELECT coalesce(max(started_at), 0) FROM invocations");
    if (!query || !query->step()) {
      return;
    }
    const std::int64_t ahead_us = query->get_int(0) - workspace_.clock().now().us;
    if (ahead_us > kClockSlackUs) {
      add("clock", Health::kBad,
          fmt::format("the last run began {} in the future", base::format_duration_us(ahead_us)),
          "set the clock: leases and arrival times follow it");
    } else {
      ok("clock", "after the last run");
    }
  }

  void look_at_runs() {
    run::Records records(workspace_.database());
    const auto open = records.open_runs();
    if (!open) {
      add("runs", Health::kBad, open.error().message, "");
      return;
    }
    if (open->empty()) {
      ok("runs", "none is open");
    } else {
      add("runs", Health::kWarning, fmt::format("{} are open", open->size()),
          "if no front works now, the next 'sluice run' settles them");
    }
  }

  void look_at_holds() {
    const auto holds = lake::list_holds(workspace_.holds_dir());
    if (!holds) {
      add("holds", Health::kWarning, holds.error().message,
          "let this user read there: expiry asks who reads what");
      return;
    }
    std::vector<std::string> readers;
    for (const lake::Hold& hold : *holds) {
      readers.push_back(hold.reader.empty() ? std::string("a reader that cannot be told")
                                            : fmt::format("{} (pid {}, since {})", hold.reader,
                                                          hold.pid, hold.since));
    }
    ok("holds", readers.empty() ? "nobody reads now" : base::join(readers, ", "));
  }

  /// Of a target that reads another's tables.
  void look_at_lender() {
    if (workspace_.lender() == nullptr) {
      return;
    }
    const lake::BorrowedTables& lent = workspace_.catalog().borrowed();
    if (lent.tables.empty()) {
      add("lender", Health::kWarning, fmt::format("target {} has no tables yet", lent.from),
          fmt::format("sluice run --target {}", lent.from));
    } else {
      ok("lender", fmt::format("{} tables of {} can be read", lent.tables.size(), lent.from));
    }
  }

  void look_at_tables() {
    const auto check = lake::check_restore(workspace_.catalog());
    if (!check) {
      add("tables", Health::kBad, check.error().message, "sluice audit");
      return;
    }
    for (const std::string& missing : check->missing) {
      add("tables", Health::kBad, missing + " is not there", "bring the warehouse back");
    }
    for (const std::string& newer : check->newer) {
      add("tables", Health::kBad, "the metastore is older than the warehouse: " + newer,
          "restore the newest backup, or sluice doctor --rebuild: else rows would come twice");
    }
    if (check->missing.empty() && check->newer.empty()) {
      ok("tables", fmt::format("{} are where the metastore says", check->tables));
    }
  }

  void look_at_front() {
    const auto lock =
        storage::FileLock::acquire(workspace_.state_dir() + "/front.lock", "sluice doctor", 0);
    if (lock) {
      ok("front", "none is at work");
    } else if (lock.error().kind == base::ErrorKind::kConflict) {
      ok("front", lock.error().message);
    } else {
      add("front", Health::kBad, lock.error().message, "");
    }
  }

  Workspace& workspace_;
  std::vector<Finding> findings_;
};

}  // namespace

Result<int> run_doctor(const CommandLine& line) {
  if (line.rebuild) {
    return run_rebuild(line);
  }
  const StopSignal stop;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  const std::vector<Finding> findings = Doctor(*workspace).examine(stop.token());
  const bool sound = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.health == Health::kBad;
  });
  if (line.json) {
    Json document = {{"ok", sound}, {"findings", Json::array()}};
    for (const Finding& finding : findings) {
      document["findings"].push_back({{"what", finding.what},
                                      {"health", kHealthTexts[static_cast<int>(finding.health)]},
                                      {"says", finding.says},
                                      {"advice", finding.advice}});
    }
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
    return sound ? 0 : 1;
  }
  for (const Finding& finding : findings) {
    fmt::print("{:<9}{:<11}{}\n", kHealthTexts[static_cast<int>(finding.health)], finding.what,
               finding.says);
    if (!finding.advice.empty()) {
      fmt::print("{:<20}{}\n", "", finding.advice);
    }
  }
  return sound ? 0 : 1;
}

}  // namespace sluice::app
