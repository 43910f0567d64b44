#pragma once

#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/job/extract_job.h"
#include "sluice/job/sql_job.h"

namespace sluice::duck_jobs {

/// What a session's extract with a lag has to know of the extracts before it.
class TakenRowsSearch {
 public:
  /// All outlive the search. kInvalidInput: the lag does not suit the cursor's type.
  static base::Result<TakenRowsSearch> make(Session& session, const job::ExtractJob& job,
                                            const job::NamedColumn& cursor);

  /// DuckDB SQL: those of `rows` that no extract before has, by cursor and key.
  base::Result<std::string> late_or_new(const std::string& rows);

  /// The higher of two values of the cursor, as the literals that they are.
  base::Result<std::string> higher(const std::string& left, const std::string& right);

 private:
  TakenRowsSearch(Session& session, const job::ExtractJob& job, const job::NamedColumn& cursor,
                  std::string type)
      : session_(session), job_(job), cursor_(cursor), type_(std::move(type)) {}

  base::Result<bool> is_true(const std::string& condition);
  base::Result<std::string> keys_of(const std::string& path);

  Session& session_;
  const job::ExtractJob& job_;
  const job::NamedColumn& cursor_;
  std::string type_;  // DuckDB's, in which values of the cursor compare
};

}  // namespace sluice::duck_jobs
