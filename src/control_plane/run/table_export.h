#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/job/export_job.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/table_query.h"
#include "sluice/sql/frontend.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

struct TableExport {
  TableQuery query;
  job::ExportFormat format = job::ExportFormat::kParquet;
  std::string compression;
  char delimiter = ',';
  std::string path;        // absolute
  bool overwrite = false;  // replace a file that is there
};

struct ExportedFile {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Writes the rows of a query into one file, which appears whole or not at all. kAlreadyExists: the
/// file is there and must not be replaced; otherwise as answer_query().
base::Result<ExportedFile> export_rows(const TableExport& wanted, lake::Catalog& catalog,
                                       sql::Frontend& frontend, engine::Engine& engine,
                                       storage::FileIo& files, std::stop_token stop);

}  // namespace sluice::run
