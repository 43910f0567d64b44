#include "sluice/lake/landed_files.h"

#include <fmt/format.h>

#include <utility>

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using metastore::Database;
using metastore::Statement;
using metastore::Transaction;

constexpr const char* kSelect =
    "SELECT source, seq, sha256, original_name, raw_path, bytes, modified_at, landed_at, state, "
    "records, committed_rows, quarantined_rows, waived_rows, commit_id, reason, replayed_rows, "
    "waived_by_user, erased_rows, raw_sha256, raw_bytes FROM landed_files ";

Result<LandedFile> read_row(const Statement& row) {
  LandedFile file;
  file.source = row.get_text(0);
  file.seq = row.get_int(1);
  file.sha256 = row.get_text(2);
  file.original_name = row.get_text(3);
  file.raw_path = row.get_text(4);
  file.bytes = row.get_int(5);
  file.modified_at_us = row.get_int(6);
  file.landed_at_us = row.get_int(7);
  SLUICE_ASSIGN_OR_RETURN(file.state, parse_landed_state(row.get_text(8)));
  if (!row.is_null(9)) {
    file.counts = RecordCounts{row.get_int(9),  row.get_int(10), row.get_int(11), row.get_int(12),
                               row.get_int(15), row.get_int(16), row.get_int(17)};
  }
  if (!row.is_null(13)) {
    file.commit_id = base::CommitId(row.get_text(13));
  }
  file.reason = row.get_text(14);
  file.raw_sha256 = row.get_text_if(18);
  file.raw_bytes = row.get_int_if(19);
  return file;
}

Result<std::vector<LandedFile>> read_rows(Statement query) {
  std::vector<LandedFile> files;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return files;
    }
    SLUICE_ASSIGN_OR_RETURN(LandedFile file, read_row(query));
    files.push_back(std::move(file));
  }
}

/// Checks that the event may happen to the file now.
Status check_event(Transaction& transaction, std::string_view source, std::int64_t seq,
                   LandedEvent event) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          transaction.database().prepare(
                              "SELECT state FROM landed_files WHERE source = ? AND seq = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, source).bind(2, seq).step());
  if (!found) {
    return base::not_found(fmt::format("source {} has landed no file {}", source, seq));
  }
  SLUICE_ASSIGN_OR_RETURN(const LandedState state, parse_landed_state(query.get_text(0)));
  if (auto next = transition(state, event); !next) {
    return std::move(next).error().in(fmt::format("file {} of source {}", seq, source));
  }
  return {};
}

bool adds_up(const RecordCounts& counts) {
  std::int64_t rest = counts.records;
  for (const std::int64_t part :
       {counts.committed_rows, counts.quarantined_rows, counts.waived_rows, counts.erased_rows}) {
    if (part < 0 || part > rest) {
      return false;
    }
    rest -= part;
  }
  return rest == 0;
}

}  // namespace

Result<std::int64_t> next_seq(Transaction& transaction, std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query, transaction.database().prepare(
                           "SELECT coalesce(max(seq), 0) + 1 FROM landed_files WHERE source = ?"));
  SLUICE_RETURN_IF_ERROR(query.bind(1, source).step());
  return query.get_int(0);
}

Status insert_raw(Transaction& transaction, const LandedFile& file) {
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          transaction.database().prepare(
                              "INSERT INTO landed_files (source, seq, sha256, original_name, "
                              "raw_path, bytes, modified_at, landed_at, state) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  auto status = write.bind(1, file.source)
                    .bind(2, file.seq)
                    .bind(3, file.sha256)
                    .bind(4, file.original_name)
                    .bind(5, file.raw_path)
                    .bind(6, file.bytes)
                    .bind(7, file.modified_at_us)
                    .bind(8, file.landed_at_us)
                    .bind(9, to_text(LandedState::kRaw))
                    .run();
  if (!status && status.error().kind == base::ErrorKind::kConflict) {
    return std::move(status).error().in(
        fmt::format("source {} has landed file {} or its content before", file.source, file.seq));
  }
  return status;
}

Status mark_committed(Transaction& transaction, std::string_view source, std::int64_t seq,
                      const RecordCounts& counts, const base::CommitId& id) {
  if (!adds_up(counts)) {
    return base::invalid_input(fmt::format(
        "file {} of source {}: {} records are not {} committed, {} quarantined and {} waived", seq,
        source, counts.records, counts.committed_rows, counts.quarantined_rows,
        counts.waived_rows));
  }
  SLUICE_RETURN_IF_ERROR(check_event(transaction, source, seq, LandedEvent::kCommit));
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare(
          "UPDATE landed_files SET state = ?, records = ?, committed_rows = ?, "
          "quarantined_rows = ?, waived_rows = ?, commit_id = ? WHERE source = ? AND seq = ?"));
  return write.bind(1, to_text(LandedState::kCommitted))
      .bind(2, counts.records)
      .bind(3, counts.committed_rows)
      .bind(4, counts.quarantined_rows)
      .bind(5, counts.waived_rows)
      .bind(6, id.text)
      .bind(7, source)
      .bind(8, seq)
      .run();
}

Status mark_settled(Transaction& transaction, std::string_view source, std::int64_t seq,
                    const Settlement& settlement) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare(
          "UPDATE landed_files SET committed_rows = committed_rows + ?1, "
          "replayed_rows = replayed_rows + ?1, waived_rows = waived_rows + ?2, "
          "waived_by_user = waived_by_user + ?2, quarantined_rows = quarantined_rows - ?1 - ?2 "
          "WHERE source = ?3 AND seq = ?4 AND state = ?5 AND quarantined_rows >= ?1 + ?2 "
          "AND replayed_rows + ?1 >= 0 AND waived_by_user + ?2 >= 0"));
  SLUICE_RETURN_IF_ERROR(write.bind(1, settlement.replayed)
                             .bind(2, settlement.waived)
                             .bind(3, source)
                             .bind(4, seq)
                             .bind(5, to_text(LandedState::kCommitted))
                             .run());
  if (transaction.database().changes() != 1) {
    return base::conflict(
        fmt::format("file {} of source {} has fewer records in quarantine than are to be settled",
                    seq, source));
  }
  return {};
}

Status mark_refused(Transaction& transaction, std::string_view source, std::int64_t seq,
                    std::string_view reason) {
  SLUICE_RETURN_IF_ERROR(check_event(transaction, source, seq, LandedEvent::kRefuse));
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare(
          "UPDATE landed_files SET state = ?, reason = ? WHERE source = ? AND seq = ?"));
  return write.bind(1, to_text(LandedState::kRefused))
      .bind(2, reason)
      .bind(3, source)
      .bind(4, seq)
      .run();
}

Status mark_rolled_back(Transaction& transaction, std::string_view source, std::int64_t seq,
                        bool again) {
  SLUICE_RETURN_IF_ERROR(
      check_event(transaction, source, seq, again ? LandedEvent::kRewind : LandedEvent::kRollBack));
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare(
          "UPDATE landed_files SET state = ?, records = NULL, committed_rows = NULL, "
          "quarantined_rows = NULL, waived_rows = NULL, replayed_rows = 0, waived_by_user = 0, "
          "erased_rows = 0, commit_id = NULL WHERE source = ? AND seq = ?"));
  return write.bind(1, to_text(again ? LandedState::kRaw : LandedState::kRolledBack))
      .bind(2, source)
      .bind(3, seq)
      .run();
}

Status put_landed(Transaction& transaction, const LandedFile& file) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare(
          "INSERT OR REPLACE INTO landed_files (source, seq, sha256, original_name, raw_path, "
          "bytes, modified_at, landed_at, state, records, committed_rows, quarantined_rows, "
          "waived_rows, commit_id, reason, replayed_rows, waived_by_user, erased_rows, raw_sha256, "
          "raw_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  write.bind(1, file.source)
      .bind(2, file.seq)
      .bind(3, file.sha256)
      .bind(4, file.original_name)
      .bind(5, file.raw_path)
      .bind(6, file.bytes)
      .bind(7, file.modified_at_us)
      .bind(8, file.landed_at_us)
      .bind(9, to_text(file.state));
  const RecordCounts counts = file.counts.value_or(RecordCounts());
  const auto count = [&](std::int64_t value) {
    return file.counts ? std::optional(value) : std::nullopt;
  };
  return write.bind(10, count(counts.records))
      .bind(11, count(counts.committed_rows))
      .bind(12, count(counts.quarantined_rows))
      .bind(13, count(counts.waived_rows))
      .bind(14, file.commit_id ? std::optional(file.commit_id->text) : std::nullopt)
      .bind(15, file.reason)
      .bind(16, counts.replayed_rows)
      .bind(17, counts.waived_by_user)
      .bind(18, counts.erased_rows)
      .bind(19, file.raw_sha256)
      .bind(20, file.raw_bytes)
      .run();
}

Result<std::optional<LandedFile>> find_by_hash(Database& database, std::string_view source,
                                               std::string_view sha256) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(std::string(kSelect) +
                       "WHERE source = ? AND sha256 = ? AND bytes > 0 ORDER BY seq LIMIT 1"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, source).bind(2, sha256).step());
  if (!found) {
    return std::optional<LandedFile>();
  }
  SLUICE_ASSIGN_OR_RETURN(LandedFile file, read_row(query));
  return std::optional(std::move(file));
}

Result<std::optional<LandedFile>> find_by_name(Database& database, std::string_view source,
                                               std::string_view original_name, std::int64_t bytes,
                                               std::int64_t modified_at_us) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(std::string(kSelect) +
                       "WHERE source = ? AND original_name = ? AND bytes = ? AND modified_at = ? "
                       "ORDER BY seq DESC LIMIT 1"));
  SLUICE_ASSIGN_OR_RETURN(
      const bool found,
      query.bind(1, source).bind(2, original_name).bind(3, bytes).bind(4, modified_at_us).step());
  if (!found) {
    return std::optional<LandedFile>();
  }
  SLUICE_ASSIGN_OR_RETURN(LandedFile file, read_row(query));
  return std::optional(std::move(file));
}

Result<std::vector<LandedFile>> list_pending(Database& database, std::string_view source) {
  // The state is written out so that the partial index is used.
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(std::string(kSelect) + "WHERE source = ? AND state = 'raw' ORDER BY seq"));
  query.bind(1, source);
  return read_rows(std::move(query));
}

Result<std::vector<LandedFile>> list_landed(Database& database, std::string_view source,
                                            std::int64_t after_seq) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(std::string(kSelect) + "WHERE source = ? AND seq > ? ORDER BY seq"));
  query.bind(1, source).bind(2, after_seq);
  return read_rows(std::move(query));
}

Result<std::vector<Arrival>> list_arrivals(Database& database, std::string_view source,
                                           std::int64_t after_us) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database.prepare("SELECT seq, landed_at FROM landed_files "
                                           "WHERE source = ? AND landed_at > ? ORDER BY seq"));
  query.bind(1, source).bind(2, after_us);
  std::vector<Arrival> arrivals;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return arrivals;
    }
    arrivals.push_back({query.get_int(0), query.get_int(1)});
  }
}

Result<bool> is_known(Database& database, std::string_view source, std::string_view original_name,
                      std::int64_t bytes, std::int64_t modified_at_us) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT 1 FROM landed_files WHERE source = ?1 AND original_name = ?2 "
                       "AND bytes = ?3 AND modified_at = ?4 UNION ALL "
                       "SELECT 1 FROM skipped_files WHERE source = ?1 AND original_name = ?2 "
                       "AND bytes = ?3 AND modified_at = ?4 LIMIT 1"));
  return query.bind(1, source).bind(2, original_name).bind(3, bytes).bind(4, modified_at_us).step();
}

Result<std::string> lineage(Transaction& transaction, std::string_view source,
                            std::string_view fresh_id) {
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          transaction.database().prepare(
                              "INSERT INTO landing_ledgers VALUES (?, ?) ON CONFLICT DO NOTHING"));
  SLUICE_RETURN_IF_ERROR(write.bind(1, source).bind(2, fresh_id).run());
  SLUICE_ASSIGN_OR_RETURN(const auto found, find_lineage(transaction.database(), source));
  return found.value_or("");
}

Result<std::optional<std::string>> find_lineage(Database& database, std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(Statement query,
                          database.prepare("SELECT lineage FROM landing_ledgers WHERE source = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, source).step());
  return found ? std::optional(query.get_text(0)) : std::nullopt;
}

Result<std::vector<std::string>> list_landed_sources(Database& database) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT DISTINCT source FROM landed_files ORDER BY source"));
  std::vector<std::string> sources;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return sources;
    }
    sources.push_back(query.get_text(0));
  }
}

Status insert_skipped(Transaction& transaction, const SkippedFile& file) {
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          transaction.database().prepare(
                              "INSERT INTO skipped_files (source, original_name, sha256, "
                              "first_seq, bytes, modified_at, at) VALUES (?, ?, ?, ?, ?, ?, ?) "
                              "ON CONFLICT DO UPDATE SET modified_at = excluded.modified_at"));
  return write.bind(1, file.source)
      .bind(2, file.original_name)
      .bind(3, file.sha256)
      .bind(4, file.first_seq)
      .bind(5, file.bytes)
      .bind(6, file.modified_at_us)
      .bind(7, file.at_us)
      .run();
}

Result<std::vector<SkippedFile>> list_skipped(Database& database, std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare("SELECT source, original_name, sha256, first_seq, bytes, modified_at, at "
                       "FROM skipped_files WHERE source = ? ORDER BY at, original_name"));
  query.bind(1, source);
  std::vector<SkippedFile> files;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const bool row, query.step());
    if (!row) {
      return files;
    }
    files.push_back({query.get_text(0), query.get_text(1), query.get_text(2), query.get_int(3),
                     query.get_int(4), query.get_int(5), query.get_int(6)});
  }
}

}  // namespace sluice::lake
