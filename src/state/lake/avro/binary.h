#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/lake/avro/datum.h"
#include "sluice/lake/avro/schema.h"

namespace sluice::lake::avro {

/// Reads Avro's binary encoding from bytes that are not trusted: every length is checked against
/// what is left. Errors are kCorrupt and name the file and the offset.
class BinaryReader {
 public:
  /// `what` names the file and `base` is the offset in it of the first byte; both for messages.
  BinaryReader(std::string_view bytes, std::string_view what, std::size_t base = 0)
      : bytes_(bytes), what_(what), base_(base) {}

  base::Result<std::int64_t> read_long();
  /// Returns the next `count` bytes; they stay owned by the input.
  base::Result<std::string_view> read_raw(std::int64_t count);
  /// Reads a length and that many bytes.
  base::Result<std::string_view> read_bytes();
  base::Result<Datum> read(const Schema& schema);

  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t position() const { return position_; }
  base::Error corrupt(std::string_view reason) const;

 private:
  base::Result<Datum> read_array(const Schema& schema);
  base::Result<Datum> read_optional(const Schema& schema);
  base::Result<Datum> read_items(const std::vector<Field>& fields);

  std::string_view bytes_;
  std::string_view what_;
  std::size_t base_;
  std::size_t position_ = 0;
};

void write_long(std::int64_t value, std::string& out);
void write_bytes(std::string_view bytes, std::string& out);

/// Appends a value's binary encoding. kInternal when the value is not of the schema.
base::Status write(const Schema& schema, const Datum& value, std::string& out);

}  // namespace sluice::lake::avro
