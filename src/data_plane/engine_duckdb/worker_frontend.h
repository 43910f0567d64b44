#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/engine/engine.h"
#include "sluice/sql/frontend.h"
#include "sluice/storage/file_io.h"
#include "sluice/telemetry/log.h"

namespace sluice::engine_duckdb {

struct FrontendOptions {
  std::string cache_dir;       // `.sluice/cache`; "" keeps no cache
  std::string engine_version;  // answers of another version are not used
  std::string timezone = "UTC";
  std::size_t cache_bytes_max = std::size_t{64} << 20;  // per kind; the least recently used go
  telemetry::Logger* log = nullptr;  // hears of a damaged cache; outlives the frontend
};

/// Parses and describes SQL on workers, and remembers the answers on disk by text, shapes of the
/// tables that the text names, version and settings; when all are known no worker is started. The
/// cache may be deleted at any time; a damaged one is logged and rebuilt. The engine and `files`
/// must outlive it. Thread-safe.
class WorkerFrontend final : public sql::Frontend {
 public:
  WorkerFrontend(engine::Engine& engine, storage::FileIo& files, FrontendOptions options);
  ~WorkerFrontend() override;

  base::Result<std::vector<sql::ParsedStatement>> parse(std::span<const std::string> sql) override;
  base::Result<std::vector<sql::DescribedStatement>> describe(
      std::span<const sql::TableShape> tables,
      std::span<const sql::DescribeRequest> statements) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::engine_duckdb
