#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/block.h"
#include "sluice/decode/internal/infer_json.h"
#include "sluice/decode/internal/text_kind.h"

// Any bytes as a JSON record and as a value: what is said of them is well formed, and a record is
// taken as a whole or not at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;  // NOLINT
  const std::string_view whole(reinterpret_cast<const char*>(data), size);
  const decode::TextReading reading = decode::read_text(whole);
  SLUICE_CHECK(reading.scale >= 0 && reading.whole_digits >= 0, "digits are counted");
  std::string padded(whole);
  padded.append(decode::kBlockPadding, '\0');
  job::InferJob job;
  job.keys = true;
  decode::InferColumns columns(job);
  decode::JsonObserver observer;
  const std::string_view record = std::string_view(padded).substr(0, size);
  const bool taken = observer.add(record, columns);
  SLUICE_CHECK(observer.add(record, columns) == taken, "a record is judged alike each time");
  SLUICE_CHECK(columns.rows() == (taken ? 2 : 0), "a row for every record that was taken");
  job::InferResult result;
  columns.finish(result);
  SLUICE_CHECK(taken || result.columns.empty(), "a refused record leaves nothing behind");
  for (const data::ColumnProfile& column : result.columns) {
    SLUICE_CHECK(data::is_well_formed(column.type), "types are well formed");
    SLUICE_CHECK(column.values >= 0 && column.nulls >= 0, "counts add up");
  }
  return 0;
}
