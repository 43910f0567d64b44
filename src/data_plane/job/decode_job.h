#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/data/provenance.h"
#include "sluice/data/schema.h"
#include "sluice/job/scan_input.h"
#include "sluice/job/stage_job.h"

namespace sluice::job {

using data::kFileColumn;
using data::kLineColumn;

enum class FileFormat : std::uint8_t { kCsv, kNdjson, kJson, kParquet };
enum class Compression : std::uint8_t { kAuto, kNone, kGzip, kZstd };
/// What a text file's bytes mean where no byte order mark says otherwise.
enum class Encoding : std::uint8_t { kUtf8, kUtf16Le, kUtf16Be, kLatin1, kWindows1252 };

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';  // NUL: there are no quotes
  bool header = true;
  std::vector<std::string> nulls = {""};  // unquoted spellings of null
  char escape = 0;                        // inside quotes, beside doubled quotes; NUL: none
  char comment = 0;                       // a line that begins with it is no record; NUL: none
  std::int64_t skip_lines = 0;            // at the start of each file
  char decimal = '.';                     // in columns of fractional numbers: `.` or `,`
};

/// One landed file. `seq` is its landing sequence number, `name` what the user called it.
struct DecodeFile {
  std::int64_t seq = 0;
  std::string path;
  std::string name;
  std::int64_t bytes = 0;
  std::int64_t arrived_at_us = 0;
};

/// A bound of a range, as text of the column's type.
struct ValueBound {
  std::string value;
  bool exclusive = false;
};

/// What one rule asks of a value that is not null. Whatever is not set asks nothing.
struct ValueCheck {
  std::vector<std::string> values;  // it is one of these; a string, int or long
  std::optional<ValueBound> minimum;
  std::optional<ValueBound> maximum;
  std::optional<std::int64_t> length_min;  // characters of a string
  std::optional<std::int64_t> length_max;
};

/// A contract column as the decoder sees it. `cast` is SQL from the raw text column (named `name`,
/// VARCHAR) to `type`, null where the text is no such value.
///
/// With `plain` the cast is the one of a contract's type without more ado, which the decoder can
/// tell without SQL for text in the usual form. `no_null` and `checks` then are all that the job's
/// `verdict` asks of the column and its `rest` does not.
struct DecodeColumn {
  std::string name;
  data::Type type;
  bool required = false;
  std::string cast;
  bool plain = false;
  bool no_null = false;
  std::vector<ValueCheck> checks;
};

inline constexpr std::string_view kDedupeRule = "dedupe";

/// Columns that must be unique together over table and batch; the first by (file, line) stays. With
/// a window only among rows that arrived less than that apart.
struct KeyRule {
  std::string name;  // "primary_key", "unique" or kDedupeRule
  std::vector<std::string> columns;
  std::optional<std::int64_t> window_us = std::nullopt;
};

/// When a file of the table was landed, by its landing sequence number.
struct FileArrival {
  std::int64_t seq = 0;
  std::int64_t arrived_at_us = 0;
};

/// Records that were refused before and are decoded again: the rows of their quarantine table that
/// meet `condition`, SQL over that table's columns. `quarantine.name` is dotted.
struct ReplayedRecords {
  ScanInput quarantine;
  std::string condition;
};

/// Columns whose values, where none is null, are those of `target` in a row of `table`: one of the
/// job's lookups, or "" for the bronze table itself, the batch included.
struct ReferenceRule {
  std::vector<std::string> columns;
  std::string table;
  std::vector<std::string> target;
};

/// What happens to a field that the contract does not know.
enum class UnknownFields : std::uint8_t {
  kRefuse,  // CSV, Parquet: every record of the file; JSON: the record that has it
  kIgnore,  // the value is left out
};

/// Reads landed files of one format in one scan, judges every record, stages the good rows as files
/// of the bronze table and the refused ones as files of the quarantine table.
///
/// `verdict` is one SQL expression over the raw text columns: null for a good record, else
/// `<rule>|<column>|<reason>` of the first broken rule. Records of a file whose header lacks a
/// required column or has an unknown one are refused as `missing_column`, `unknown_column`;
/// a record that cannot be read, such as one with an open quote or over 16 MiB, as `malformed`.
///
/// `rest` is the part of `verdict` that the columns' checks leave, over the same text columns: a
/// record whose values are plain and meet their checks is judged by it alone, every other one by
/// `verdict`. It may name columns that are strings or not plain. Without it all records are judged
/// by `verdict`.
///
/// With `replay` only its records are taken, and of each file only they are counted. One that
/// does not begin and end where it did before (the dialect has changed) is not there any more.
struct DecodeJob {
  std::vector<DecodeFile> files;
  FileFormat format = FileFormat::kCsv;
  Compression compression = Compression::kAuto;  // kAuto: by the file's first bytes
  Encoding encoding = Encoding::kUtf8;
  UnknownFields unknown_fields = UnknownFields::kRefuse;
  CsvDialect dialect;
  std::vector<DecodeColumn> columns;
  std::string verdict;
  std::optional<std::string> rest;
  std::vector<KeyRule> keys;
  std::vector<ReferenceRule> references;
  std::vector<ScanInput> lookups;     // the tables that references name
  std::optional<ScanInput> existing;  // the bronze table as it stands, for keys without a window
  std::optional<ScanInput> recent;    // its files that a window may reach, for those with one
  std::vector<FileArrival> recent_files;
  std::optional<ReplayedRecords> replay;
  OutputTable bronze;      // schema: the contract's columns, then file and line
  OutputTable quarantine;  // schema: quarantine_schema()
  std::string contract_version;
  std::string run_id;
  std::int64_t arrived_at_us = 0;
};

struct DecodedFile {
  std::int64_t seq = 0;
  std::int64_t records = 0;
  std::int64_t good = 0;
  std::int64_t refused = 0;
  std::vector<std::string> unknown_fields;  // that the contract does not know; the first hundred
};

struct RefusedCount {
  std::string rule;
  std::string column;
  std::int64_t records = 0;
};

struct DecodeResult {
  std::vector<StagedFile> bronze;
  std::vector<StagedFile> quarantine;
  std::vector<DecodedFile> files;
  std::vector<RefusedCount> refused;
};

/// The columns of every quarantine table: file_id, line, byte_offset, column, rule, reason,
/// payload, contract_version, arrived_at, run_id, status; with their field ids.
data::Schema quarantine_schema();

}  // namespace sluice::job
