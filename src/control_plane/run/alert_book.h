#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"
#include "sluice/project/project.h"
#include "sluice/run/table_run.h"

namespace sluice::run {

/// Something that is wrong with a table now. While `fingerprint` stays it is the same cause.
struct AlertCause {
  project::AlertKind kind = project::AlertKind::kFailure;
  std::string subject;
  std::string summary;  // one line
  std::string detail;
  std::string run;  // id of the run that shows it; "" none
  std::string fingerprint;
};

/// A message that is still to be delivered to one channel.
struct OutboxRow {
  std::string id;  // stays, however often it is sent
  std::string channel;
  std::string status;  // firing | resolved
  std::string kind;
  std::string subject;
  std::string summary;
  std::string detail;
  std::string run;
  std::int64_t since_us = 0;
  std::int64_t created_us = 0;
  int attempts = 0;
  std::string last_error;
};

/// A cause that holds.
struct OpenAlert {
  std::string kind;
  std::string subject;
  std::string summary;
  std::string run;
  std::int64_t since_us = 0;
};

/// Which alerts hold, and what is still to be said of them. Written in the transactions that end
/// runs, so that no crash loses an alert; a cause is told once until it changes or ends. Borrows
/// everything.
class AlertBook {
 public:
  AlertBook(const project::Project& project, const base::Clock& clock, base::Random& random)
      : project_(project), clock_(clock), random_(random) {}

  /// Notes what the end of a run says of its table.
  base::Status note_run(metastore::Transaction& transaction, const RunSummary& summary);

  /// Notes that something is wrong, or that it is not any more.
  base::Status raise(metastore::Transaction& transaction, const AlertCause& cause);
  base::Status resolve(metastore::Transaction& transaction, project::AlertKind kind,
                       const std::string& subject, const std::string& run);

 private:
  base::Status judge_batch(metastore::Transaction& transaction, const RunSummary& summary);
  base::Status put_out(metastore::Transaction& transaction, const AlertCause& cause,
                       std::string_view status, std::int64_t since_us);

  const project::Project& project_;
  const base::Clock& clock_;
  base::Random& random_;
};

/// Messages that are due, oldest first; and the causes that hold.
base::Result<std::vector<OutboxRow>> due_alerts(metastore::Database& database, base::Timestamp now);
base::Result<std::vector<OutboxRow>> undelivered_alerts(metastore::Database& database);
base::Result<std::vector<OpenAlert>> open_alerts(metastore::Database& database);

/// Records what became of an attempt to deliver; a message of a channel that is no longer declared
/// is given up.
base::Status mark_delivered(metastore::Database& database, const std::string& id,
                            base::Timestamp at);
base::Status mark_undelivered(metastore::Database& database, const std::string& id,
                              const std::string& error, base::Timestamp next);
base::Status give_up_channels(metastore::Database& database, const project::AlertSettings& settings,
                              base::Timestamp at);

/// The tables of this part.
inline constexpr std::string_view kAlertTables =
    "CREATE TABLE alert_causes (kind TEXT NOT NULL, subject TEXT NOT NULL, fingerprint TEXT NOT "
    "NULL, summary TEXT NOT NULL, run_id TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (kind, "
    "subject)) WITHOUT ROWID;"
    "CREATE TABLE alert_outbox (id TEXT PRIMARY KEY, channel TEXT NOT NULL, status TEXT NOT NULL, "
    "kind TEXT NOT NULL, subject TEXT NOT NULL, summary TEXT NOT NULL, detail TEXT NOT NULL, "
    "run_id "
    "TEXT NOT NULL, since INTEGER NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL "
    "DEFAULT 0, next_at INTEGER NOT NULL, delivered_at INTEGER, last_error TEXT NOT NULL DEFAULT "
    "'') WITHOUT ROWID;"
    "CREATE INDEX alert_outbox_due ON alert_outbox (next_at) WHERE delivered_at IS NULL";

}  // namespace sluice::run
