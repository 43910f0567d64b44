#include "sluice/decode/internal/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sluice/decode/internal/payload.h"
#include "sluice/decode/internal/refusal.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/copy_out.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::ArgumentType;

constexpr std::int64_t kWindowBytesMax = 1 << 20;
constexpr std::size_t kAdmitArguments = 6;      // before the hashes of keys
constexpr std::int64_t kGapBytesMax = 4 << 10;  // between records that are still read together

Status make_tables(duck_jobs::Session& session, const job::DecodeJob& job) {
  SLUICE_RETURN_IF_ERROR(session.execute("CREATE SCHEMA _sluice"));
  SLUICE_RETURN_IF_ERROR(session.execute(
      "CREATE TABLE _sluice.refused (file BIGINT, line BIGINT, byte_offset BIGINT, bytes BIGINT, "
      "\"column\" VARCHAR, rule VARCHAR, reason VARCHAR, payload VARCHAR)"));
  SLUICE_RETURN_IF_ERROR(
      session.execute("CREATE TABLE _sluice.landed (file BIGINT, name VARCHAR)"));
  SLUICE_ASSIGN_OR_RETURN(duck::Appender landed,
                          duck::Appender::open(session.connection(), "_sluice", "landed"));
  for (const job::DecodeFile& file : job.files) {
    landed.add(file.seq);
    landed.add(escape_text(file.name, kPayloadBytesMax));
    SLUICE_RETURN_IF_ERROR(landed.end_row());
  }
  return landed.finish();
}

/// Reads payloads of one chunk. Records that lie close together are read with one call.
class PayloadReader {
 public:
  PayloadReader(const std::map<std::int64_t, std::string>& paths, storage::FileIo& io,
                const duck::ChunkView& arguments)
      : paths_(paths),
        io_(io),
        files_(arguments.column(0)),
        offsets_(arguments.column(1)),
        lengths_(arguments.column(2)),
        rows_(arguments.rows()) {}

  Result<std::string> read(std::size_t row) {
    if (row >= window_end_) {
      SLUICE_RETURN_IF_ERROR(open_window(row));
    }
    const auto from = static_cast<std::size_t>(offset(row) - window_offset_);
    const std::string_view raw = std::string_view(window_).substr(
        std::min(from, window_.size()), static_cast<std::size_t>(kept(row)));
    return payload_text(raw, lengths_.at<std::int64_t>(row));
  }

 private:
  std::int64_t offset(std::size_t row) const { return offsets_.at<std::int64_t>(row); }
  std::int64_t kept(std::size_t row) const {
    const auto bytes = lengths_.at<std::int64_t>(row);
    return std::min(bytes, payload_bytes_max(bytes));
  }

  Status open_window(std::size_t row) {
    const auto file = files_.at<std::int64_t>(row);
    window_offset_ = offset(row);
    std::int64_t end = window_offset_ + kept(row);
    window_end_ = row + 1;
    while (window_end_ < rows_ && files_.at<std::int64_t>(window_end_) == file &&
           offset(window_end_) >= window_offset_ && offset(window_end_) - end <= kGapBytesMax &&
           offset(window_end_) + kept(window_end_) - window_offset_ <= kWindowBytesMax) {
      end = std::max(end, offset(window_end_) + kept(window_end_));
      ++window_end_;
    }
    SLUICE_ASSIGN_OR_RETURN(window_,
                            io_.read_range(paths_.at(file), window_offset_, end - window_offset_));
    return {};
  }

  const std::map<std::int64_t, std::string>& paths_;
  storage::FileIo& io_;
  const duck::ColumnView files_;
  const duck::ColumnView offsets_;
  const duck::ColumnView lengths_;
  const std::size_t rows_;
  std::string window_;
  std::int64_t window_offset_ = 0;
  std::size_t window_end_ = 0;  // row after the last one that the window holds
};

duck::ScalarFunction payload_function(const job::DecodeJob& job, storage::FileIo& io) {
  std::map<std::int64_t, std::string> paths;
  for (const job::DecodeFile& file : job.files) {
    paths[file.seq] = file.path;
  }
  duck::ScalarFunction function;
  function.name = "sluice_payload";
  function.arguments = {ArgumentType::kBigint, ArgumentType::kBigint, ArgumentType::kBigint};
  function.result = ArgumentType::kText;
  function.call = [paths = std::move(paths), &io](const duck::ChunkView& arguments,
                                                  duck::ColumnWriter& result) -> Status {
    PayloadReader reader(paths, io, arguments);
    for (std::size_t row = 0; row < arguments.rows(); ++row) {
      SLUICE_ASSIGN_OR_RETURN(const std::string payload, reader.read(row));
      result.set(row, std::string_view(payload));
    }
    return {};
  };
  return function;
}

/// SQL of each quarantine column over `refused r` and `landed f`.
std::map<std::string, std::string> quarantine_columns(const job::DecodeJob& job) {
  return {
      {"file_id", "file"},
      {"file_name", "name"},
      {"line", "line"},
      {"byte_offset", "byte_offset"},
      {"column", "nullif(\"column\", '')"},
      {"rule", "rule"},
      {"reason", "reason"},
      {"payload", "coalesce(payload, sluice_payload(file, byte_offset, bytes))"},
      {"payload_bytes", "bytes"},
      {"contract_version", "getvariable('sluice_contract_version')"},
      {"arrived_at", fmt::format("TIMESTAMPTZ '1970-01-01 00:00:00+00' + to_microseconds({})",
                                 job.arrived_at_us)},
      {"run_id", "getvariable('sluice_run_id')"},
      {"status", "'open'"},
      {"settled_at", "NULL"},
      {"settled_by", "NULL"},
      {"settled_run_id", "NULL"},
      {"note", "NULL"},
  };
}

}  // namespace

Result<std::unique_ptr<Refusals>> Refusals::open(duck_jobs::Session& session,
                                                 const job::DecodeJob& job, storage::FileIo& io,
                                                 std::int64_t key_bytes_max) {
  SLUICE_RETURN_IF_ERROR(make_tables(session, job));
  SLUICE_ASSIGN_OR_RETURN(duck::Connection connection, session.connect());
  std::unique_ptr<Refusals> refusals(
      new Refusals(std::move(connection), KeyHashes(job.keys.size(), key_bytes_max)));
  SLUICE_ASSIGN_OR_RETURN(duck::Appender appender,
                          duck::Appender::open(refusals->connection_, "_sluice", "refused"));
  refusals->appender_ = std::make_unique<duck::Appender>(std::move(appender));
  duck::ScalarFunction admit;
  admit.name = "sluice_admit";
  admit.arguments = {ArgumentType::kText,   ArgumentType::kBigint, ArgumentType::kBigint,
                     ArgumentType::kBigint, ArgumentType::kBigint, ArgumentType::kText};
  admit.arguments.resize(kAdmitArguments + job.keys.size(), ArgumentType::kBigint);
  admit.call = [held = refusals.get()](const duck::ChunkView& arguments,
                                       duck::ColumnWriter& result) {
    return held->admit(arguments, result);
  };
  SLUICE_RETURN_IF_ERROR(session.connection().add_function(std::move(admit)));
  SLUICE_RETURN_IF_ERROR(session.connection().add_function(payload_function(job, io)));
  return refusals;
}

Status Refusals::admit(const duck::ChunkView& arguments, duck::ColumnWriter& result) {
  const duck::ColumnView verdicts = arguments.column(0);
  std::vector<duck::ColumnView> hashes;
  for (std::size_t rule = 0; rule < keys_.rules(); ++rule) {
    hashes.push_back(arguments.column(kAdmitArguments + rule));
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t row = 0; row < arguments.rows(); ++row) {
    const bool good = verdicts.is_null(row);
    result.set(row, good);
    if (!good) {
      SLUICE_RETURN_IF_ERROR(refuse(arguments, row));
      continue;
    }
    for (std::size_t rule = 0; rule < hashes.size(); ++rule) {
      if (!hashes[rule].is_null(row)) {
        keys_.add(rule, hashes[rule].at<std::int64_t>(row));
      }
    }
  }
  return {};
}

Status Refusals::refuse(const duck::ChunkView& arguments, std::size_t row) {
  const Refusal refusal = read_refusal(arguments.column(0).text(row));
  for (std::size_t i = 1; i <= 4; ++i) {
    appender_->add(arguments.column(i).at<std::int64_t>(row));
  }
  appender_->add(refusal.column);
  appender_->add(refusal.rule);
  appender_->add(refusal.reason);
  if (arguments.column(5).is_null(row)) {
    appender_->add_null();
  } else {
    appender_->add(
        payload_text(arguments.column(5).text(row), arguments.column(4).at<std::int64_t>(row)));
  }
  return appender_->end_row();
}

Status Refusals::finish() {
  const std::lock_guard lock(mutex_);
  keys_.settle();
  return appender_->finish();
}

Status Refusals::restart() {
  const std::lock_guard lock(mutex_);
  keys_.clear();
  SLUICE_RETURN_IF_ERROR(appender_->finish());
  SLUICE_RETURN_IF_ERROR(connection_.query("TRUNCATE _sluice.refused"));
  SLUICE_ASSIGN_OR_RETURN(duck::Appender appender,
                          duck::Appender::open(connection_, "_sluice", "refused"));
  appender_ = std::make_unique<duck::Appender>(std::move(appender));
  return {};
}

Result<std::vector<job::StagedFile>> Refusals::write(duck_jobs::Session& session,
                                                     const job::DecodeJob& job) const {
  const duck::Parameter version[] = {job.contract_version};
  const duck::Parameter run[] = {job.run_id};
  SLUICE_RETURN_IF_ERROR(session.execute("SET VARIABLE sluice_contract_version = ?", version));
  SLUICE_RETURN_IF_ERROR(session.execute("SET VARIABLE sluice_run_id = ?", run));
  const auto expressions = quarantine_columns(job);
  std::string columns;
  for (const data::Field& field : job.quarantine.schema.fields) {
    const auto found = expressions.find(field.name);
    if (found == expressions.end()) {
      return base::internal_error("the quarantine has no column " + field.name);
    }
    columns += columns.empty() ? "" : ", ";
    columns += fmt::format("CAST({} AS {}) AS {}", found->second, data::duckdb_name(field.type),
                           duck::quote_identifier(field.name));
  }
  // The table has the order of the scan, which keeps reads of the landed files close together.
  return duck_jobs::copy_out(
      session, "SELECT " + columns + " FROM _sluice.refused JOIN _sluice.landed USING (file)",
      job.quarantine);
}

}  // namespace sluice::decode
