#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/storage/file_io.h"

namespace sluice::decode {

/// Bytes of a file from front to back.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Reads the next bytes; 0 at the end, and where the rest cannot be read: damage() then says why.
  virtual base::Result<std::size_t> read(char* to, std::size_t bytes_max) = 0;
  /// Why the stream ended before its end, for people; "" when it did not.
  virtual std::string damage() const { return {}; }
};

/// Reads a file; kCancelled once `stopped` says so. `io` must outlive the stream.
std::unique_ptr<ByteStream> read_file(storage::FileIo& io, std::string path,
                                      std::function<bool()> stopped);

/// Reads a text in memory, at most `piece` bytes a call. The text must outlive the stream.
std::unique_ptr<ByteStream> read_memory(std::string_view text, std::size_t piece);

/// A stream whose first bytes can be looked at before they are read.
class PeekedStream : public ByteStream {
 public:
  explicit PeekedStream(std::unique_ptr<ByteStream> inner) : inner_(std::move(inner)) {}

  /// Returns the next bytes without taking them; fewer only at the end.
  base::Result<std::string_view> peek(std::size_t bytes);
  /// Takes bytes that were looked at.
  void skip(std::size_t bytes) { front_.erase(0, bytes); }

  base::Result<std::size_t> read(char* to, std::size_t bytes_max) override;
  std::string damage() const override { return inner_->damage(); }

 private:
  std::unique_ptr<ByteStream> inner_;
  std::string front_;
};

}  // namespace sluice::decode
