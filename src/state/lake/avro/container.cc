#include "sluice/lake/avro/container.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <utility>

#include "sluice/base/digest.h"
#include "sluice/lake/avro/binary.h"

namespace sluice::lake::avro {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr std::size_t kSyncBytes = 16;
// A block is closed once it holds this much, so that a reader needs no more than that at once.
constexpr std::size_t kBlockBytesTarget = 1 << 20;
// Raw deflate streams, without zlib's own header (Avro 1.11, "deflate").
constexpr int kRawDeflateBits = -15;
// Python's writers leave up to all of zlib's checksum behind the stream.
constexpr std::size_t kChecksumBytes = 4;

Result<std::string> deflate_block(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflateBits, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return base::exhausted("zlib has no memory to compress an Avro block");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) {
    return base::internal_error(fmt::format("zlib did not finish an Avro block: {}", code));
  }
  return out;
}

Result<std::string> inflate_block(std::string_view bytes, const BinaryReader& at) {
  z_stream stream{};
  if (inflateInit2(&stream, kRawDeflateBits) != Z_OK) {
    return base::exhausted("zlib has no memory to read an Avro block");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 1 << 16> piece;
  int code = Z_OK;
  while (code == Z_OK && out.size() <= kBlockBytesMax) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    code = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > kBlockBytesMax) {
    return at.corrupt("a block inflates beyond the limit before");
  }
  if (code != Z_STREAM_END || stream.avail_in > kChecksumBytes) {
    return at.corrupt("a block's deflate stream is broken before");
  }
  return out;
}

Result<std::map<std::string, std::string>> read_metadata(BinaryReader& reader) {
  const SchemaPtr bytes = primitive(Kind::kBytes);
  auto schema = std::make_shared<Schema>();
  schema->kind = Kind::kMap;
  schema->item = bytes;
  SLUICE_ASSIGN_OR_RETURN(const Datum datum, reader.read(*schema));
  std::map<std::string, std::string> metadata;
  for (const Datum& pair : std::get<Datum::Items>(datum.held)) {
    const auto& items = std::get<Datum::Items>(pair.held);
    metadata[std::get<std::string>(items[0].held)] = std::get<std::string>(items[1].held);
  }
  return metadata;
}

}  // namespace

ContainerWriter::ContainerWriter(SchemaPtr schema,
                                 const std::map<std::string, std::string>& metadata, Codec codec)
    : schema_(std::move(schema)), codec_(codec), out_(kMagic) {
  auto all = metadata;
  all["avro.schema"] = to_json(*schema_);
  all["avro.codec"] = codec == Codec::kDeflate ? "deflate" : "null";
  write_long(static_cast<std::int64_t>(all.size()), out_);
  for (const auto& [key, value] : all) {
    write_bytes(key, out_);
    write_bytes(value, out_);
  }
  write_long(0, out_);
  const std::uint64_t first = base::xxh3(out_);
  const std::uint64_t second = base::xxh3(out_ + "sync");
  for (std::size_t i = 0; i < kSyncBytes; ++i) {
    sync_ += static_cast<char>((i < 8 ? first : second) >> (8 * (i % 8)) & 0xFF);
  }
  out_ += sync_;
}

Status ContainerWriter::append(const Datum& value) {
  SLUICE_RETURN_IF_ERROR(write(*schema_, value, block_));
  ++block_count_;
  return block_.size() >= kBlockBytesTarget ? flush_block() : Status();
}

Status ContainerWriter::flush_block() {
  if (block_count_ == 0) {
    return {};
  }
  write_long(block_count_, out_);
  if (codec_ == Codec::kDeflate) {
    SLUICE_ASSIGN_OR_RETURN(const std::string packed, deflate_block(block_));
    write_bytes(packed, out_);
  } else {
    write_bytes(block_, out_);
  }
  out_ += sync_;
  block_.clear();
  block_count_ = 0;
  return {};
}

Result<std::string> ContainerWriter::finish() {
  SLUICE_RETURN_IF_ERROR(flush_block());
  return std::move(out_);
}

std::string_view ContainerHeader::find(const std::string& key) const {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

Result<ContainerHeader> read_header(std::string_view bytes, std::string_view what) {
  BinaryReader reader(bytes, what);
  const auto magic = reader.read_raw(static_cast<std::int64_t>(kMagic.size()));
  if (!magic || *magic != kMagic) {
    return base::corrupt(fmt::format("{}: not an Avro container file", what));
  }
  ContainerHeader header;
  SLUICE_ASSIGN_OR_RETURN(header.metadata, read_metadata(reader));
  SLUICE_ASSIGN_OR_RETURN(const std::string_view sync, reader.read_raw(kSyncBytes));
  header.sync = sync;
  header.blocks_at = reader.position();
  const std::string_view codec = header.find("avro.codec");
  if (codec == "deflate") {
    header.codec = Codec::kDeflate;
  } else if (!codec.empty() && codec != "null") {
    return base::unsupported(fmt::format("{}: Avro codec '{}' is not built", what, codec));
  }
  SLUICE_ASSIGN_OR_RETURN(header.schema, parse_schema(header.find("avro.schema"), what));
  return header;
}

Status read_values(std::string_view bytes, const ContainerHeader& header, std::string_view what,
                   const std::function<Status(Datum)>& each) {
  BinaryReader reader(bytes.substr(header.blocks_at), what, header.blocks_at);
  while (!reader.at_end()) {
    SLUICE_ASSIGN_OR_RETURN(const std::int64_t count, reader.read_long());
    SLUICE_ASSIGN_OR_RETURN(const std::string_view stored, reader.read_bytes());
    const std::size_t block_at = header.blocks_at + reader.position() - stored.size();
    std::string inflated;
    if (header.codec == Codec::kDeflate) {
      SLUICE_ASSIGN_OR_RETURN(inflated, inflate_block(stored, reader));
    }
    const std::string_view block =
        header.codec == Codec::kDeflate ? std::string_view(inflated) : stored;
    // A value of a file that matters takes a byte at least.
    if (count < 0 || static_cast<std::uint64_t>(count) > block.size()) {
      return reader.corrupt(fmt::format("a block's count of {} exceeds its data before", count));
    }
    BinaryReader values(block, what, header.codec == Codec::kDeflate ? 0 : block_at);
    for (std::int64_t i = 0; i < count; ++i) {
      auto value = values.read(*header.schema);
      if (!value) {
        return header.codec == Codec::kDeflate
                   ? std::move(value).error().in(fmt::format("in the block at byte {}", block_at))
                   : std::move(value).error();
      }
      SLUICE_RETURN_IF_ERROR(each(std::move(*value)));
    }
    if (!values.at_end()) {
      return values.corrupt("a block has bytes after its last value");
    }
    SLUICE_ASSIGN_OR_RETURN(const std::string_view sync, reader.read_raw(kSyncBytes));
    if (sync != header.sync) {
      return reader.corrupt("a block's sync marker is wrong before");
    }
  }
  return {};
}

}  // namespace sluice::lake::avro
