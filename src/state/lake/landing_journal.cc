#include "sluice/lake/landing_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr std::int64_t kJournalBytesMax = std::int64_t{1} << 30;
/// Enough for the last line, which has two paths.
constexpr std::int64_t kTailBytes = std::int64_t{256} << 10;

/// `last_seq` is the highest number in the journal up to this line, so that its end says it.
std::string to_line(const JournalLine& line, std::int64_t last_seq) {
  const LandedFile& file = line.file;
  json object = {{"source", file.source},
                 {"seq", file.seq},
                 {"sha256", file.sha256},
                 {"original_name", file.original_name},
                 {"raw_path", file.raw_path},
                 {"bytes", file.bytes},
                 {"modified_at_us", file.modified_at_us},
                 {"landed_at_us", file.landed_at_us},
                 {"state", to_text(file.state)},
                 {"last_seq", last_seq}};
  if (file.counts) {
    const RecordCounts& counts = *file.counts;
    object["counts"] = {{"records", counts.records},
                        {"committed", counts.committed_rows},
                        {"quarantined", counts.quarantined_rows},
                        {"waived", counts.waived_rows},
                        {"replayed", counts.replayed_rows},
                        {"waived_by_user", counts.waived_by_user},
                        {"erased", counts.erased_rows}};
  }
  if (file.commit_id) {
    object["commit_id"] = file.commit_id->text;
  }
  if (!file.reason.empty()) {
    object["reason"] = file.reason;
  }
  if (file.raw_sha256 && file.raw_bytes) {
    object["raw_sha256"] = *file.raw_sha256;
    object["raw_bytes"] = *file.raw_bytes;
  }
  if (line.by) {
    object["by"] = line.by->text;
  }
  // Names of files need not be UTF-8.
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<RecordCounts> read_counts(const json& object, std::string_view what) {
  RecordCounts counts;
  SLUICE_ASSIGN_OR_RETURN(counts.records, base::json_int(object, "records", what));
  SLUICE_ASSIGN_OR_RETURN(counts.committed_rows, base::json_int(object, "committed", what));
  SLUICE_ASSIGN_OR_RETURN(counts.quarantined_rows, base::json_int(object, "quarantined", what));
  SLUICE_ASSIGN_OR_RETURN(counts.waived_rows, base::json_int(object, "waived", what));
  SLUICE_ASSIGN_OR_RETURN(counts.replayed_rows, base::json_int(object, "replayed", what));
  SLUICE_ASSIGN_OR_RETURN(counts.waived_by_user, base::json_int(object, "waived_by_user", what));
  SLUICE_ASSIGN_OR_RETURN(counts.erased_rows, base::json_int(object, "erased", what));
  return counts;
}

std::optional<base::CommitId> commit_if(std::optional<std::string> text) {
  return text ? std::optional(base::CommitId(*std::move(text))) : std::nullopt;
}

}  // namespace

Result<JournalLine> parse_journal_line(std::string_view line, std::string_view what) {
  SLUICE_ASSIGN_OR_RETURN(const json object, base::parse_json(line, what));
  JournalLine parsed;
  LandedFile& file = parsed.file;
  SLUICE_ASSIGN_OR_RETURN(file.source, base::json_string(object, "source", what));
  SLUICE_ASSIGN_OR_RETURN(file.seq, base::json_int(object, "seq", what));
  SLUICE_ASSIGN_OR_RETURN(file.sha256, base::json_string(object, "sha256", what));
  SLUICE_ASSIGN_OR_RETURN(file.original_name, base::json_string(object, "original_name", what));
  SLUICE_ASSIGN_OR_RETURN(file.raw_path, base::json_string(object, "raw_path", what));
  SLUICE_ASSIGN_OR_RETURN(file.bytes, base::json_int(object, "bytes", what));
  SLUICE_ASSIGN_OR_RETURN(file.modified_at_us, base::json_int(object, "modified_at_us", what));
  SLUICE_ASSIGN_OR_RETURN(file.landed_at_us, base::json_int(object, "landed_at_us", what));
  SLUICE_ASSIGN_OR_RETURN(const std::string state, base::json_string(object, "state", what));
  auto parsed_state = parse_landed_state(state);
  if (!parsed_state) {
    return base::corrupt(fmt::format("{}: {}", what, parsed_state.error().message));
  }
  file.state = *parsed_state;
  if (object.contains("counts")) {
    SLUICE_ASSIGN_OR_RETURN(const json* counts, base::json_object(object, "counts", what));
    SLUICE_ASSIGN_OR_RETURN(file.counts, read_counts(*counts, what));
  }
  SLUICE_ASSIGN_OR_RETURN(auto commit, base::json_string_if(object, "commit_id", what));
  file.commit_id = commit_if(std::move(commit));
  SLUICE_ASSIGN_OR_RETURN(auto reason, base::json_string_if(object, "reason", what));
  file.reason = std::move(reason).value_or("");
  SLUICE_ASSIGN_OR_RETURN(file.raw_sha256, base::json_string_if(object, "raw_sha256", what));
  SLUICE_ASSIGN_OR_RETURN(file.raw_bytes, base::json_int_if(object, "raw_bytes", what));
  SLUICE_ASSIGN_OR_RETURN(auto by, base::json_string_if(object, "by", what));
  parsed.by = commit_if(std::move(by));
  return parsed;
}

LandingJournal::LandingJournal(storage::FileIo& files, std::string metadata_path)
    : files_(files),
      dir_(std::move(metadata_path)),
      path_(storage::join_path(dir_, kLandingJournalName)) {}

Status LandingJournal::catch_up(metastore::Database& database, std::string_view source) {
  SLUICE_RETURN_IF_ERROR(files_.make_dirs(dir_));
  SLUICE_ASSIGN_OR_RETURN(last_seq_, find_last_seq());
  SLUICE_ASSIGN_OR_RETURN(const auto later, list_landed(database, source, last_seq_));
  std::vector<JournalLine> lines;
  for (const LandedFile& file : later) {
    lines.push_back({file, std::nullopt});
  }
  return append(lines);
}

Result<std::int64_t> LandingJournal::restore_ledger(metastore::Database& database,
                                                    std::string_view source) {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t noted, find_last_seq());
  SLUICE_ASSIGN_OR_RETURN(auto transaction, metastore::Transaction::begin(database));
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t next, next_seq(transaction, source));
  if (noted < next) {
    return 0;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto lines, read(files_, dir_));
  std::map<std::int64_t, LandedFile> missing;
  for (const JournalLine& line : lines) {
    if (line.file.seq >= next && !line.by) {  // commits that the ledger lacks did not take place
      missing[line.file.seq] = line.file;
    }
  }
  for (const auto& [seq, file] : missing) {
    SLUICE_RETURN_IF_ERROR(put_landed(transaction, file));
  }
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  return static_cast<std::int64_t>(missing.size());
}

/// Reads the end of the file alone, unless the last write was cut short.
Result<std::int64_t> LandingJournal::find_last_seq() {
  const auto stat = files_.stat(path_);
  if (!stat) {
    return stat.error().kind == base::ErrorKind::kNotFound ? Result<std::int64_t>(0)
                                                           : Result<std::int64_t>(stat.error());
  }
  if (stat->bytes == 0) {
    return 0;
  }
  const std::int64_t from = std::max<std::int64_t>(0, stat->bytes - kTailBytes);
  SLUICE_ASSIGN_OR_RETURN(std::string tail, files_.read_range(path_, from, kTailBytes));
  if (!tail.ends_with('\n')) {
    SLUICE_ASSIGN_OR_RETURN(tail, files_.read_all(path_, kJournalBytesMax));
    const std::size_t end = tail.rfind('\n');
    tail.resize(end == std::string::npos ? 0 : end + 1);
    SLUICE_RETURN_IF_ERROR(files_.write_atomic(path_, tail));
    if (tail.empty()) {
      return 0;
    }
  }
  tail.pop_back();
  const std::size_t begin = tail.rfind('\n');
  const std::string_view last =
      std::string_view(tail).substr(begin == std::string::npos ? 0 : begin + 1);
  SLUICE_ASSIGN_OR_RETURN(const json object, base::parse_json(last, path_));
  return base::json_int(object, "last_seq", path_);
}

Status LandingJournal::append(std::span<const JournalLine> lines) {
  if (lines.empty()) {
    return {};
  }
  std::string text;
  std::int64_t last_seq = last_seq_;
  for (const JournalLine& line : lines) {
    last_seq = std::max(last_seq, line.file.seq);
    text += to_line(line, last_seq);
  }
  SLUICE_RETURN_IF_ERROR(files_.append(path_, text));
  SLUICE_RETURN_IF_ERROR(files_.sync_file(path_));
  if (last_seq_ == 0) {
    SLUICE_RETURN_IF_ERROR(files_.sync_dir(dir_));
  }
  last_seq_ = last_seq;
  return {};
}

Result<std::vector<JournalLine>> LandingJournal::read(storage::FileIo& files,
                                                      const std::string& metadata_path) {
  const std::string path = storage::join_path(metadata_path, kLandingJournalName);
  std::vector<JournalLine> lines;
  const auto text = files.read_all(path, kJournalBytesMax);
  if (!text) {
    return text.error().kind == base::ErrorKind::kNotFound
               ? Result<std::vector<JournalLine>>(lines)
               : Result<std::vector<JournalLine>>(text.error());
  }
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      break;
    }
    SLUICE_ASSIGN_OR_RETURN(
        JournalLine line,
        parse_journal_line(rest.substr(0, end), fmt::format("{}:{}", path, number)));
    lines.push_back(std::move(line));
    rest.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace sluice::lake
