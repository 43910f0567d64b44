#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sluice/decode/internal/record_source.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// The Parquet files of a job: columns by name, each value as it is or, where that may not be the
/// contract's, by its text, so that casts and rules are those of every other format. The number of
/// a row stands for its line, from 1, and the row as a JSON object for its payload. A file whose
/// columns do not suit the contract refuses every row, as a CSV header does; a file that cannot be
/// read is one refused record.
class ParquetFiles {
 public:
  /// Looks at the footers of all files, which the session must be allowed to read.
  static base::Result<ParquetFiles> open(duck_jobs::Session& session, const job::DecodeJob& job);

  /// Sources of the rows, one for the files of each set of columns, and one for damaged files.
  RecordSources sources() const;

  /// Reads every page of every file and sets those aside that cannot be read; true when there were
  /// any. For when a scan has failed.
  base::Result<bool> set_damaged_aside(duck_jobs::Session& session);

  const std::map<std::int64_t, std::int64_t>& records() const { return records_; }
  const std::map<std::int64_t, std::set<std::string>>& unknown_fields() const { return unknown_; }

 private:
  struct Group {  // files of the same columns
    std::vector<job::NamedColumn> columns;
    std::vector<const job::DecodeFile*> files;
  };

  explicit ParquetFiles(const job::DecodeJob& job) : job_(job) {}
  base::Status look_at(duck_jobs::Session& session, const job::DecodeFile& file);
  base::Status count_rows(duck_jobs::Session& session, const job::DecodeFile& file);
  void set_aside(const job::DecodeFile& file, const base::Error& error);
  RecordSource source_of(const Group& group, std::size_t index) const;
  bool has_values(const Group& group) const;
  static const job::NamedColumn* find(const job::DecodeColumn& column, const Group& group);
  std::string text_of(const job::DecodeColumn& column, const job::NamedColumn* found,
                      const std::string& raw) const;
  std::string refusal_of(const Group& group) const;

  const job::DecodeJob& job_;
  std::vector<Group> groups_;
  std::vector<std::pair<std::int64_t, std::string>> damaged_;  // file, packed refusal
  std::map<std::int64_t, std::int64_t> records_;
  std::map<std::int64_t, std::set<std::string>> unknown_;
};

}  // namespace sluice::decode
