#include "sluice/duck_jobs/internal/extension.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace sluice::duck_jobs {

namespace {

constexpr std::string_view kBuiltWith[] = {SLUICE_POSTGRES_SCANNER, SLUICE_MYSQL_SCANNER,
                                           SLUICE_SQLITE_SCANNER};

}  // namespace

base::Result<std::string> find_extension(std::string_view name) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const std::string file = std::string(name) + ".duckdb_extension";
  const fs::path beside =
      fs::read_symlink("/proc/self/exe", ignored).parent_path() / "duckdb-extensions" / file;
  if (fs::exists(beside, ignored)) {
    return beside.string();
  }
  for (const std::string_view built_with : kBuiltWith) {
    const fs::path path(built_with);
    if (path.filename() == file && fs::exists(path, ignored)) {
      return path.string();
    }
  }
  return base::unsupported(
      fmt::format("DuckDB's extension {0} is not installed: run ./x setup where sluice was built, "
                  "or put {1} of "
                  "this version of DuckDB into {2}",
                  name, file, beside.parent_path().string()));
}

}  // namespace sluice::duck_jobs
