#include "sluice/ingest/infer_request.h"

#include "sluice/ingest/decode_request.h"

namespace sluice::ingest {

job::InferJob infer_request(const project::Source& source,
                            std::span<const lake::LandedFile> files) {
  job::DecodeJob decode = decode_request(source, contract::Contract(), files, base::RunId());
  job::InferJob job;
  job.files = std::move(decode.files);
  job.format = decode.format;
  job.compression = decode.compression;
  job.encoding = decode.encoding;
  job.dialect = std::move(decode.dialect);
  return job;
}

job::InferJob infer_request(const project::Source& source, std::span<const FoundFile> files) {
  job::InferJob job = infer_request(source, std::span<const lake::LandedFile>());
  for (const FoundFile& file : files) {
    job.files.push_back({static_cast<std::int64_t>(job.files.size()) + 1, file.path, file.path,
                         file.stat.bytes, file.stat.modified_us});
  }
  return job;
}

}  // namespace sluice::ingest
