#include "sluice/duck_jobs/copy_out.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/ids.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/internal/bound_text.h"
#include "sluice/duck_jobs/internal/nested_columns.h"
#include "sluice/duck_jobs/internal/partition_groups.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;
using data::TypeKind;
using duck::quote_identifier;
using duck::quote_literal;
using Leaves = std::map<std::string, Leaf>;
using TextMap = std::map<std::string, std::optional<std::string>>;

/// Values beyond which a row group's column has no dictionary. Building one for a column of many
/// different values costs more time than it saves bytes.
constexpr int kDictionaryValuesMax = 2000;

/// A folder of this call alone, so that an error can remove whatever DuckDB had begun.
class StagingFolder {
 public:
  explicit StagingFolder(const job::OutputTable& table) : files_(storage::make_local_file_io()) {
    base::Random random(base::Random::system_seed());
    path_ =
        storage::join_path(table.dir, table.file_prefix + "-" +
                                          base::make_uuid7(base::SystemClock(), random) + ".tmp");
  }
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder() {
    // Nothing can be reported from here; the name marks it for orphan removal.
    (void)files_->remove_all(path_);
  }

  const std::string& path() const { return path_; }
  storage::FileIo& files() { return *files_; }

 private:
  std::unique_ptr<storage::FileIo> files_;
  std::string path_;
};

/// Statistics tell of nulls in columns, but not in or of nested ones: their values are looked at.
std::string with_required_parts(const std::string& select, const data::Schema& schema) {
  std::string replaced;
  for (const data::Field& field : schema.fields) {
    if (const std::string lacks = lacks_required(field); !lacks.empty()) {
      const std::string name = quote_identifier(field.name);
      replaced += (replaced.empty() ? "" : ", ") +
                  fmt::format("CASE WHEN {} THEN error({}) ELSE {} END AS {}", lacks,
                              quote_literal("column '" + field.name +
                                            "' lacks a value that is required in it"),
                              name, name);
    }
  }
  return replaced.empty() ? select : "SELECT * REPLACE (" + replaced + ") FROM (" + select + ")";
}

std::string copy_options(const job::OutputTable& table, std::int64_t row_group_bytes) {
  std::string options = fmt::format(
      "FORMAT parquet, RETURN_STATS, FILENAME_PATTERN '{{uuid}}', FIELD_IDS {}, COMPRESSION "
      "{}, "
      "ROW_GROUP_SIZE {}, ROW_GROUP_SIZE_BYTES '{}B', WRITE_BLOOM_FILTER false, "
      "DICTIONARY_SIZE_LIMIT {}",
      field_ids(table.schema), quote_literal(table.parquet.compression),
      table.parquet.row_group_rows, row_group_bytes, kDictionaryValuesMax);
  if (table.parquet.compression == "zstd") {
    options += fmt::format(", COMPRESSION_LEVEL {}", table.parquet.compression_level);
  }
  if (table.partition.empty()) {
    return options + fmt::format(", WRITE_EMPTY_FILE false, FILE_SIZE_BYTES '{}B'",
                                 table.parquet.file_bytes_target);
  }
  return options + ", PARTITION_BY (" + kGroupColumn + ")";
}

TextMap read_map(const duck::ColumnView& map, std::size_t row) {
  TextMap texts;
  if (map.is_null(row)) {
    return texts;
  }
  const auto span = map.span(row);
  const duck::ColumnView keys = map.child().field(0);
  const duck::ColumnView values = map.child().field(1);
  for (std::size_t i = span.begin; i < span.end; ++i) {
    auto& value = texts[std::string(keys.text(i))];
    if (!values.is_null(i)) {
      value = std::string(values.text(i));
    }
  }
  return texts;
}

std::int64_t number_in(const TextMap& texts, const char* key) {
  const auto found = texts.find(key);
  return found == texts.end() || !found->second ? 0
                                                : std::strtoll(found->second->c_str(), nullptr, 10);
}

job::ColumnStatsText read_stats(const Leaf& leaf, const TextMap& texts) {
  const data::Field& field = leaf.field();
  job::ColumnStatsText stats;
  stats.field_id = field.id;
  stats.column = data::path_text(leaf.path);
  stats.bytes = number_in(texts, "column_size_bytes");
  stats.values = number_in(texts, "num_values");
  stats.nulls = number_in(texts, "null_count");
  if (const auto min = texts.find("min"); min != texts.end() && min->second) {
    stats.min = read_bound(*min->second, field.type, Bound::kMin);
  }
  if (const auto max = texts.find("max"); max != texts.end() && max->second) {
    stats.max = read_bound(*max->second, field.type, Bound::kMax);
  }
  return stats;
}

using Groups = std::optional<PartitionGroups>;  // nothing for a table without partitions

Result<std::vector<std::optional<std::string>>> read_partition(const TextMap& keys,
                                                               const Groups& groups,
                                                               const job::OutputTable& table) {
  if (!groups) {
    return PartitionGroups::Values();
  }
  const auto found = keys.find(kGroupColumn);
  if (found == keys.end() || !found->second) {
    return base::internal_error("DuckDB does not say which partition a file is of");
  }
  SLUICE_ASSIGN_OR_RETURN(PartitionGroups::Values values,
                          groups->values(std::strtoll(found->second->c_str(), nullptr, 10)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) {
      continue;
    }
    auto text = read_printed(*values[i], table.partition[i].type);
    if (!text) {
      return base::unsupported(fmt::format("{} cannot be the value of partition {}", *values[i],
                                           table.partition[i].name));
    }
    values[i] = std::move(text);
  }
  return values;
}

/// One row of RETURN_STATS: filename, count, file_size_bytes, footer_size_bytes, column_statistics,
/// partition_keys.
Result<job::StagedFile> read_file(const duck::ChunkView& chunk, std::size_t row,
                                  const job::OutputTable& table, const Leaves& leaves,
                                  const Groups& groups) {
  job::StagedFile file;
  file.path = std::string(chunk.column(0).text(row));
  file.rows = chunk.column(1).at<std::int64_t>(row);
  file.bytes = chunk.column(2).at<std::int64_t>(row);
  file.footer_bytes = chunk.column(3).at<std::int64_t>(row);
  const duck::ColumnView statistics = chunk.column(4);
  const auto span = statistics.span(row);
  const duck::ColumnView names = statistics.child().field(0);
  const duck::ColumnView texts = statistics.child().field(1);
  for (std::size_t i = span.begin; i < span.end; ++i) {
    const std::string name(names.text(i));
    const auto leaf = leaves.find(name);
    if (leaf == leaves.end()) {
      return base::internal_error("DuckDB wrote a column that nobody asked for: " + name);
    }
    file.columns.push_back(read_stats(leaf->second, read_map(texts, i)));
  }
  SLUICE_ASSIGN_OR_RETURN(file.partition,
                          read_partition(read_map(chunk.column(5), row), groups, table));
  return file;
}

Result<std::vector<job::StagedFile>> read_files(duck::QueryResult& result,
                                                const job::OutputTable& table, const Leaves& leaves,
                                                const Groups& groups) {
  std::vector<job::StagedFile> files;
  for (;;) {
    const auto more = result.next([&](const duck::ChunkView& chunk) -> Status {
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        SLUICE_ASSIGN_OR_RETURN(files.emplace_back(), read_file(chunk, row, table, leaves, groups));
      }
      return {};
    });
    SLUICE_RETURN_IF_ERROR(more);
    if (!*more) {
      return files;
    }
  }
}

/// RETURN_STATS says of NaN only what the last row group held. A row group with a NaN has no bounds
/// in the footer, so the footers are asked.
Status find_nans(Session& session, std::vector<job::StagedFile>& files, const Leaves& leaves) {
  std::vector<std::string> columns;
  std::map<int, std::string> paths_by_id;
  for (const auto& [name, leaf] : leaves) {
    const TypeKind kind = leaf.field().type.kind;
    if (kind == TypeKind::kFloat || kind == TypeKind::kDouble) {
      columns.push_back(parquet_path(leaf));
      paths_by_id[leaf.field().id] = columns.back();
    }
  }
  if (columns.empty() || files.empty()) {
    return {};
  }
  std::vector<std::string> paths;
  for (const job::StagedFile& file : files) {
    paths.push_back(file.path);
  }
  const duck::Parameter parameters[] = {paths, columns};
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query("SELECT DISTINCT file_name, path_in_schema FROM parquet_metadata(?) WHERE "
                    "list_contains(?, path_in_schema) AND stats_min_value IS NULL AND "
                    "num_values > coalesce(stats_null_count, 0)",
                    parameters));
  std::set<std::pair<std::string, std::string>> with_nan;
  for (;;) {
    const auto more = result.next([&](const duck::ChunkView& chunk) -> Status {
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        with_nan.emplace(chunk.column(0).text(row), chunk.column(1).text(row));
      }
      return {};
    });
    SLUICE_RETURN_IF_ERROR(more);
    if (!*more) {
      break;
    }
  }
  for (job::StagedFile& file : files) {
    for (job::ColumnStatsText& stats : file.columns) {
      const auto path = paths_by_id.find(stats.field_id);
      if (path != paths_by_id.end() && with_nan.contains({file.path, path->second})) {
        stats.has_nan = true;
        stats.min.reset();
        stats.max.reset();
      }
    }
  }
  return {};
}

Status check_required(const std::vector<job::StagedFile>& files, const data::Schema& schema) {
  for (const job::StagedFile& file : files) {
    for (const job::ColumnStatsText& stats : file.columns) {
      const data::Field* column = schema.find(stats.field_id);
      if (stats.nulls > 0 && column != nullptr && column->required) {
        return base::Error{base::ErrorKind::kContractViolation,
                           fmt::format("column '{}' is required, but {} rows have no value for it",
                                       stats.column, stats.nulls)};
      }
    }
  }
  return {};
}

Status check_schema(const job::OutputTable& table) {
  Status status;
  data::walk_fields(table.schema.fields, [&](data::FieldPath path) {
    const data::Field& field = *path.back();
    if (field.type.kind == TypeKind::kFixed) {
      status = base::unsupported(fmt::format("column '{}': {} cannot be written, use binary",
                                             data::path_text(path), to_text(field.type)));
    } else if (field.id <= 0) {
      status =
          base::internal_error(fmt::format("column '{}' has no field id", data::path_text(path)));
    }
  });
  return status;
}

/// Moves the files from the staging folder to their place, flat and under their final names.
Status publish(std::vector<job::StagedFile>& files, const job::OutputTable& table,
               storage::FileIo& io) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::size_t slash = files[i].path.rfind('/');
    const std::string to =
        storage::join_path(table.dir, table.file_prefix + "-" + files[i].path.substr(slash + 1));
    Status moved = io.sync_file(files[i].path);
    if (moved) {
      moved = io.rename_durable(files[i].path, to);
    }
    if (!moved) {
      remove_staged(std::span(files).first(i));
      return moved;
    }
    files[i].path = to;
  }
  return {};
}

}  // namespace

Result<std::vector<job::StagedFile>> copy_out(Session& session, const std::string& select,
                                              const job::OutputTable& table) {
  SLUICE_RETURN_IF_ERROR(check_schema(table));
  StagingFolder staging(table);
  SLUICE_RETURN_IF_ERROR(staging.files().make_dirs(table.dir));
  Groups groups;
  const Leaves leaves = leaves_of(table.schema);
  std::string rows = with_required_parts(select, table.schema);
  if (!table.partition.empty()) {
    SLUICE_ASSIGN_OR_RETURN(groups, PartitionGroups::open(session, table));
    rows = fmt::format("SELECT *, {} AS {} FROM ({})", groups->expression(), kGroupColumn, rows);
  }
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query("COPY (" + rows + ") TO " + quote_literal(staging.path()) + " (" +
                    copy_options(table, session.row_group_bytes()) + ")"));
  SLUICE_ASSIGN_OR_RETURN(std::vector<job::StagedFile> files,
                          read_files(result, table, leaves, groups));
  std::erase_if(files, [](const job::StagedFile& file) { return file.rows == 0; });
  SLUICE_RETURN_IF_ERROR(check_required(files, table.schema));
  SLUICE_RETURN_IF_ERROR(find_nans(session, files, leaves));
  SLUICE_RETURN_IF_ERROR(publish(files, table, staging.files()));
  return files;
}

void remove_staged(std::span<const job::StagedFile> files) {
  const auto io = storage::make_local_file_io();
  for (const job::StagedFile& file : files) {
    (void)io->remove(file.path);
  }
}

}  // namespace sluice::duck_jobs
