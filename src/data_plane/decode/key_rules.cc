#include "sluice/decode/internal/key_rules.h"

#include <fmt/format.h>

#include <cstdlib>
#include <set>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/decode/internal/references.h"
#include "sluice/duck/appender.h"
#include "sluice/duck/quote.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;

constexpr const char* kRecent = "_sluice.recent";
constexpr const char* kFilePlace = "9223372036854775808";  // 2^63
// Packs a row's place in the order (file, line) into one HUGEINT, whose minimum costs a fixed 16
// bytes for each key. File numbers are below 2^62.
constexpr const char* kPlace = "(_sluice_file::HUGEINT * 9223372036854775808 + _sluice_line)";
constexpr const char* kUndecided =
    "_sluice.staged ANTI JOIN _sluice.duplicates USING (_sluice_file, _sluice_line)";

std::string key_list(const job::KeyRule& rule) {
  std::string list;
  for (const std::string& column : rule.columns) {
    list += (list.empty() ? "" : ", ") + quote_identifier(column);
  }
  return list;
}

std::string no_nulls(const job::KeyRule& rule) {
  std::string condition;
  for (const std::string& column : rule.columns) {
    condition += (condition.empty() ? "" : " AND ") + quote_identifier(column) + " IS NOT NULL";
  }
  return condition;
}

Result<std::int64_t> count_rows(duck_jobs::Session& session, const std::string& table) {
  SLUICE_ASSIGN_OR_RETURN(duck::QueryResult result, session.query("SELECT count(*) FROM " + table));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  return batch && batch->rows() > 0 ? std::get<std::int64_t>(batch->columns[0].values[0]) : 0;
}

/// Arrival times of the batch's files and of those of the table that a window may reach.
Status make_arrivals(duck_jobs::Session& session, const job::DecodeJob& job) {
  SLUICE_RETURN_IF_ERROR(
      session.execute("CREATE TABLE _sluice.arrivals (_sluice_arrived BIGINT, _sluice_at BIGINT)"));
  SLUICE_ASSIGN_OR_RETURN(duck::Appender arrivals,
                          duck::Appender::open(session.connection(), "_sluice", "arrivals"));
  std::set<std::int64_t> own;
  for (const job::DecodeFile& file : job.files) {
    own.insert(file.seq);
    arrivals.add(file.seq);
    arrivals.add(file.arrived_at_us);
    SLUICE_RETURN_IF_ERROR(arrivals.end_row());
  }
  for (const job::FileArrival& file : job.recent_files) {
    if (own.contains(file.seq)) {
      continue;  // replayed: in the table and in the job
    }
    arrivals.add(file.seq);
    arrivals.add(file.arrived_at_us);
    SLUICE_RETURN_IF_ERROR(arrivals.end_row());
  }
  return arrivals.finish();
}

/// Refuses undecided rows whose key a row of the table has.
Status refuse_held_by_table(duck_jobs::Session& session, const std::string& table,
                            const job::KeyRule& rule, std::size_t index) {
  const std::string keys = key_list(rule);
  SLUICE_RETURN_IF_ERROR(session.execute(
      fmt::format("CREATE OR REPLACE TABLE _sluice.held AS SELECT {0}, min({1}) AS _sluice_first "
                  "FROM {2} SEMI JOIN {3} USING ({0}) GROUP BY {0}",
                  keys, kPlace, duck::quote_table(table), kStagedView)));
  return session.execute(fmt::format(
      "INSERT INTO _sluice.duplicates SELECT _sluice_file, _sluice_line, {0}, "
      "_sluice_first // {1}, _sluice_first % {1} FROM {2} JOIN _sluice.held USING ({3})",
      index, kFilePlace, kUndecided, keys));
}

/// The same for a rule with a window: the newest row of the table that is near enough is named.
Status refuse_held_within(duck_jobs::Session& session, const job::KeyRule& rule,
                          std::size_t index) {
  const std::string keys = key_list(rule);
  SLUICE_RETURN_IF_ERROR(session.execute(fmt::format(
      "CREATE OR REPLACE TABLE _sluice.held AS SELECT {0}, {1} AS _sluice_held, _sluice_at AS "
      "_sluice_held_at FROM {2} JOIN _sluice.arrivals ON _sluice_arrived = _sluice_file "
      "SEMI JOIN {3} USING ({0})",
      keys, kPlace, kRecent, kStagedView)));
  return session.execute(fmt::format(
      "INSERT INTO _sluice.duplicates SELECT _sluice_file, _sluice_line, {0}, "
      "max(_sluice_held) // {1}, max(_sluice_held) % {1} FROM (SELECT * FROM {2}) "
      "JOIN _sluice.arrivals ON _sluice_arrived = _sluice_file JOIN _sluice.held USING ({3}) "
      "WHERE abs(_sluice_at - _sluice_held_at) < {4} GROUP BY _sluice_file, _sluice_line",
      index, kFilePlace, kUndecided, keys, *rule.window_us));
}

std::string suspects_table(std::size_t index) { return fmt::format("_sluice.suspects_{}", index); }

/// Fills a table with the hashes that several rows share.
Status make_suspects(duck_jobs::Session& session, const KeyHashes& keys, std::size_t index) {
  SLUICE_RETURN_IF_ERROR(
      session.execute("CREATE TABLE " + suspects_table(index) + " (_sluice_hash BIGINT)"));
  SLUICE_ASSIGN_OR_RETURN(
      duck::Appender suspects,
      duck::Appender::open(session.connection(), "_sluice", fmt::format("suspects_{}", index)));
  for (const std::int64_t hash : keys.repeated(index)) {
    suspects.add(hash);
    SLUICE_RETURN_IF_ERROR(suspects.end_row());
  }
  return suspects.finish();
}

/// Condition that a row may share its key with another one.
std::string may_be_shared(const job::KeyRule& rule, const KeyHashes& keys, std::size_t index) {
  if (!keys.known()) {
    return no_nulls(rule);
  }
  std::vector<std::string> columns;
  for (const std::string& column : rule.columns) {
    columns.push_back(quote_identifier(column));
  }
  return fmt::format("{} IN (SELECT _sluice_hash FROM {})", key_hash(columns),
                     suspects_table(index));
}

/// Decides the undecided rows for one rule alone: the first of each key is admitted. Everything
/// here may spill.
Status admit_first(duck_jobs::Session& session, const job::KeyRule& rule, const KeyHashes& hashes) {
  const std::string keys = key_list(rule);
  SLUICE_RETURN_IF_ERROR(session.execute(fmt::format(
      "CREATE OR REPLACE TABLE _sluice.held AS SELECT {0}, min({1}) AS _sluice_first FROM {2} "
      "WHERE {3} GROUP BY {0} HAVING count(*) > 1",
      keys, kPlace, kUndecided, may_be_shared(rule, hashes, 0))));
  return session.execute(fmt::format(
      "INSERT INTO _sluice.duplicates SELECT _sluice_file, _sluice_line, 0, _sluice_first // {0}, "
      "_sluice_first % {0} FROM {1} JOIN _sluice.held USING ({2}) WHERE _sluice_first <> {3}",
      kFilePlace, kUndecided, keys, kPlace));
}

/// A row that was admitted and holds a key.
struct Holder {
  std::int64_t file = -1;  // none yet
  std::int64_t line = 0;
  std::int64_t arrived_at_us = 0;
};

/// Decides the undecided rows one after the other, for several rules at once or with windows. Rows
/// whose keys nobody shares are not looked at; memory is one Holder for each shared key.
class Admission {
 public:
  Admission(duck_jobs::Session& session, const job::DecodeJob& job, const KeyHashes& keys)
      : session_(session), job_(job), keys_(keys) {}

  Status run() {
    std::size_t shared = 0;
    for (std::size_t i = 0; i < job_.keys.size(); ++i) {
      SLUICE_RETURN_IF_ERROR(number_keys(i));
      shared += holders_.back().size();
    }
    if (shared == 0) {
      return {};
    }
    SLUICE_ASSIGN_OR_RETURN(duck::Connection connection, session_.connect());
    SLUICE_ASSIGN_OR_RETURN(duck::Appender refused,
                            duck::Appender::open(connection, "_sluice", "duplicates"));
    SLUICE_ASSIGN_OR_RETURN(duck::QueryResult rows, session_.stream(candidates()));
    for (bool more = true; more;) {
      SLUICE_ASSIGN_OR_RETURN(
          more, rows.next([&](const duck::ChunkView& chunk) { return decide(chunk, refused); }));
    }
    return refused.finish();
  }

 private:
  /// Gives each key that several undecided rows share a number from 0.
  Status number_keys(std::size_t index) {
    const std::string keys = key_list(job_.keys[index]);
    const std::string table = fmt::format("_sluice.shared_{}", index);
    SLUICE_RETURN_IF_ERROR(session_.execute(fmt::format(
        "CREATE OR REPLACE TABLE {0} AS SELECT {1}, row_number() OVER () - 1 AS _sluice_key FROM "
        "(SELECT {1} FROM {2} WHERE {3} GROUP BY {1} HAVING count(*) > 1)",
        table, keys, kUndecided, may_be_shared(job_.keys[index], keys_, index))));
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t count, count_rows(session_, table));
    holders_.emplace_back(static_cast<std::size_t>(count));
    return {};
  }

  std::string candidates() const {
    std::string columns;
    std::string joins;
    std::string any;
    for (std::size_t i = 0; i < job_.keys.size(); ++i) {
      columns += fmt::format(", k{}._sluice_key", i);
      any += fmt::format("{}k{}._sluice_key IS NOT NULL", i == 0 ? "" : " OR ", i);
      std::string on;
      for (const std::string& column : job_.keys[i].columns) {
        on += fmt::format("{0}s.{1} = k{2}.{1}", on.empty() ? "" : " AND ",
                          quote_identifier(column), i);
      }
      joins += fmt::format(" LEFT JOIN _sluice.shared_{0} k{0} ON {1}", i, on);
    }
    return fmt::format(
        "SELECT s._sluice_file, s._sluice_line, a._sluice_at{} FROM (SELECT * FROM {}) s JOIN "
        "_sluice.arrivals a ON a._sluice_arrived = s._sluice_file{} WHERE {} ORDER BY 1, 2",
        columns, kUndecided, joins, any);
  }

  Status decide(const duck::ChunkView& chunk, duck::Appender& refused) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      const Holder candidate{chunk.column(0).at<std::int64_t>(row),
                             chunk.column(1).at<std::int64_t>(row),
                             chunk.column(2).at<std::int64_t>(row)};
      std::size_t broken = job_.keys.size();
      for (std::size_t i = 0; i < job_.keys.size() && broken == job_.keys.size(); ++i) {
        const duck::ColumnView keys = chunk.column(3 + i);
        if (!keys.is_null(row) && is_held(i, keys.at<std::int64_t>(row), candidate)) {
          broken = i;
        }
      }
      if (broken < job_.keys.size()) {
        const auto key = chunk.column(3 + broken).at<std::int64_t>(row);
        const Holder& first = holders_[broken][static_cast<std::size_t>(key)];
        refused.add(candidate.file);
        refused.add(candidate.line);
        refused.add(static_cast<std::int64_t>(broken));
        refused.add(first.file);
        refused.add(first.line);
        SLUICE_RETURN_IF_ERROR(refused.end_row());
        continue;
      }
      for (std::size_t i = 0; i < job_.keys.size(); ++i) {
        const duck::ColumnView keys = chunk.column(3 + i);
        if (!keys.is_null(row)) {
          holders_[i][static_cast<std::size_t>(keys.at<std::int64_t>(row))] = candidate;
        }
      }
    }
    return {};
  }

  bool is_held(std::size_t rule, std::int64_t key, const Holder& candidate) const {
    const Holder& holder = holders_[rule][static_cast<std::size_t>(key)];
    const auto& window_us = job_.keys[rule].window_us;
    return holder.file >= 0 &&
           (!window_us || std::abs(candidate.arrived_at_us - holder.arrived_at_us) < *window_us);
  }

  duck_jobs::Session& session_;
  const job::DecodeJob& job_;
  const KeyHashes& keys_;
  std::vector<std::vector<Holder>> holders_;  // by rule and key
};

Status add_known_views(duck_jobs::Session& session, const job::DecodeJob& job) {
  if (job.existing) {
    SLUICE_RETURN_IF_ERROR(session.add_view(*job.existing));
  }
  if (job.recent) {
    job::ScanInput recent = *job.recent;
    recent.name = kRecent;
    SLUICE_RETURN_IF_ERROR(session.add_view(recent));
  }
  return {};
}

Status refuse_held(duck_jobs::Session& session, const job::DecodeJob& job) {
  for (std::size_t i = 0; i < job.keys.size(); ++i) {
    const job::KeyRule& rule = job.keys[i];
    if (rule.window_us && job.recent) {
      SLUICE_RETURN_IF_ERROR(refuse_held_within(session, rule, i));
    } else if (!rule.window_us && job.existing) {
      SLUICE_RETURN_IF_ERROR(refuse_held_by_table(session, job.existing->name, rule, i));
    }
  }
  return {};
}

}  // namespace

std::string key_hash(const std::vector<std::string>& columns) {
  std::string present;
  for (const std::string& column : columns) {
    present += (present.empty() ? "" : " AND ") + column + " IS NOT NULL";
  }
  return fmt::format("CASE WHEN {} THEN CAST(hash({}) >> 1 AS BIGINT) END", present,
                     base::join(columns, ", "));
}

Status judge_keys(duck_jobs::Session& session, const job::DecodeJob& job, const KeyHashes& keys) {
  SLUICE_RETURN_IF_ERROR(session.execute(
      "CREATE TABLE _sluice.duplicates (_sluice_file BIGINT, _sluice_line BIGINT, rule BIGINT, "
      "first_file BIGINT, first_line BIGINT)"));
  SLUICE_RETURN_IF_ERROR(make_arrivals(session, job));
  SLUICE_RETURN_IF_ERROR(add_known_views(session, job));
  SLUICE_RETURN_IF_ERROR(find_dangling(session, job, kStagedView));
  SLUICE_RETURN_IF_ERROR(refuse_held(session, job));
  bool shared = !keys.known();
  for (std::size_t i = 0; i < job.keys.size() && keys.known(); ++i) {
    SLUICE_RETURN_IF_ERROR(make_suspects(session, keys, i));
    shared = shared || !keys.repeated(i).empty();
  }
  if (!shared) {
    return {};
  }
  if (job.keys.size() == 1 && !job.keys.front().window_us) {
    return admit_first(session, job.keys.front(), keys);
  }
  return Admission(session, job, keys).run();
}

}  // namespace sluice::decode
