#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/lake/avro/datum.h"
#include "sluice/lake/avro/schema.h"

namespace sluice::lake::avro {

enum class Codec { kNull, kDeflate };

/// Bytes that one block may have once inflated; a larger one is refused as kCorrupt.
inline constexpr std::size_t kBlockBytesMax = std::size_t{256} << 20;

/// Writes an Avro object container file (Avro 1.11, "Object Container Files") into memory. The sync
/// marker is derived from the header, so equal input gives equal files.
class ContainerWriter {
 public:
  /// `metadata` may not use names that begin with `avro.`.
  ContainerWriter(SchemaPtr schema, const std::map<std::string, std::string>& metadata,
                  Codec codec);

  /// kInternal when the value is not of the schema.
  base::Status append(const Datum& value);
  base::Result<std::string> finish();

 private:
  base::Status flush_block();

  SchemaPtr schema_;
  Codec codec_;
  std::string sync_;
  std::string out_;
  std::string block_;
  std::int64_t block_count_ = 0;
};

/// A container's header; `blocks_at` is the offset of the first block.
struct ContainerHeader {
  std::map<std::string, std::string> metadata;
  SchemaPtr schema;
  Codec codec = Codec::kNull;
  std::string sync;
  std::size_t blocks_at = 0;

  /// Returns the metadata under `key`, or "" when there is none.
  std::string_view find(const std::string& key) const;
};

/// Reads the header. kCorrupt with file and offset; kUnsupported for other codecs and unions.
base::Result<ContainerHeader> read_header(std::string_view bytes, std::string_view what);

/// Reads all values in order; stops at the first error that `each` returns.
base::Status read_values(std::string_view bytes, const ContainerHeader& header,
                         std::string_view what, const std::function<base::Status(Datum)>& each);

}  // namespace sluice::lake::avro
