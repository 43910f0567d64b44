#include "sluice/decode/internal/text_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "sluice/decode/internal/unpack.h"

namespace sluice::decode {

namespace {

using base::Result;
using job::Compression;
using job::Encoding;

constexpr char kNoText = '\xFF';
constexpr std::size_t kSourceBytes = 64 << 10;

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

/// Turns pieces of another encoding into UTF-8.
class Transcoder : public ByteStream {
 public:
  explicit Transcoder(std::unique_ptr<ByteStream> inner) : inner_(std::move(inner)) {}

  Result<std::size_t> read(char* to, std::size_t bytes_max) override {
    while (taken_ == text_.size() && !ended_) {
      text_.clear();
      taken_ = 0;
      const std::size_t had = source_.size();
      source_.resize(had + kSourceBytes);
      SLUICE_ASSIGN_OR_RETURN(const std::size_t more,
                              inner_->read(source_.data() + had, kSourceBytes));
      source_.resize(had + more);
      ended_ = more == 0;
      source_.erase(0, transcode(source_, ended_, text_));
    }
    const std::size_t bytes = std::min(bytes_max, text_.size() - taken_);
    std::memcpy(to, text_.data() + taken_, bytes);
    taken_ += bytes;
    return bytes;
  }

  std::string damage() const override { return inner_->damage(); }

 protected:
  /// Appends the characters of `source` and returns how many of its bytes were taken.
  virtual std::size_t transcode(std::string_view source, bool is_end, std::string& text) = 0;

 private:
  std::unique_ptr<ByteStream> inner_;
  std::string source_;
  std::string text_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

class Utf16Stream : public Transcoder {
 public:
  Utf16Stream(std::unique_ptr<ByteStream> inner, bool big)
      : Transcoder(std::move(inner)), big_(big) {}

 protected:
  std::size_t transcode(std::string_view source, bool is_end, std::string& text) override {
    std::size_t at = 0;
    while (at + 2 <= source.size()) {
      const std::uint32_t first = unit(source, at);
      const bool high = first >= 0xD800 && first < 0xDC00;
      if (high && at + 4 > source.size() && !is_end) {
        return at;
      }
      const std::uint32_t second = high && at + 4 <= source.size() ? unit(source, at + 2) : 0;
      if (high && second >= 0xDC00 && second < 0xE000) {
        append_utf8(text, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        at += 4;
        continue;
      }
      if (first >= 0xD800 && first < 0xE000) {
        text += kNoText;
      } else {
        append_utf8(text, first);
      }
      at += 2;
    }
    if (is_end && at < source.size()) {
      text += kNoText;  // half a unit
      at = source.size();
    }
    return at;
  }

 private:
  std::uint32_t unit(std::string_view source, std::size_t at) const {
    const auto a = static_cast<unsigned char>(source[at]);
    const auto b = static_cast<unsigned char>(source[at + 1]);
    return big_ ? a << 8 | b : b << 8 | a;
  }

  const bool big_;
};

/// Windows-1252 differs from Latin-1 in 0x80..0x9F; 0 means nothing (WHATWG would map those to
/// controls, which nobody meant).
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

class OneByteStream : public Transcoder {
 public:
  OneByteStream(std::unique_ptr<ByteStream> inner, bool windows)
      : Transcoder(std::move(inner)), windows_(windows) {}

 protected:
  std::size_t transcode(std::string_view source, bool, std::string& text) override {
    for (const char byte : source) {
      const auto c = static_cast<unsigned char>(byte);
      if (!windows_ || c < 0x80 || c >= 0xA0) {
        append_utf8(text, c);
      } else if (kWindows1252[c - 0x80] == 0) {
        text += kNoText;
      } else {
        append_utf8(text, kWindows1252[c - 0x80]);
      }
    }
    return source.size();
  }

 private:
  const bool windows_;
};

Compression find_compression(std::string_view front) {
  if (front.starts_with("\x1F\x8B")) {
    return Compression::kGzip;
  }
  const bool frame = front.starts_with("\x28\xB5\x2F\xFD");
  const bool skippable = front.size() >= 4 && (front[0] & 0xF0) == 0x50 &&
                         front.substr(1, 3) == std::string_view("\x2A\x4D\x18");
  return frame || skippable ? Compression::kZstd : Compression::kNone;
}

struct Mark {
  std::string_view bytes;
  Encoding encoding;
};
constexpr Mark kMarks[] = {{"\xEF\xBB\xBF", Encoding::kUtf8},
                           {"\xFF\xFE", Encoding::kUtf16Le},
                           {"\xFE\xFF", Encoding::kUtf16Be}};

std::unique_ptr<ByteStream> transcoded(std::unique_ptr<ByteStream> stream, Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      break;
    case Encoding::kUtf16Le:
    case Encoding::kUtf16Be:
      return std::make_unique<Utf16Stream>(std::move(stream), encoding == Encoding::kUtf16Be);
    case Encoding::kLatin1:
    case Encoding::kWindows1252:
      return std::make_unique<OneByteStream>(std::move(stream), encoding == Encoding::kWindows1252);
  }
  return stream;
}

}  // namespace

Result<TextStream> open_text(std::unique_ptr<ByteStream> landed, std::int64_t landed_bytes,
                             Compression compression, Encoding encoding) {
  TextStream text;
  auto stream = std::make_unique<PeekedStream>(std::move(landed));
  if (compression == Compression::kAuto) {
    SLUICE_ASSIGN_OR_RETURN(const std::string_view front, stream->peek(4));
    compression = find_compression(front);
  }
  if (compression != Compression::kNone) {
    text.as_landed = false;
    const std::int64_t bytes_max = unpacked_bytes_max(landed_bytes);
    stream = std::make_unique<PeekedStream>(compression == Compression::kGzip
                                                ? unpack_gzip(std::move(stream), bytes_max)
                                                : unpack_zstd(std::move(stream), bytes_max));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string_view front, stream->peek(3));
  for (const Mark& mark : kMarks) {
    if (front.starts_with(mark.bytes)) {
      encoding = mark.encoding;
      text.offset = static_cast<std::int64_t>(mark.bytes.size());
      stream->skip(mark.bytes.size());
      break;
    }
  }
  if (encoding != Encoding::kUtf8) {
    text.as_landed = false;
    text.offset = 0;
  }
  text.bytes = transcoded(std::move(stream), encoding);
  return text;
}

}  // namespace sluice::decode
