#include <cstdint>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/landed_file.h"

// Any bytes as NDJSON or as a JSON array, in pieces and blocks of any size: records follow each
// other without overlap and lie in the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;  // NOLINT
  if (size < 3) {
    return 0;
  }
  job::DecodeJob job;
  job.format = (data[2] & 1) != 0 ? job::FileFormat::kJson : job::FileFormat::kNdjson;
  job.unknown_fields =
      (data[2] & 2) != 0 ? job::UnknownFields::kIgnore : job::UnknownFields::kRefuse;
  job.compression = job::Compression::kNone;
  job.columns = {{"id", {data::TypeKind::kLong}, true, ""},
                 {"name", {data::TypeKind::kString}, false, ""}};
  const std::string_view whole(reinterpret_cast<const char*>(data) + 3, size - 3);
  const job::DecodeFile file;
  auto opened = decode::LandedFile::open(decode::read_memory(whole, 1 + data[0]), job, file);
  SLUICE_CHECK(opened.ok(), "reading memory does not fail");
  decode::BlockRecords records(job);
  decode::LandedRecord record;
  decode::Block block;
  std::int64_t end = 0;
  for (;;) {
    const auto more = (*opened)->next(block, 1 + data[1] % 16);
    SLUICE_CHECK(more.ok(), "reading memory does not fail");
    if (!*more) {
      return 0;
    }
    records.open((*opened)->layout(), std::move(block));
    while (records.next(record)) {
      SLUICE_CHECK(record.offset >= end && record.bytes >= 0, "records follow each other");
      end = record.offset + record.bytes;
      SLUICE_CHECK(
          (*opened)->layout()->as_landed ? end <= static_cast<std::int64_t>(whole.size()) : true,
          "a record lies in the file");
      SLUICE_CHECK(record.refusal.empty() == (record.values.size() == job.columns.size()),
                   "a record has its values or a refusal");
    }
  }
}
