#include "sluice/ingest/decode_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/digest.h"
#include "sluice/contract/compile.h"
#include "sluice/contract/extend.h"
#include "sluice/ingest/value_checks.h"
#include "sluice/sql/quote.h"

namespace sluice::ingest {

namespace {

job::FileFormat format_of(project::FileFormat format) {
  switch (format) {
    case project::FileFormat::kCsv:
      return job::FileFormat::kCsv;
    case project::FileFormat::kNdjson:
      return job::FileFormat::kNdjson;
    case project::FileFormat::kJson:
      return job::FileFormat::kJson;
    case project::FileFormat::kParquet:
      return job::FileFormat::kParquet;
  }
  return job::FileFormat::kCsv;
}

job::Compression compression_of(project::Compression compression) {
  switch (compression) {
    case project::Compression::kAuto:
      return job::Compression::kAuto;
    case project::Compression::kNone:
      return job::Compression::kNone;
    case project::Compression::kGzip:
      return job::Compression::kGzip;
    case project::Compression::kZstd:
      return job::Compression::kZstd;
  }
  return job::Compression::kAuto;
}

job::Encoding encoding_of(project::Encoding encoding) {
  switch (encoding) {
    case project::Encoding::kUtf8:
      return job::Encoding::kUtf8;
    case project::Encoding::kUtf16Le:
      return job::Encoding::kUtf16Le;
    case project::Encoding::kUtf16Be:
      return job::Encoding::kUtf16Be;
    case project::Encoding::kLatin1:
      return job::Encoding::kLatin1;
    case project::Encoding::kWindows1252:
      return job::Encoding::kWindows1252;
  }
  return job::Encoding::kUtf8;
}

}  // namespace

std::span<const lake::LandedFile> first_batch(std::span<const lake::LandedFile> files) {
  std::int64_t bytes = 0;
  std::size_t count = 0;
  while (count < files.size() && count < kBatchFilesMax &&
         (count == 0 || bytes + files[count].bytes <= kBatchBytesMax)) {
    bytes += files[count++].bytes;
  }
  return files.first(count);
}

namespace {

enum class KeyColumns { kAll, kNotPlain };

/// SQL of the verdict on a record that has no value in a dedupe key; null when it has.
std::string null_key_verdict(const project::Dedupe& dedupe,
                             const std::vector<job::DecodeColumn>& columns, KeyColumns which) {
  std::string cases;
  for (const job::DecodeColumn& column : columns) {
    const bool looked_at = which == KeyColumns::kAll || !column.plain;
    if (looked_at && std::count(dedupe.key.begin(), dedupe.key.end(), column.name) > 0) {
      cases += fmt::format(
          " WHEN ({}) IS NULL THEN {}", column.cast,
          sql::quote_literal("dedupe_key|" + column.name + "|no value, but it is a key of dedupe"));
    }
  }
  return cases.empty() ? "NULL" : "CASE" + cases + " END";
}

/// Refuses records that have no value in a dedupe key, for being one key with nothing.
void require_keys(const project::Dedupe& dedupe, job::DecodeJob& job) {
  for (job::DecodeColumn& column : job.columns) {
    column.no_null =
        column.no_null || std::count(dedupe.key.begin(), dedupe.key.end(), column.name) > 0;
  }
  job.verdict = fmt::format("coalesce({}\n, {})", job.verdict,
                            null_key_verdict(dedupe, job.columns, KeyColumns::kAll));
  job.rest = fmt::format("coalesce({}\n, {})", *job.rest,
                         null_key_verdict(dedupe, job.columns, KeyColumns::kNotPlain));
}

}  // namespace

job::DecodeJob decode_request(const project::Source& source, const contract::Contract& declared,
                              std::span<const lake::LandedFile> files, const base::RunId& run) {
  job::DecodeJob job;
  contract::Contract contract = declared;
  if (source.schema_changes == project::SchemaChanges::kDiscardValue) {
    job.unknown_fields = job::UnknownFields::kIgnore;
    contract::forgive_types(contract,
                            source.dedupe ? source.dedupe->key : std::vector<std::string>());
  }
  for (const lake::LandedFile& file : files) {
    job.files.push_back(
        {file.seq, file.raw_path, file.original_name, file.bytes, file.landed_at_us});
    job.arrived_at_us = std::max(job.arrived_at_us, file.landed_at_us);
  }
  job.format = format_of(source.format);
  job.compression = compression_of(source.compression);
  job.encoding = encoding_of(source.encoding);
  job.dialect = {source.csv.delimiter,  source.csv.quote,  source.csv.header,
                 source.nulls,          source.csv.escape, source.csv.comment,
                 source.csv.skip_lines, source.csv.decimal};
  for (const data::Field& field : contract.schema.fields) {
    job.columns.push_back(
        {field.name, field.type, field.required, contract::column_cast(contract, field)});
  }
  job.verdict = contract::verdict_expression(contract);
  job.rest = divide_rules(contract, job.columns);
  if (source.dedupe) {
    std::optional<std::int64_t> window_us;
    if (source.dedupe->window_ms) {
      window_us = *source.dedupe->window_ms * 1000;
    }
    job.keys.push_back({std::string(job::kDedupeRule), source.dedupe->key, window_us});
    require_keys(*source.dedupe, job);
  }
  for (const contract::KeyRule& key : contract.keys) {
    if (key.severity == contract::Severity::kError) {
      job.keys.push_back({key.name, key.columns});
    }
  }
  for (const contract::ReferenceRule& reference : contract.references) {
    if (reference.severity == contract::Severity::kError) {
      job.references.push_back({reference.columns, reference.table, reference.target});
    }
  }
  job.contract_version = contract.version;
  job.run_id = run.text;
  return job;
}

std::string decode_digest(const job::DecodeJob& job) {
  std::string text;
  const auto add = [&](std::string_view part) {
    text += part;
    text += '\0';
  };
  add(std::to_string(static_cast<int>(job.format)) + "/" +
      std::to_string(static_cast<int>(job.compression)) + "/" +
      std::to_string(static_cast<int>(job.encoding)) + "/" +
      std::to_string(static_cast<int>(job.unknown_fields)));
  add({&job.dialect.escape, 1});
  add({&job.dialect.comment, 1});
  add({&job.dialect.decimal, 1});
  add(std::to_string(job.dialect.skip_lines));
  add({&job.dialect.delimiter, 1});
  add({&job.dialect.quote, 1});
  add(job.dialect.header ? "header" : "");
  for (const std::string& null : job.dialect.nulls) {
    add(null);
  }
  for (const job::DecodeColumn& column : job.columns) {
    add(column.name);
    add(data::to_text(column.type));
    add(column.required ? "required" : "");
    add(column.cast);
  }
  add(job.verdict);
  for (const job::KeyRule& key : job.keys) {
    add(key.name);
    add(key.window_us ? std::to_string(*key.window_us) : "");
    for (const std::string& column : key.columns) {
      add(column);
    }
  }
  for (const job::ReferenceRule& reference : job.references) {
    add(reference.table);
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
      add(reference.columns[i]);
      add(reference.target[i]);
    }
  }
  // Rows are judged by what the other tables had then; their files say what that was.
  for (const job::ScanInput& lookup : job.lookups) {
    add(lookup.name);
    for (const job::InputFile& file : lookup.files) {
      add(file.path);
    }
  }
  return base::sha256_hex(text).substr(0, 32);
}

}  // namespace sluice::ingest
