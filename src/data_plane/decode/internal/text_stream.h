#pragma once

#include <cstdint>
#include <memory>

#include "sluice/decode/internal/byte_stream.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// A landed file as UTF-8 text without byte order mark. Bytes that mean nothing in the file's
/// encoding become 0xFF, which no text holds, so that only their record is refused.
struct TextStream {
  std::unique_ptr<ByteStream> bytes;
  std::int64_t offset = 0;  // of the first byte: behind the mark
  bool as_landed = true;    // these are the file's own bytes at their own offsets
};

/// Opens the bytes of a landed file: unpacked, by its first bytes where `compression` is kAuto, and
/// turned into UTF-8, from what its byte order mark says, else from `encoding`. Errors are those of
/// reading; what cannot be unpacked is the stream's damage().
base::Result<TextStream> open_text(std::unique_ptr<ByteStream> landed, std::int64_t landed_bytes,
                                   job::Compression compression, job::Encoding encoding);

}  // namespace sluice::decode
