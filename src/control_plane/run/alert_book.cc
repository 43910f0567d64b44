#include "sluice/run/alert_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/ids.h"
#include "sluice/base/text.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;
using metastore::Database;
using metastore::Statement;
using metastore::Transaction;
using project::AlertKind;

constexpr const char* kGaveUp = "the channel is no longer declared";
constexpr const char* kOutboxColumns =
    "SELECT id, channel, status, kind, subject, summary, detail, run_id, since, created_at, "
    "attempts, last_error FROM alert_outbox WHERE delivered_at IS NULL ";

/// Errors that differ in numbers alone (a file, a count) have one cause.
std::string without_numbers(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit || plain.empty() || plain.back() != '#') {
      plain += digit ? '#' : c;
    }
  }
  return plain;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Columns whose absence or presence refused whole files.
std::string broken_columns(const RunSummary& summary) {
  std::vector<std::string> columns;
  for (const job::RefusedCount& count : summary.refused_by) {
    if (count.rule == "missing_column" || count.rule == "unknown_column") {
      columns.push_back(fmt::format("{}({})", count.rule, count.column));
    }
  }
  return base::join(columns, ", ");
}

Result<std::vector<OutboxRow>> read_outbox(Statement query) {
  std::vector<OutboxRow> rows;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool more, query.step());
    if (!more) {
      return rows;
    }
    OutboxRow row;
    row.id = query.get_text(0);
    row.channel = query.get_text(1);
    row.status = query.get_text(2);
    row.kind = query.get_text(3);
    row.subject = query.get_text(4);
    row.summary = query.get_text(5);
    row.detail = query.get_text(6);
    row.run = query.get_text(7);
    row.since_us = query.get_int(8);
    row.created_us = query.get_int(9);
    row.attempts = static_cast<int>(query.get_int(10));
    row.last_error = query.get_text(11);
    rows.push_back(std::move(row));
  }
}

}  // namespace

Status AlertBook::note_run(Transaction& transaction, const RunSummary& summary) {
  if (summary.settles) {
    return {};
  }
  AlertCause cause;
  cause.subject = summary.table;
  cause.run = summary.id.text;
  cause.detail = summary.error;
  cause.fingerprint = fmt::format("{}: {}", to_text(summary.state), without_numbers(summary.error));
  const bool is_source = project_.find_source(summary.table) != nullptr;
  switch (summary.state) {
    case RunState::kFailed:
    case RunState::kInterrupted:
      cause.kind = AlertKind::kFailure;
      cause.summary = fmt::format("{} {}: {}", summary.table, to_text(summary.state),
                                  first_line(summary.error));
      return raise(transaction, cause);
    case RunState::kRejected:
      cause.kind = AlertKind::kContractBreak;
      cause.summary =
          fmt::format("{} was not published: {}", summary.table, first_line(summary.error));
      return raise(transaction, cause);
    case RunState::kPublished:
    case RunState::kUnchanged:
      SLUICE_RETURN_IF_ERROR(
          resolve(transaction, AlertKind::kFailure, summary.table, summary.id.text));
      if (!is_source) {
        return resolve(transaction, AlertKind::kContractBreak, summary.table, summary.id.text);
      }
      return summary.state == RunState::kPublished ? judge_batch(transaction, summary) : Status();
    default:
      return {};  // it says nothing: another table's failure is told with that table
  }
}

/// What the records of a source's batch say.
Status AlertBook::judge_batch(Transaction& transaction, const RunSummary& summary) {
  AlertCause cause;
  cause.subject = summary.table;
  cause.run = summary.id.text;
  for (const std::string& note : summary.notes) {
    cause.detail += note + "\n";
  }
  const std::string columns = broken_columns(summary);
  cause.kind = AlertKind::kContractBreak;
  cause.fingerprint = columns;
  cause.summary =
      fmt::format("files of {} do not have the contract's columns: {}", summary.table, columns);
  SLUICE_RETURN_IF_ERROR(columns.empty()
                             ? resolve(transaction, cause.kind, summary.table, cause.run)
                             : raise(transaction, cause));
  const std::int64_t records = summary.rows + summary.refused;
  if (records == 0) {
    return {};
  }
  const double rate = static_cast<double>(summary.refused) / static_cast<double>(records);
  cause.kind = AlertKind::kQuarantineRate;
  cause.fingerprint = "over";
  cause.summary =
      fmt::format("{} refused {:.1f}% of {} records, more than {:.1f}%", summary.table, rate * 100,
                  base::format_count(records), project_.alerts.quarantine_rate * 100);
  return rate > project_.alerts.quarantine_rate
             ? raise(transaction, cause)
             : resolve(transaction, cause.kind, summary.table, cause.run);
}

Status AlertBook::raise(Transaction& transaction, const AlertCause& cause) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement known,
      transaction.database().prepare(
          "SELECT fingerprint, since FROM alert_causes WHERE kind = ? AND subject = ?"));
  SLUICE_ASSIGN_OR_RETURN(
      const bool found, known.bind(1, project::to_text(cause.kind)).bind(2, cause.subject).step());
  if (found && known.get_text(0) == cause.fingerprint) {
    return {};
  }
  const std::int64_t since_us = found ? known.get_int(1) : clock_.now().us;
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare("INSERT OR REPLACE INTO alert_causes (kind, subject, "
                                     "fingerprint, summary, run_id, since) VALUES (?, ?, ?, ?, ?, "
                                     "?)"));
  SLUICE_RETURN_IF_ERROR(write.bind(1, project::to_text(cause.kind))
                             .bind(2, cause.subject)
                             .bind(3, cause.fingerprint)
                             .bind(4, cause.summary)
                             .bind(5, cause.run)
                             .bind(6, since_us)
                             .run());
  return put_out(transaction, cause, "firing", since_us);
}

Status AlertBook::resolve(Transaction& transaction, AlertKind kind, const std::string& subject,
                          const std::string& run) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement known,
      transaction.database().prepare(
          "DELETE FROM alert_causes WHERE kind = ? AND subject = ? RETURNING summary, since"));
  SLUICE_ASSIGN_OR_RETURN(const bool found,
                          known.bind(1, project::to_text(kind)).bind(2, subject).step());
  if (!found) {
    return {};
  }
  const AlertCause cause{kind, subject, known.get_text(0), "This is over.", run, ""};
  const std::int64_t since_us = known.get_int(1);
  SLUICE_RETURN_IF_ERROR(known.step());
  return put_out(transaction, cause, "resolved", since_us);
}

Status AlertBook::put_out(Transaction& transaction, const AlertCause& cause,
                          std::string_view status, std::int64_t since_us) {
  const std::int64_t now_us = clock_.now().us;
  for (const project::AlertChannel& channel : project_.alerts.channels) {
    if (!channel.takes(cause.kind)) {
      continue;
    }
    SLUICE_ASSIGN_OR_RETURN(
        Statement write,
        transaction.database().prepare(
            "INSERT INTO alert_outbox (id, channel, status, kind, subject, summary, detail, "
            "run_id, since, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    SLUICE_RETURN_IF_ERROR(write.bind(1, base::make_uuid7(clock_, random_))
                               .bind(2, channel.name)
                               .bind(3, status)
                               .bind(4, project::to_text(cause.kind))
                               .bind(5, cause.subject)
                               .bind(6, cause.summary)
                               .bind(7, cause.detail)
                               .bind(8, cause.run)
                               .bind(9, since_us)
                               .bind(10, now_us)
                               .bind(11, now_us)
                               .run());
  }
  return {};
}

Result<std::vector<OutboxRow>> due_alerts(Database& database, base::Timestamp now) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(std::string(kOutboxColumns) + "AND next_at <= ? ORDER BY created_at, id"));
  query.bind(1, now.us);
  return read_outbox(std::move(query));
}

Result<std::vector<OutboxRow>> undelivered_alerts(Database& database) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query, database.prepare(std::string(kOutboxColumns) + "ORDER BY created_at, id"));
  return read_outbox(std::move(query));
}

Result<std::vector<OpenAlert>> open_alerts(Database& database) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database.prepare("SELECT kind, subject, summary, run_id, since FROM "
                                           "alert_causes ORDER BY since, subject"));
  std::vector<OpenAlert> alerts;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool more, query.step());
    if (!more) {
      return alerts;
    }
    alerts.push_back({query.get_text(0), query.get_text(1), query.get_text(2), query.get_text(3),
                      query.get_int(4)});
  }
}

Status mark_delivered(Database& database, const std::string& id, base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      database.prepare("UPDATE alert_outbox SET delivered_at = ?, attempts = attempts + 1, "
                       "last_error = '' WHERE id = ?"));
  return write.bind(1, at.us).bind(2, id).run();
}

Status mark_undelivered(Database& database, const std::string& id, const std::string& error,
                        base::Timestamp next) {
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          database.prepare("UPDATE alert_outbox SET attempts = attempts + 1, "
                                           "last_error = ?, next_at = ? WHERE id = ?"));
  return write.bind(1, error).bind(2, next.us).bind(3, id).run();
}

Status give_up_channels(Database& database, const project::AlertSettings& settings,
                        base::Timestamp at) {
  SLUICE_ASSIGN_OR_RETURN(const auto rows, undelivered_alerts(database));
  for (const OutboxRow& row : rows) {
    const bool declared =
        std::any_of(settings.channels.begin(), settings.channels.end(),
                    [&](const project::AlertChannel& one) { return one.name == row.channel; });
    if (!declared) {
      SLUICE_ASSIGN_OR_RETURN(
          Statement write,
          database.prepare(
              "UPDATE alert_outbox SET delivered_at = ?, last_error = ? WHERE id = ?"));
      SLUICE_RETURN_IF_ERROR(
          write.bind(1, at.us).bind(2, std::string(kGaveUp)).bind(3, row.id).run());
    }
  }
  return {};
}

}  // namespace sluice::run
