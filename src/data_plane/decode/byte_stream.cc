#include "sluice/decode/internal/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice::decode {

namespace {

using base::Result;

constexpr std::size_t kReadBytes = 1 << 20;

class FileStream : public ByteStream {
 public:
  FileStream(storage::FileIo& io, std::string path, std::function<bool()> stopped)
      : io_(io), path_(std::move(path)), stopped_(std::move(stopped)) {}

  Result<std::size_t> read(char* to, std::size_t bytes_max) override {
    if (stopped_()) {
      return base::cancelled("the job was stopped");
    }
    SLUICE_ASSIGN_OR_RETURN(const std::size_t bytes,
                            io_.read_into(path_, at_, {to, std::min(bytes_max, kReadBytes)}));
    at_ += static_cast<std::int64_t>(bytes);
    return bytes;
  }

 private:
  storage::FileIo& io_;
  const std::string path_;
  const std::function<bool()> stopped_;
  std::int64_t at_ = 0;
};

class MemoryStream : public ByteStream {
 public:
  MemoryStream(std::string_view text, std::size_t piece) : text_(text), piece_(piece) {}

  Result<std::size_t> read(char* to, std::size_t bytes_max) override {
    const std::size_t bytes = std::min({text_.size(), bytes_max, piece_});
    if (bytes > 0) {
      std::memcpy(to, text_.data(), bytes);
      text_.remove_prefix(bytes);
    }
    return bytes;
  }

 private:
  std::string_view text_;
  const std::size_t piece_;
};

}  // namespace

std::unique_ptr<ByteStream> read_file(storage::FileIo& io, std::string path,
                                      std::function<bool()> stopped) {
  return std::make_unique<FileStream>(io, std::move(path), std::move(stopped));
}

std::unique_ptr<ByteStream> read_memory(std::string_view text, std::size_t piece) {
  return std::make_unique<MemoryStream>(text, piece);
}

Result<std::string_view> PeekedStream::peek(std::size_t bytes) {
  while (front_.size() < bytes) {
    const std::size_t had = front_.size();
    front_.resize(bytes);
    SLUICE_ASSIGN_OR_RETURN(const std::size_t more, inner_->read(front_.data() + had, bytes - had));
    front_.resize(had + more);
    if (more == 0) {
      break;
    }
  }
  return std::string_view(front_).substr(0, bytes);
}

Result<std::size_t> PeekedStream::read(char* to, std::size_t bytes_max) {
  if (front_.empty()) {
    return inner_->read(to, bytes_max);
  }
  const std::size_t bytes = std::min(bytes_max, front_.size());
  std::memcpy(to, front_.data(), bytes);
  skip(bytes);
  return bytes;
}

}  // namespace sluice::decode
