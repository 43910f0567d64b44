#include "sluice/job/decode_job.h"

namespace sluice::job {

data::Schema quarantine_schema() {
  using data::Type;
  using data::TypeKind;
  data::Schema schema;
  schema.fields = {
      {1, "file_id", Type{TypeKind::kLong}, true, "landing sequence number of the file"},
      {2, "file_name", Type{TypeKind::kString}, true, "name under which the file arrived"},
      {3, "line", Type{TypeKind::kLong}, true, "physical line at which the record begins, from 1"},
      {4, "byte_offset", Type{TypeKind::kLong}, true, "byte at which the record begins, from 0"},
      {5, "column", Type{TypeKind::kString}, false, "column that broke the rule"},
      {6, "rule", Type{TypeKind::kString}, true, "rule that was broken"},
      {7, "reason", Type{TypeKind::kString}, true, "what was wrong, for people"},
      {8, "payload", Type{TypeKind::kString}, false, "the record as it arrived, at most 64 KiB"},
      {9, "payload_bytes", Type{TypeKind::kLong}, true, "length of the whole record in bytes"},
      {10, "contract_version", Type{TypeKind::kString}, true, "contract that judged the record"},
      {11, "arrived_at", Type{TypeKind::kTimestamptz}, true, "when the file was landed"},
      {12, "run_id", Type{TypeKind::kString}, true, "run that judged the record"},
      {13, "status", Type{TypeKind::kString}, true, "open, replayed or waived"},
      {14, "settled_at", Type{TypeKind::kTimestamptz}, false, "when it was replayed or waived"},
      {15, "settled_by", Type{TypeKind::kString}, false, "who replayed or waived it"},
      {16, "settled_run_id", Type{TypeKind::kString}, false, "run that replayed or waived it"},
      {17, "note", Type{TypeKind::kString}, false, "why it was waived"},
  };
  return schema;
}

}  // namespace sluice::job
