#include "sluice/decode/internal/text_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

#include "sluice/decode/internal/unpack.h"

namespace sluice::decode {
namespace {

using job::Compression;
using job::Encoding;

struct Read {
  std::string text;
  std::string damage;
  std::int64_t offset = 0;
  bool as_landed = false;
};

Read read(std::string_view bytes, Compression compression = Compression::kAuto,
          Encoding encoding = Encoding::kUtf8, std::size_t piece = 3) {
  auto opened = open_text(read_memory(bytes, piece), static_cast<std::int64_t>(bytes.size()),
                          compression, encoding);
  EXPECT_TRUE(opened.ok());
  Read read{"", "", opened->offset, opened->as_landed};
  std::array<char, 100> buffer{};
  for (;;) {
    const auto more = opened->bytes->read(buffer.data(), buffer.size());
    EXPECT_TRUE(more.ok());
    if (*more == 0) {
      read.damage = opened->bytes->damage();
      return read;
    }
    read.text.append(buffer.data(), *more);
  }
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

TEST(TextStream, ReadsPlainTextAsItLies) {
  const Read got = read("a,b\n");
  EXPECT_EQ(got.text, "a,b\n");
  EXPECT_TRUE(got.as_landed);
  EXPECT_EQ(got.offset, 0);
}

TEST(TextStream, SkipsAMarkAndKnowsWhereTheTextBegins) {
  const Read got = read(
      "\xEF\xBB\xBF"
      "a");
  EXPECT_EQ(got.text, "a");
  EXPECT_EQ(got.offset, 3);
  EXPECT_TRUE(got.as_landed);
}

TEST(TextStream, TurnsUtf16IntoUtf8) {
  EXPECT_EQ(read(std::string_view("\xFF\xFE"
                                  "a\0\xAC\x20\x3D\xD8\x00\xDE",
                                  10))
                .text,
            "a€😀");
  EXPECT_EQ(read(std::string_view("\xFE\xFF"
                                  "\0a\x20\xAC",
                                  6))
                .text,
            "a€");
  EXPECT_EQ(read(std::string_view("a\0", 2), Compression::kAuto, Encoding::kUtf16Le).text, "a");
}

TEST(TextStream, MarksWhatUtf16CannotSay) {
  EXPECT_EQ(read(std::string_view("\xFF\xFE\x00\xD8"
                                  "a\0",
                                  6))
                .text,
            "\xFF"
            "a");
  EXPECT_EQ(read(std::string_view("\xFF\xFE"
                                  "a\0b",
                                  5))
                .text,
            "a\xFF");
}

TEST(TextStream, TurnsOneByteEncodingsIntoUtf8) {
  EXPECT_EQ(read("caf\xE9", Compression::kAuto, Encoding::kLatin1).text, "café");
  EXPECT_EQ(read("\x80\x81", Compression::kAuto, Encoding::kWindows1252).text, "€\xFF");
}

TEST(TextStream, UnpacksMembersAndFramesOneAfterAnother) {
  EXPECT_EQ(read(gzip("one\n") + gzip("") + gzip("two\n") + std::string(5, '\0')).text,
            "one\ntwo\n");
  EXPECT_EQ(
      read(zstd("one\n") + std::string("\x50\x2A\x4D\x18\x01\0\0\0x", 9) + zstd("two\n")).text,
      "one\ntwo\n");
}

TEST(TextStream, SaysWhereAStreamBreaks) {
  EXPECT_NE(read(gzip("text") + "more").damage.find("followed by other bytes"), std::string::npos);
  EXPECT_NE(read(gzip("text").substr(0, 12)).damage.find("ends too early"), std::string::npos);
  EXPECT_NE(read(zstd("text").substr(0, 9)).damage.find("ends too early"), std::string::npos);
  EXPECT_NE(read("no gzip", Compression::kGzip).damage.find("gzip stream is damaged"),
            std::string::npos);
  EXPECT_NE(read("no zstd", Compression::kZstd).damage.find("zstd stream"), std::string::npos);
  EXPECT_EQ(read("", Compression::kZstd).damage, "");
}

TEST(TextStream, StopsWhereAFileUnpacksTooFar) {
  EXPECT_EQ(unpacked_bytes_max(1), kUnpackedBytesFree);
  EXPECT_EQ(unpacked_bytes_max(10 << 20), (std::int64_t{10} << 20) * kUnpackedRatioMax);
  const std::string packed = gzip(std::string(1000, 'x'));
  const auto stream = unpack_gzip(read_memory(packed, 100), 999);
  std::array<char, 2000> buffer{};
  EXPECT_EQ(*stream->read(buffer.data(), buffer.size()), 0u);
  EXPECT_NE(stream->damage().find("more than 999 bytes"), std::string::npos);
}

TEST(TextStream, AnyPackedTextComesBack) {
  const bool held = rc::check([] {
    const auto text = *rc::gen::arbitrary<std::string>();
    const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
    RC_PRE(!text.starts_with("\xEF\xBB\xBF") && !text.starts_with("\xFF\xFE") &&
           !text.starts_with("\xFE\xFF"));
    for (const std::string& packed : {gzip(text), zstd(text)}) {
      const Read got = read(packed, Compression::kAuto, Encoding::kUtf8, piece);
      RC_ASSERT(got.text == text);
      RC_ASSERT(got.damage == "");
      const std::size_t cut = *rc::gen::inRange<std::size_t>(5, packed.size());
      RC_ASSERT(read(packed.substr(0, cut), Compression::kAuto, Encoding::kUtf8, piece).damage !=
                "");
    }
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace sluice::decode
