#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/duck_jobs/query.h"
#include "sluice/job/stage_job.h"

namespace sluice::duck_jobs {

/// Runs a query and writes each row as its values' texts with `|` between; null is `~`.
inline std::vector<std::string> rows_of(const std::vector<job::ScanInput>& inputs,
                                        const std::string& sql) {
  std::vector<std::string> rows;
  const auto sink = [&](data::Batch batch) -> base::Status {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      std::string text;
      for (const data::Column& column : batch.columns) {
        text += text.empty() ? "" : "|";
        text += data::is_null(column.values[row]) ? "~" : to_text(column.values[row], column.type);
      }
      rows.push_back(std::move(text));
    }
    return {};
  };
  const auto result = run_query({inputs, {}, sql, 0}, {}, sink, {});
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return rows;
}

inline job::ScanInput input_of(const std::string& name, const data::Schema& schema,
                               const std::vector<job::StagedFile>& files) {
  job::ScanInput input{name, schema, {}};
  for (const job::StagedFile& file : files) {
    input.files.push_back({file.path, file.rows, file.bytes});
  }
  return input;
}

}  // namespace sluice::duck_jobs
