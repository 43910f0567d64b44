#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

#include "sluice/data/batch.h"
#include "sluice/data/schema.h"
#include "sluice/data/type.h"
#include "sluice/job/request.h"

// One description per struct, used to write and to read it. A structured binding must name every
// member, so a member that is added to a struct and not here does not compile.
namespace sluice::job::internal {

template <class T, class Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

// Said once for each direction: a reader must refuse what the struct's own invariant forbids.
template <class Archive>
concept Reading = requires(Archive& archive) { archive.fail(); };

/// Writes or reads an enumerator of one byte; a reader refuses a number behind the last one.
template <class Archive, class Enum>
void choice(Archive& archive, Enum& value, std::remove_const_t<Enum> last) {
  auto number = static_cast<std::uint8_t>(value);
  archive(number);
  if constexpr (Reading<Archive>) {
    if (number > static_cast<std::uint8_t>(last)) {
      archive.fail();
      return;
    }
    value = static_cast<Enum>(number);
  }
}

template <class Archive>
void fields(Archive& archive, Of<data::Type> auto& value) {
  auto& [kind, precision, scale, length, list] = value;
  auto number = static_cast<std::uint8_t>(kind);
  archive(number, precision, scale, length);
  archive.deeper(list);
  if constexpr (Reading<Archive>) {
    if (number > static_cast<std::uint8_t>(data::TypeKind::kMap)) {
      archive.fail();
      return;
    }
    kind = static_cast<data::TypeKind>(number);
    if (!data::is_well_formed(value)) {
      archive.fail();
    }
  }
}

template <class Archive>
void fields(Archive& archive, Of<data::Field> auto& value) {
  auto& [id, name, type, required, doc] = value;
  archive(id, name, type, required, doc);
}

template <class Archive>
void fields(Archive& archive, Of<data::NestedValue> auto& value) {
  if constexpr (Reading<Archive>) {
    std::vector<data::Value> items;
    archive.deeper(items);
    value = data::NestedValue(std::move(items));
  } else {
    archive.deeper(value.items());
  }
}

template <class Archive>
void fields(Archive& archive, Of<data::Schema> auto& value) {
  auto& [schema_id, list, identifier_field_ids] = value;
  archive(schema_id, list, identifier_field_ids);
}

template <class Archive>
void fields(Archive& archive, Of<data::Column> auto& value) {
  auto& [name, type, values] = value;
  archive(name, type, values);
}

template <class Archive>
void fields(Archive& archive, Of<data::Batch> auto& value) {
  auto& [columns] = value;
  archive(columns);
  if constexpr (Reading<Archive>) {
    const bool even = std::all_of(columns.begin(), columns.end(), [&](const data::Column& column) {
      return column.values.size() == columns.front().values.size();
    });
    if (!even) {
      archive.fail();
    }
  }
}

template <class Archive>
void fields(Archive& archive, Of<Limits> auto& value) {
  auto& [threads, memory_bytes, timeout_ms, spill_dir, timezone] = value;
  archive(threads, memory_bytes, timeout_ms, spill_dir, timezone);
}

template <class Archive>
void fields(Archive& archive, Of<Usage> auto& value) {
  auto& [wall_us, cpu_us, memory_peak_bytes, read_bytes, written_bytes, warm] = value;
  archive(wall_us, cpu_us, memory_peak_bytes, read_bytes, written_bytes, warm);
}

template <class Archive>
void fields(Archive& archive, Of<InputFile> auto& value) {
  auto& [path, rows, bytes] = value;
  archive(path, rows, bytes);
}

template <class Archive>
void fields(Archive& archive, Of<ScanInput> auto& value) {
  auto& [name, schema, files] = value;
  archive(name, schema, files);
}

template <class Archive>
void fields(Archive& archive, Of<MemoryInput> auto& value) {
  auto& [name, columns, batches] = value;
  archive(name, columns, batches);
}

template <class Archive>
void fields(Archive& archive, Of<ParseJob> auto& value) {
  auto& [sql] = value;
  archive(sql);
}

template <class Archive>
void fields(Archive& archive, Of<ParsedSql> auto& value) {
  auto& [tree, error, error_offset] = value;
  archive(tree, error, error_offset);
}

template <class Archive>
void fields(Archive& archive, Of<ParseResult> auto& value) {
  auto& [statements] = value;
  archive(statements);
}

template <class Archive>
void fields(Archive& archive, Of<NamedColumn> auto& value) {
  auto& [name, type] = value;
  archive(name, type);
}

template <class Archive>
void fields(Archive& archive, Of<TableShape> auto& value) {
  auto& [name, columns] = value;
  archive(name, columns);
}

template <class Archive>
void fields(Archive& archive, Of<DescribeStatement> auto& value) {
  auto& [name, sql] = value;
  archive(name, sql);
}

template <class Archive>
void fields(Archive& archive, Of<DescribeJob> auto& value) {
  auto& [tables, statements] = value;
  archive(tables, statements);
}

template <class Archive>
void fields(Archive& archive, Of<DescribedSql> auto& value) {
  auto& [columns, error, error_offset] = value;
  archive(columns, error, error_offset);
}

template <class Archive>
void fields(Archive& archive, Of<DescribeResult> auto& value) {
  auto& [statements] = value;
  archive(statements);
}

template <class Archive>
void fields(Archive& archive, Of<FooterJob> auto& value) {
  auto& [paths] = value;
  archive(paths);
}

template <class Archive>
void fields(Archive& archive, Of<Footer> auto& value) {
  auto& [rows, error] = value;
  archive(rows, error);
}

template <class Archive>
void fields(Archive& archive, Of<FooterResult> auto& value) {
  auto& [footers] = value;
  archive(footers);
}

template <class Archive>
void fields(Archive& archive, Of<ParquetOptions> auto& value) {
  auto& [compression, compression_level, file_bytes_target, row_group_rows] = value;
  archive(compression, compression_level, file_bytes_target, row_group_rows);
}

template <class Archive>
void fields(Archive& archive, Of<PartitionColumn> auto& value) {
  auto& [name, expression, type] = value;
  archive(name, expression, type);
}

template <class Archive>
void fields(Archive& archive, Of<OutputTable> auto& value) {
  auto& [schema, dir, file_prefix, parquet, partition] = value;
  archive(schema, dir, file_prefix, parquet, partition);
}

template <class Archive>
void fields(Archive& archive, Of<ColumnStatsText> auto& value) {
  auto& [field_id, column, bytes, values, nulls, min, max, has_nan] = value;
  archive(field_id, column, bytes, values, nulls, min, max, has_nan);
}

template <class Archive>
void fields(Archive& archive, Of<StagedFile> auto& value) {
  auto& [path, rows, bytes, footer_bytes, columns, partition] = value;
  archive(path, rows, bytes, footer_bytes, columns, partition);
}

template <class Archive>
void fields(Archive& archive, Of<StageJob> auto& value) {
  auto& [inputs, sql, output] = value;
  archive(inputs, sql, output);
}

template <class Archive>
void fields(Archive& archive, Of<StageResult> auto& value) {
  auto& [files, rows] = value;
  archive(files, rows);
}

template <class Archive>
void fields(Archive& archive, Of<CsvDialect> auto& value) {
  auto& [delimiter, quote, header, nulls, escape, comment, skip_lines, decimal] = value;
  archive(delimiter, quote, header, nulls, escape, comment, skip_lines, decimal);
}

template <class Archive>
void fields(Archive& archive, Of<DecodeFile> auto& value) {
  auto& [seq, path, name, bytes, arrived_at_us] = value;
  archive(seq, path, name, bytes, arrived_at_us);
}

template <class Archive>
void fields(Archive& archive, Of<ValueBound> auto& value) {
  auto& [bound, exclusive] = value;
  archive(bound, exclusive);
}

template <class Archive>
void fields(Archive& archive, Of<ValueCheck> auto& value) {
  auto& [values, minimum, maximum, length_min, length_max] = value;
  archive(values, minimum, maximum, length_min, length_max);
}

template <class Archive>
void fields(Archive& archive, Of<DecodeColumn> auto& value) {
  auto& [name, type, required, cast, plain, no_null, checks] = value;
  archive(name, type, required, cast, plain, no_null, checks);
}

template <class Archive>
void fields(Archive& archive, Of<KeyRule> auto& value) {
  auto& [name, columns, window_us] = value;
  archive(name, columns, window_us);
}

template <class Archive>
void fields(Archive& archive, Of<FileArrival> auto& value) {
  auto& [seq, arrived_at_us] = value;
  archive(seq, arrived_at_us);
}

template <class Archive>
void fields(Archive& archive, Of<ReplayedRecords> auto& value) {
  auto& [quarantine, condition] = value;
  archive(quarantine, condition);
}

template <class Archive>
void fields(Archive& archive, Of<ReferenceRule> auto& value) {
  auto& [columns, table, target] = value;
  archive(columns, table, target);
}

template <class Archive>
void fields(Archive& archive, Of<DecodeJob> auto& value) {
  auto& [files, format, compression, encoding, unknown_fields, dialect, columns, verdict, rest,
         keys, references, lookups, existing, recent, recent_files, replay, bronze, quarantine,
         contract_version, run_id, arrived_at_us] = value;
  archive(files);
  choice(archive, format, FileFormat::kParquet);
  choice(archive, compression, Compression::kZstd);
  choice(archive, encoding, Encoding::kWindows1252);
  choice(archive, unknown_fields, UnknownFields::kIgnore);
  archive(dialect, columns, verdict, rest, keys, references, lookups, existing, recent,
          recent_files, replay, bronze, quarantine, contract_version, run_id, arrived_at_us);
}

template <class Archive>
void fields(Archive& archive, Of<DecodedFile> auto& value) {
  auto& [seq, records, good, refused, unknown_fields] = value;
  archive(seq, records, good, refused, unknown_fields);
}

template <class Archive>
void fields(Archive& archive, Of<RefusedCount> auto& value) {
  auto& [rule, column, records] = value;
  archive(rule, column, records);
}

template <class Archive>
void fields(Archive& archive, Of<DecodeResult> auto& value) {
  auto& [bronze, quarantine, files, refused] = value;
  archive(bronze, quarantine, files, refused);
}

template <class Archive>
void fields(Archive& archive, Of<QueryJob> auto& value) {
  auto& [inputs, memory, sql, rows_max] = value;
  archive(inputs, memory, sql, rows_max);
}

template <class Archive>
void fields(Archive& archive, Of<QueryResult> auto& value) {
  auto& [columns, rows, cut] = value;
  archive(columns, rows, cut);
}

template <class Archive>
void fields(Archive& archive, Of<ExportFormat> auto& value) {
  auto number = static_cast<std::uint8_t>(value);
  archive(number);
  if constexpr (Reading<Archive>) {
    if (number > static_cast<std::uint8_t>(ExportFormat::kNdjson)) {
      archive.fail();
      return;
    }
    value = static_cast<ExportFormat>(number);
  }
}

template <class Archive>
void fields(Archive& archive, Of<ExportJob> auto& value) {
  auto& [inputs, memory, sql, format, compression, delimiter, path] = value;
  archive(inputs, memory, sql, format, compression, delimiter, path);
}

template <class Archive>
void fields(Archive& archive, Of<ExportResult> auto& value) {
  auto& [rows, columns] = value;
  archive(rows, columns);
}

template <class Archive>
void fields(Archive& archive, Of<TakenRows> auto& value) {
  auto& [path, upto] = value;
  archive(path, upto);
}

template <class Archive>
void fields(Archive& archive, Of<KeyColumn> auto& value) {
  auto& [name, former] = value;
  archive(name, former);
}

template <class Archive>
void fields(Archive& archive, Of<CursorLag> auto& value) {
  auto& [amount, is_time, key, taken] = value;
  archive(amount, is_time, key, taken);
}

template <class Archive>
void fields(Archive& archive, Of<ExtractJob> auto& value) {
  auto& [kind, connection, secrets, table, query, cursor, after, identity, continues, path, place,
         lag] = value;
  choice(archive, kind, DatabaseKind::kSqlite);
  archive(connection, secrets, table, query, cursor, after, identity, continues, path, place, lag);
}

template <class Archive>
void fields(Archive& archive, Of<ExtractResult> auto& value) {
  auto& [rows, identity, upto] = value;
  archive(rows, identity, upto);
}

template <class Archive>
void fields(Archive& archive, Of<DeliverJob> auto& value) {
  auto& [inputs, memory, sql, connection, secrets, table, mode, key, content, snapshots, dry_run] =
      value;
  archive(inputs, memory, sql, connection, secrets, table);
  choice(archive, mode, DeliverMode::kUpsert);
  archive(key, content, snapshots, dry_run);
}

template <class Archive>
void fields(Archive& archive, Of<DeliverResult> auto& value) {
  auto& [rows, table, created, repeated, definition] = value;
  archive(rows, table, created, repeated, definition);
}

template <class Archive>
void fields(Archive& archive, Of<Check> auto& value) {
  auto& [name, sql, measures] = value;
  archive(name, sql, measures);
}

template <class Archive>
void fields(Archive& archive, Of<CheckJob> auto& value) {
  auto& [inputs, checks] = value;
  archive(inputs, checks);
}

template <class Archive>
void fields(Archive& archive, Of<CheckResult> auto& value) {
  auto& [violations, measured] = value;
  archive(violations, measured);
}

template <class Archive>
void fields(Archive& archive, Of<InferJob> auto& value) {
  auto& [files, format, compression, encoding, dialect, rows_max, bytes_max, columns, keys] = value;
  archive(files);
  choice(archive, format, FileFormat::kParquet);
  choice(archive, compression, Compression::kZstd);
  choice(archive, encoding, Encoding::kWindows1252);
  archive(dialect, rows_max, bytes_max, columns, keys);
}

template <class Archive>
void fields(Archive& archive, Of<data::ColumnProfile> auto& value) {
  auto& [name, type, known, note, values, nulls, misfits, distinct, distinct_exact, unique, minimum,
         maximum, length_min, length_max, domain] = value;
  archive(name, type, known, note, values, nulls, misfits, distinct, distinct_exact, unique,
          minimum, maximum, length_min, length_max, domain);
}

template <class Archive>
void fields(Archive& archive, Of<InferResult> auto& value) {
  auto& [columns, keys, files, rows, damaged, whole, too_many_columns, problems] = value;
  archive(columns, keys, files, rows, damaged, whole, too_many_columns, problems);
}

template <class Archive>
void fields(Archive& archive, Of<Request> auto& value) {
  auto& [job, limits] = value;
  archive(job, limits);
}

template <class Archive>
void fields(Archive& archive, Of<Response> auto& value) {
  auto& [answer, usage] = value;
  archive(answer, usage);
}

}  // namespace sluice::job::internal
