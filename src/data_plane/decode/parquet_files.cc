#include "sluice/decode/internal/parquet_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/decode/internal/csv_layout.h"
#include "sluice/decode/internal/landed_scan.h"
#include "sluice/decode/internal/nested_parquet.h"
#include "sluice/decode/internal/parquet_values.h"
#include "sluice/decode/internal/refusal.h"
#include "sluice/duck/quote.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;
using duck::quote_identifier;
using duck::quote_literal;

constexpr std::size_t kUnknownMax = 100;
constexpr std::size_t kPayloadColumnsMax = 500;  // of a refused row
const std::string kPlace = std::string(job::kFileColumn) + ", " + job::kLineColumn;

/// Errors that are about the file's content and no other file's.
bool is_damage(const base::Error& error) {
  return error.kind != base::ErrorKind::kCancelled && error.kind != base::ErrorKind::kTimeout &&
         error.kind != base::ErrorKind::kExhausted && error.kind != base::ErrorKind::kNotFound &&
         error.kind != base::ErrorKind::kUnauthorized;
}

/// Files with each row's path and number in them. A file that has columns of these names itself
/// cannot be read so, which counts as damage.
std::string read_parquet(const std::string& paths) {
  return "read_parquet(" + paths +
         ", filename = '_sluice_path', file_row_number = true, hive_partitioning = false)";
}

bool is_nested(std::string_view type) {
  return type.ends_with(']') || type.starts_with("STRUCT") || type.starts_with("MAP") ||
         type.starts_with("UNION");
}

/// The names of the value columns, each with a comma behind it.
std::string value_list(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) {
    list += value.empty() ? "" : value + ", ";
  }
  return list;
}

}  // namespace

Result<ParquetFiles> ParquetFiles::open(duck_jobs::Session& session, const job::DecodeJob& job) {
  ParquetFiles files(job);
  for (const job::DecodeFile& file : job.files) {
    SLUICE_RETURN_IF_ERROR(files.look_at(session, file));
  }
  return files;
}

Status ParquetFiles::look_at(duck_jobs::Session& session, const job::DecodeFile& file) {
  auto columns = session.describe("SELECT * EXCLUDE (_sluice_path, file_row_number) FROM " +
                                  read_parquet(quote_literal(file.path)));
  Status status = columns ? count_rows(session, file) : Status(columns.error());
  if (!status) {
    if (!is_damage(status.error())) {
      return status;
    }
    set_aside(file, status.error());
    return {};
  }
  for (const job::NamedColumn& column : *columns) {
    const bool known =
        std::any_of(job_.columns.begin(), job_.columns.end(),
                    [&](const job::DecodeColumn& wanted) { return wanted.name == column.name; });
    if (!known && unknown_[file.seq].size() < kUnknownMax) {
      unknown_[file.seq].insert(column.name);
    }
  }
  const auto same = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
    return std::equal(group.columns.begin(), group.columns.end(), columns->begin(), columns->end(),
                      [](const job::NamedColumn& a, const job::NamedColumn& b) {
                        return a.name == b.name && a.type == b.type;
                      });
  });
  Group& group = same == groups_.end() ? groups_.emplace_back(Group{*columns, {}}) : *same;
  group.files.push_back(&file);
  return {};
}

Status ParquetFiles::count_rows(duck_jobs::Session& session, const job::DecodeFile& file) {
  SLUICE_ASSIGN_OR_RETURN(
      duck::QueryResult result,
      session.query("SELECT CAST(num_rows AS BIGINT) FROM parquet_file_metadata(" +
                    quote_literal(file.path) + ")"));
  SLUICE_ASSIGN_OR_RETURN(const auto batch, result.next_batch());
  if (!batch || batch->rows() != 1) {
    return base::internal_error(file.path + " has no number of rows");
  }
  records_[file.seq] = std::get<std::int64_t>(batch->columns[0].values[0]);
  return {};
}

void ParquetFiles::set_aside(const job::DecodeFile& file, const base::Error& error) {
  damaged_.emplace_back(
      file.seq,
      pack_refusal({kMalformed, "", "the file cannot be read as Parquet: " + error.message}));
  records_[file.seq] = 1;
}

Result<bool> ParquetFiles::set_damaged_aside(duck_jobs::Session& session) {
  bool any = false;
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.files.size();) {
      const job::DecodeFile& file = *group.files[i];
      const Status read = session.execute(
          "SELECT count(COLUMNS(*)) FROM (SELECT COLUMNS(*)::VARCHAR "
          "FROM " +
          read_parquet(quote_literal(file.path)) + ")");
      if (read) {
        ++i;
        continue;
      }
      if (!is_damage(read.error())) {
        return read.error();
      }
      any = true;
      set_aside(file, read.error());
      group.files.erase(group.files.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return any;
}

RecordSources ParquetFiles::sources() const {
  RecordSources sources;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i].files.empty()) {
      sources.push_back(source_of(groups_[i], i));
    }
  }
  for (const auto& [seq, refusal] : damaged_) {
    std::string columns;
    for (const job::DecodeColumn& column : job_.columns) {
      columns += "CAST(NULL AS VARCHAR) AS " + quote_identifier(column.name) + ", ";
    }
    sources.push_back({fmt::format("(SELECT {}{}::BIGINT AS {}, 1::BIGINT AS {}, 0::BIGINT AS {}, "
                                   "{} AS {}, true AS {}) AS r",
                                   columns, seq, job::kFileColumn, job::kLineColumn, kOffsetColumn,
                                   quote_literal(refusal), kRefusalColumn, kByTextColumn),
                       "''", "0::BIGINT", kPlace, std::vector<std::string>(job_.columns.size())});
  }
  return sources;
}

const job::NamedColumn* ParquetFiles::find(const job::DecodeColumn& column, const Group& group) {
  const auto found =
      std::find_if(group.columns.begin(), group.columns.end(),
                   [&](const job::NamedColumn& has) { return has.name == column.name; });
  return found == group.columns.end() ? nullptr : &*found;
}

/// The text of a column's values, as the contract's casts expect it.
std::string ParquetFiles::text_of(const job::DecodeColumn& column, const job::NamedColumn* found,
                                  const std::string& raw) const {
  if (found != nullptr && data::is_nested(column.type)) {
    return nested_mismatch(found->type, column, job_.unknown_fields).rule.empty()
               ? nested_text_sql(raw, found->type, column.type)
               : "CAST(NULL AS VARCHAR)";
  }
  return found != nullptr && found->type == "BLOB" ? "hex(" + raw + ")"
                                                   : "CAST(" + raw + " AS VARCHAR)";
}

std::string ParquetFiles::refusal_of(const Group& group) const {
  std::vector<std::string> missing;
  for (const job::DecodeColumn& column : job_.columns) {
    const job::NamedColumn* found = find(column, group);
    if (found == nullptr) {
      if (column.required) {
        missing.push_back(column.name);
      }
    } else if (data::is_nested(column.type)) {
      const Refusal refusal = nested_mismatch(found->type, column, job_.unknown_fields);
      if (!refusal.rule.empty()) {
        return pack_refusal(refusal);
      }
    } else if (is_nested(found->type)) {
      return pack_refusal(
          {"type", column.name,
           fmt::format("a column of type {} is not {}", found->type, data::to_text(column.type))});
    } else if (column.type.kind == data::TypeKind::kString && found->type != "VARCHAR") {
      return pack_refusal(
          {"type", column.name, fmt::format("a column of type {} is not a string", found->type)});
    }
  }
  if (!missing.empty()) {
    return pack_refusal({"missing_column", missing.front(),
                         "the file lacks required column " + name_list(missing)});
  }
  const auto unknown = unknown_.find(group.files.front()->seq);
  if (unknown != unknown_.end() && !unknown->second.empty() &&
      job_.unknown_fields == job::UnknownFields::kRefuse) {
    const std::vector<std::string> names(unknown->second.begin(), unknown->second.end());
    return pack_refusal(
        {"unknown_column", names.front(), "the contract does not know column " + name_list(names)});
  }
  return {};
}

/// Says whether every column of the contract can be read as a value.
bool ParquetFiles::has_values(const Group& group) const {
  return job_.rest && std::all_of(job_.columns.begin(), job_.columns.end(),
                                  [&](const job::DecodeColumn& column) {
                                    const job::NamedColumn* found = find(column, group);
                                    return !column.plain || found == nullptr ||
                                           is_value_of(found->type, column.type);
                                  });
}

RecordSource ParquetFiles::source_of(const Group& group, std::size_t index) const {
  const bool by_value = has_values(group);
  RecordSource source;
  std::string columns;  // as they stand in the file, and their values
  std::string texts;
  std::vector<std::string> good;
  for (std::size_t i = 0; i < job_.columns.size(); ++i) {
    const job::DecodeColumn& column = job_.columns[i];
    const job::NamedColumn* found = find(column, group);
    const std::string raw = fmt::format("_sluice_raw_{}", i);
    const std::string value = fmt::format("_sluice_value_{}", i);
    const std::string raw_sql =
        found == nullptr ? "CAST(NULL AS VARCHAR)" : "r." + quote_identifier(column.name);
    const std::string text = text_of(column, found, raw);
    const bool is_value = by_value && column.plain && column.type.kind != data::TypeKind::kString;
    columns += fmt::format("{} AS {}, ", raw_sql, raw);
    texts += (is_value ? fmt::format("CASE WHEN {} THEN {} END", kByTextColumn, text) : text) +
             " AS " + quote_identifier(column.name) + ", ";
    source.values.push_back(is_value ? value : "");
    if (is_value) {
      columns +=
          fmt::format("TRY_CAST({} AS {}) AS {}, ", raw_sql, data::duckdb_name(column.type), value);
    }
    if (by_value && column.plain) {
      add_good_conditions(column, raw, is_value ? value : raw, good);
    }
  }
  std::string paths;
  std::string seqs;
  for (const job::DecodeFile* file : group.files) {
    paths += (paths.empty() ? "" : ", ") + quote_literal(file->path);
    seqs += fmt::format("{}{}::BIGINT", seqs.empty() ? "" : ", ", file->seq);
  }
  const std::string refusal = refusal_of(group);
  // The row as it stands in the file, or its front: every column that is read takes a buffer.
  std::string whole;
  for (const job::NamedColumn& column :
       std::span(group.columns).first(std::min(group.columns.size(), kPayloadColumnsMax))) {
    whole += (whole.empty() ? "" : ", ") + quote_literal(column.name) + ": r." +
             quote_identifier(column.name);
  }
  const std::string by_text = !by_value ? "true"
                              : good.empty()
                                  ? "false"
                                  : "coalesce(NOT (" + base::join(good, " AND ") + "), false)";
  source.from = fmt::format(
      "(SELECT {}_sluice_seq AS {}, _sluice_number AS {}, 0::BIGINT AS {}, {} AS {}, {}, "
      "{}_sluice_row "
      "FROM (SELECT *, {} AS {} FROM (SELECT {}[{}][list_position([{}], r._sluice_path)] AS "
      "_sluice_seq, r.file_row_number + 1 AS _sluice_number, {{{}}} AS _sluice_row FROM {} AS r))) "
      "AS g{}",
      texts, job::kFileColumn, job::kLineColumn, kOffsetColumn,
      refusal.empty() ? "CAST(NULL AS VARCHAR)" : quote_literal(refusal), kRefusalColumn,
      kByTextColumn, value_list(source.values), by_text, kByTextColumn, columns, seqs, paths, whole,
      read_parquet("[" + paths + "]"), index);
  source.payload = "CAST(to_json(_sluice_row) AS VARCHAR)";
  source.bytes = "strlen(" + source.payload + ")";
  source.place = kPlace;
  return source;
}

}  // namespace sluice::decode
