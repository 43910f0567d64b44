#include "sluice/ingest/decode_request.h"

#include <algorithm>

#include "sluice/base/digest.h"
#include "sluice/contract/compile.h"
#include "sluice/sql/quote.h"

namespace sluice::ingest {

std::span<const lake::LandedFile> first_batch(std::span<const lake::LandedFile> files) {
  std::int64_t bytes = 0;
  std::size_t count = 0;
  while (count < files.size() && count < kBatchFilesMax &&
         (count == 0 || bytes + files[count].bytes <= kBatchBytesMax)) {
    bytes += files[count++].bytes;
  }
  return files.first(count);
}

job::DecodeJob decode_request(const project::Source& source, const contract::Contract& contract,
                              std::span<const lake::LandedFile> files, const base::RunId& run) {
  job::DecodeJob job;
  for (const lake::LandedFile& file : files) {
    job.files.push_back({file.seq, file.raw_path, file.original_name, file.bytes});
    job.arrived_at_us = std::max(job.arrived_at_us, file.landed_at_us);
  }
  job.dialect.delimiter = source.csv.delimiter;
  job.dialect.quote = source.csv.quote;
  job.dialect.header = source.csv.header;
  job.dialect.nulls = source.nulls;
  for (const data::Field& field : contract.schema.fields) {
    job.columns.push_back(
        {field.name, field.type, field.required,
         contract::cast_expression(sql::quote_identifier(field.name), field.type)});
  }
  job.verdict = contract::verdict_expression(contract);
  for (const contract::KeyRule& key : contract.keys) {
    if (key.severity == contract::Severity::kError) {
      job.keys.push_back({key.name, key.columns});
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
    for (const std::string& column : key.columns) {
      add(column);
    }
  }
  return base::sha256_hex(text).substr(0, 32);
}

}  // namespace sluice::ingest
