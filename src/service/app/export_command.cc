#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sluice/app/commands.h"
#include "sluice/app/delivery.h"
#include "sluice/app/stop_signal.h"
#include "sluice/base/text.h"
#include "sluice/run/table_export.h"
#include "sluice/sql/quote.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;

struct Ending {
  std::string_view text;
  job::ExportFormat format;
};

constexpr Ending kEndings[] = {{".parquet", job::ExportFormat::kParquet},
                               {".csv", job::ExportFormat::kCsv},
                               {".ndjson", job::ExportFormat::kNdjson},
                               {".jsonl", job::ExportFormat::kNdjson}};
constexpr std::string_view kParquetCompressions[] = {"zstd", "snappy", "gzip", "uncompressed"};

/// Reads format and compression off the file's name.
Status read_name(const std::string& name, run::TableExport& wanted) {
  std::string_view stem = name;
  for (const auto& [ending, compression] : {std::pair{".gz", "gzip"}, std::pair{".zst", "zstd"}}) {
    if (stem.ends_with(ending)) {
      stem.remove_suffix(std::string_view(ending).size());
      wanted.compression = compression;
    }
  }
  const auto found = std::find_if(std::begin(kEndings), std::end(kEndings),
                                  [&](const Ending& one) { return stem.ends_with(one.text); });
  const bool packed_parquet = found != std::end(kEndings) && !wanted.compression.empty() &&
                              found->format == job::ExportFormat::kParquet;
  if (found == std::end(kEndings) || packed_parquet) {
    return base::invalid_input(fmt::format(
        "'{}' does not say which format to write: end it in .parquet, .csv or .ndjson, a text also "
        "in .gz or .zst behind that",
        name));
  }
  wanted.format = found->format;
  return {};
}

Status read_compression(const CommandLine& line, run::TableExport& wanted) {
  if (wanted.format != job::ExportFormat::kParquet) {
    return line.compression.empty()
               ? Status()
               : base::invalid_input(
                     "--compression is for Parquet; name a text file .gz or .zst instead");
  }
  wanted.compression = line.compression.empty() ? "zstd" : line.compression;
  const auto known = std::find(std::begin(kParquetCompressions), std::end(kParquetCompressions),
                               wanted.compression);
  return known != std::end(kParquetCompressions)
             ? Status()
             : base::invalid_input(
                   fmt::format("compression '{}' is none of zstd, snappy, gzip, uncompressed",
                               wanted.compression));
}

}  // namespace

bool is_table_name(const std::string& exported) {
  return exported.find_first_of(" \t\r\n(") == std::string::npos;
}

std::string exported_statement(const std::string& exported) {
  return is_table_name(exported) ? "SELECT * FROM " + sql::quote_table(exported) : exported;
}

Result<int> run_export(const CommandLine& line) {
  const bool whole_variable = line.to.starts_with("${") && line.to.ends_with('}') &&
                              line.to.find('}') + 1 == line.to.size();
  if (whole_variable || line.to.find("://") != std::string::npos) {
    return run_delivery(line);
  }
  if (!line.table.empty() || !line.mode.empty() || !line.key.empty() || line.dry_run) {
    return base::invalid_input(
        "--table, --mode, --key and --dry-run are for an export into a database");
  }
  const StopSignal stop;
  run::TableExport wanted;
  SLUICE_RETURN_IF_ERROR(read_name(line.to, wanted));
  SLUICE_RETURN_IF_ERROR(read_compression(line, wanted));
  const std::string delimiter = line.delimiter == "\\t" ? "\t" : line.delimiter;
  if (delimiter.size() != 1) {
    return base::invalid_input("--delimiter takes one character, not '" + line.delimiter + "'");
  }
  wanted.delimiter = delimiter[0];
  wanted.path = std::filesystem::absolute(line.to).lexically_normal().string();
  wanted.overwrite = line.overwrite;
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  wanted.query.sql = exported_statement(line.exported);
  if (!line.at.empty()) {
    wanted.query.at = line.at;
  }
  wanted.query.limits = workspace->reader_limits();
  SLUICE_ASSIGN_OR_RETURN(auto hold, workspace->hold("export"));
  wanted.query.hold = hold ? &*hold : nullptr;
  wanted.query.lent_hold = workspace->loan_hold();
  const auto exported = run::export_rows(wanted, workspace->catalog(), workspace->frontend(),
                                         workspace->engine(), workspace->files(), stop.token());
  SLUICE_RETURN_IF_ERROR(workspace->files().remove_all(wanted.query.limits.spill_dir));
  if (!exported) {
    return exported.error();
  }
  if (line.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"ok", true},
                                              {"path", wanted.path},
                                              {"rows", exported->rows},
                                              {"bytes", exported->bytes}}
                           .dump());
  } else {
    fmt::print("{}: {} {}, {}\n", wanted.path, base::format_count(exported->rows),
               exported->rows == 1 ? "row" : "rows",
               base::format_bytes(static_cast<std::uint64_t>(exported->bytes)));
  }
  return 0;
}

}  // namespace sluice::app
