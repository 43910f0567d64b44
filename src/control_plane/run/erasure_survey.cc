#include "sluice/run/erasure_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/provenance.h"
#include "sluice/ingest/decode_request.h"
#include "sluice/ingest/raw_files.h"
#include "sluice/run/table_files.h"
#include "sluice/sql/quote.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr const char* kRule = "erase";
constexpr const char* kFound = "erase.found";

/// SQL that says whether a text has the value as a word of its own.
std::string has_word(std::string_view text, std::string_view value) {
  std::string pattern;
  for (const char c : value) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       static_cast<unsigned char>(c) >= 0x80;
    pattern += plain ? std::string(1, c) : std::string("\\") + c;
  }
  return fmt::format("regexp_matches({}, {})", text,
                     sql::quote_literal("(^|[^[:alnum:]])" + pattern + "($|[^[:alnum:]])"));
}

/// One source's search in its raw files.
class RawSearch {
 public:
  RawSearch(const ErasureScan& scan, const project::Source& source, const ErasureKey& key,
            SourceErasure& found, std::stop_token stop)
      : scan_(scan), source_(source), key_(key), found_(found), stop_(std::move(stop)) {}

  Status run() {
    std::vector<lake::LandedFile> files;
    for (const lake::LandedFile& file : found_.landed) {
      SLUICE_ASSIGN_OR_RETURN(const bool there, scan_.catalog.files().exists(file.raw_path));
      if (there) {
        files.push_back(file);
      }
    }
    std::span<const lake::LandedFile> rest(files);
    while (!rest.empty()) {
      const std::size_t count = ingest::first_batch(rest).size();
      SLUICE_RETURN_IF_ERROR(search(rest.first(count)));
      rest = rest.subspan(count);
    }
    return {};
  }

 private:
  Status search(std::span<const lake::LandedFile> batch) {
    job::DecodeJob job = ingest::decode_request(source_, scan_.project.contracts[*source_.contract],
                                                batch, base::RunId("erase"));
    std::string cast;
    for (job::DecodeColumn& column : job.columns) {
      column.required = false;
      if (column.name == key_.column) {
        cast = column.cast;
      }
    }
    const std::string value = sql::quote_literal(key_.value);
    job.verdict = fmt::format(
        "CASE WHEN trim(CAST({0} AS VARCHAR)) = {1} OR CAST(({2}) AS VARCHAR) = {1} "
        "THEN '{3}||found' END",
        sql::quote_identifier(key_.column), value, cast, kRule);
    job.rest.reset();  // the verdict is another one for every record
    job.keys.clear();
    job.references.clear();
    job.unknown_fields = job::UnknownFields::kIgnore;
    SLUICE_ASSIGN_OR_RETURN(
        const job::ScanInput bronze,
        scan_input(scan_.catalog, source_.table, scan_.analysis.sources[found_.source]));
    job.bronze.schema = bronze.schema;
    for (data::Field& field : job.bronze.schema.fields) {
      field.required = false;  // nothing is refused but what is meant
    }
    job.bronze.dir = scan_.scratch + "/others";
    job.quarantine.schema = job::quarantine_schema();
    job.quarantine.dir = scan_.scratch + "/found";
    job.bronze.file_prefix = job.quarantine.file_prefix = kRule;
    SLUICE_RETURN_IF_ERROR(scan_.catalog.files().make_dirs(job.bronze.dir));
    SLUICE_RETURN_IF_ERROR(scan_.catalog.files().make_dirs(job.quarantine.dir));
    const auto response = scan_.engine.execute({std::move(job), scan_.limits}, {}, stop_);
    Status status = response ? Status() : Status(response.error());
    if (status) {
      const auto* decoded = std::get_if<job::DecodeResult>(&response->answer);
      status = decoded == nullptr
                   ? Status(base::internal_error("a decode was not answered with its result"))
                   : take(batch, decoded->quarantine);
    }
    SLUICE_RETURN_IF_ERROR(scan_.catalog.files().remove_all(scan_.scratch));
    return status;
  }

  Status take(std::span<const lake::LandedFile> batch, std::span<const job::StagedFile> staged) {
    if (staged.empty()) {
      return {};
    }
    job::QueryJob job;
    job.inputs.push_back(staged_input(kFound, job::quarantine_schema(), staged));
    job.sql = fmt::format(
        "SELECT file_id, line, byte_offset, payload_bytes, payload FROM {} WHERE rule = {} OR {} "
        "ORDER BY file_id, byte_offset",
        sql::quote_table(kFound), sql::quote_literal(kRule), has_word("payload", key_.value));
    const auto add = [&](data::Batch rows) -> Status {
      for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto number = [&](std::size_t column) {
          return std::get<std::int64_t>(rows.columns[column].values[row]);
        };
        const auto* payload = std::get_if<std::string>(&rows.columns[4].values[row]);
        const auto file =
            std::find_if(batch.begin(), batch.end(),
                         [&](const lake::LandedFile& one) { return one.seq == number(0); });
        if (file == batch.end()) {
          return base::internal_error("a record was found in a file that was not read");
        }
        const RawRecord record{number(1), number(2), number(3)};
        found_.raw[file->seq].push_back(record);
        if (payload == nullptr || !can_be_blanked(*file, record, *payload)) {
          found_.opaque.insert(file->seq);
        }
      }
      return {};
    };
    SLUICE_RETURN_IF_ERROR(scan_.engine.execute({std::move(job), scan_.limits}, add, stop_));
    return {};
  }

  /// Whether the record's text stands in the file as it was read: not packed, not in another
  /// encoding, no Parquet.
  bool can_be_blanked(const lake::LandedFile& file, const RawRecord& record,
                      const std::string& payload) const {
    if (source_.format == project::FileFormat::kParquet || payload.empty() || record.bytes <= 0) {
      return false;
    }
    const auto bytes = scan_.catalog.files().read_range(file.raw_path, record.offset,
                                                        static_cast<std::int64_t>(payload.size()));
    return bytes && *bytes == payload;
  }

  const ErasureScan& scan_;
  const project::Source& source_;
  const ErasureKey& key_;
  SourceErasure& found_;
  const std::stop_token stop_;
};

/// SQL that says whether (file, line) is one of the places found; "false" when there are none.
std::string places_condition(const SourceErasure& found, std::string_view file,
                             std::string_view line) {
  std::vector<std::string> files;
  for (const auto& [seq, records] : found.raw) {
    std::vector<std::string> lines;
    for (const RawRecord& record : records) {
      lines.push_back(std::to_string(record.line));
    }
    files.push_back(
        fmt::format("({} = {} AND {} IN ({}))", file, seq, line, base::join(lines, ", ")));
  }
  return files.empty() ? "false" : "(" + base::join(files, " OR ") + ")";
}

}  // namespace

Result<SourceErasure> survey_source(const ErasureScan& scan, std::size_t index,
                                    const ErasureKey& key, std::stop_token stop) {
  const project::Source& source = scan.project.sources[index];
  SourceErasure found;
  found.source = index;
  SLUICE_ASSIGN_OR_RETURN(found.landed, lake::list_landed(scan.catalog.database(), source.table));
  SLUICE_RETURN_IF_ERROR(RawSearch(scan, source, key, found, stop).run());
  std::string gone = "NULL";  // files of which only the tables have anything
  for (const lake::LandedFile& file : found.landed) {
    SLUICE_ASSIGN_OR_RETURN(const bool there, scan.catalog.files().exists(file.raw_path));
    gone += there ? "" : fmt::format(", {}", file.seq);
  }
  found.bronze_condition = fmt::format(
      "coalesce(CAST({} AS VARCHAR) = {} OR {}, false)", sql::quote_identifier(key.column),
      sql::quote_literal(key.value), places_condition(found, data::kFileColumn, data::kLineColumn));
  found.quarantine_condition =
      fmt::format("coalesce({} OR (file_id IN ({}) AND {}), false)",
                  places_condition(found, "file_id", "line"), gone, has_word("payload", key.value));
  SLUICE_ASSIGN_OR_RETURN(
      found.bronze, survey_rows(scan.catalog, scan.engine, source.table, found.bronze_condition,
                                std::string(data::kFileColumn), {}, scan.limits, stop));
  for (const std::string_view status : {kOpen, kReplayed, kWaived}) {
    SLUICE_ASSIGN_OR_RETURN(
        QuarantineSurvey survey,
        survey_rows(scan.catalog, scan.engine, project::quarantine_table(source),
                    fmt::format("status = {} AND {}", sql::quote_literal(status),
                                found.quarantine_condition),
                    "file_id", {}, scan.limits, stop));
    for (const lake::DataFile& file : survey.files) {
      const bool known = std::any_of(found.quarantine.files.begin(), found.quarantine.files.end(),
                                     [&](const auto& one) { return one.path == file.path; });
      if (!known) {
        found.quarantine.files.push_back(file);
      }
    }
    for (const auto& [seq, records] : survey.records) {
      found.quarantine.records[seq] += records;
    }
    found.by_status[std::string(status)] = std::move(survey);
  }
  return found;
}

}  // namespace sluice::run
