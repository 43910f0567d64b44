#include "sluice/decode/internal/unpack.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kPackedBytes = 128 << 10;
constexpr int kGzipOnly = 15 + 16;  // zlib: the largest window, a gzip header
constexpr int kWindowLogMax = 27;

/// What both formats share: packed bytes come in pieces, unpacked ones are counted, and the first
/// thing that cannot be read ends the stream.
class Unpacker : public ByteStream {
 public:
  Unpacker(std::unique_ptr<ByteStream> packed, std::int64_t bytes_max, const char* name)
      : name_(name),
        inner_(std::move(packed)),
        bytes_max_(bytes_max),
        packed_(kPackedBytes, '\0') {}

  Result<std::size_t> read(char* to, std::size_t bytes_max) override {
    const auto room = static_cast<std::size_t>(
        std::min<std::int64_t>(static_cast<std::int64_t>(bytes_max), bytes_max_ - unpacked_ + 1));
    std::size_t made = 0;
    while (made == 0 && damage_.empty() && !ended_) {
      if (next_ == end_ && !input_ended_) {
        SLUICE_RETURN_IF_ERROR(refill());
      }
      made = unpack(to, room);
    }
    unpacked_ += static_cast<std::int64_t>(made);
    if (unpacked_ > bytes_max_) {
      damage_ = fmt::format("the {} stream unpacks to more than {} bytes", name_, bytes_max_);
      return std::size_t{0};
    }
    return made;
  }

  std::string damage() const override { return damage_; }

 protected:
  /// Makes bytes from [next_, end_); sets damage_ or ended_ where there are no more.
  virtual std::size_t unpack(char* to, std::size_t bytes_max) = 0;

  void fail(std::string_view why) {
    damage_ = fmt::format("the {} stream {} near byte {}", name_, why, place());
  }
  std::int64_t place() const {
    return taken_ - static_cast<std::int64_t>(end_) + static_cast<std::int64_t>(next_);
  }

  const char* name_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  bool input_ended_ = false;
  bool ended_ = false;
  char* packed() { return packed_.data(); }

 private:
  Status refill() {
    next_ = 0;
    SLUICE_ASSIGN_OR_RETURN(end_, inner_->read(packed_.data(), packed_.size()));
    taken_ += static_cast<std::int64_t>(end_);
    input_ended_ = end_ == 0;
    return {};
  }

  std::unique_ptr<ByteStream> inner_;
  const std::int64_t bytes_max_;
  std::string packed_;
  std::string damage_;
  std::int64_t taken_ = 0;     // packed bytes read
  std::int64_t unpacked_ = 0;  // bytes given out
};

class GzipStream : public Unpacker {
 public:
  GzipStream(std::unique_ptr<ByteStream> packed, std::int64_t bytes_max)
      : Unpacker(std::move(packed), bytes_max, "gzip") {
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~GzipStream() override { inflateEnd(&stream_); }

 protected:
  std::size_t unpack(char* to, std::size_t bytes_max) override {
    if (!ready_) {
      fail("cannot be unpacked for lack of memory");
      return 0;
    }
    if (between_) {
      begin_member();
      return 0;
    }
    if (input_ended_) {
      fail("ends too early");
      return 0;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(packed() + next_);
    stream_.avail_in = static_cast<uInt>(end_ - next_);
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(bytes_max, 1U << 30));
    const uInt room = stream_.avail_out;
    const int state = inflate(&stream_, Z_NO_FLUSH);
    next_ = end_ - stream_.avail_in;
    if (state == Z_STREAM_END) {
      between_ = true;
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      fail(stream_.msg == nullptr ? "is damaged"
                                  : fmt::format("is damaged ({})", stream_.msg).c_str());
    }
    return room - stream_.avail_out;
  }

 private:
  /// Behind a member: zero bytes pad the file, anything else begins another member.
  void begin_member() {
    while (next_ < end_ && packed()[next_] == 0) {
      padded_ = true;
      ++next_;
    }
    if (next_ == end_) {
      ended_ = input_ended_;
    } else if (padded_ || packed()[next_] != '\x1f') {
      fail("is followed by other bytes");
    } else {
      between_ = false;
      inflateReset(&stream_);
    }
  }

  z_stream stream_{};
  bool ready_ = false;
  bool between_ = false;  // members
  bool padded_ = false;
};

class ZstdStream : public Unpacker {
 public:
  ZstdStream(std::unique_ptr<ByteStream> packed, std::int64_t bytes_max)
      : Unpacker(std::move(packed), bytes_max, "zstd"), stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) {
      ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kWindowLogMax);
    }
  }
  ~ZstdStream() override { ZSTD_freeDStream(stream_); }

 protected:
  std::size_t unpack(char* to, std::size_t bytes_max) override {
    if (stream_ == nullptr) {
      fail("cannot be unpacked for lack of memory");
      return 0;
    }
    ZSTD_inBuffer in{packed(), end_, next_};
    ZSTD_outBuffer out{to, bytes_max, 0};
    const bool no_input = next_ == end_;
    const std::size_t wanted = ZSTD_decompressStream(stream_, &out, &in);
    next_ = in.pos;
    if (ZSTD_isError(wanted) != 0) {
      fail(fmt::format("is damaged ({})", ZSTD_getErrorName(wanted)));
      return 0;
    }
    if (no_input && out.pos == 0 && input_ended_) {
      ended_ = whole_;
      if (!whole_) {
        fail("ends too early");
      }
      return 0;
    }
    if (!no_input || out.pos > 0) {
      whole_ = wanted == 0;
    }
    return out.pos;
  }

 private:
  ZSTD_DStream* stream_;
  bool whole_ = true;  // at the end of a frame
};

}  // namespace

std::int64_t unpacked_bytes_max(std::int64_t packed_bytes) {
  return std::max(kUnpackedBytesFree, packed_bytes * kUnpackedRatioMax);
}

std::unique_ptr<ByteStream> unpack_gzip(std::unique_ptr<ByteStream> packed,
                                        std::int64_t bytes_max) {
  return std::make_unique<GzipStream>(std::move(packed), bytes_max);
}

std::unique_ptr<ByteStream> unpack_zstd(std::unique_ptr<ByteStream> packed,
                                        std::int64_t bytes_max) {
  return std::make_unique<ZstdStream>(std::move(packed), bytes_max);
}

}  // namespace sluice::decode
