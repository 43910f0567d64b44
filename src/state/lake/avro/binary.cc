#include "sluice/lake/avro/binary.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace sluice::lake::avro {

namespace {

using base::Result;
using base::Status;

std::uint64_t load_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

void append_little_endian(std::uint64_t value, std::size_t size, std::string& out) {
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xFF);
  }
}

template <class T>
Result<const T*> held(const Datum& value, const Schema& schema) {
  const T* found = std::get_if<T>(&value.held);
  if (found == nullptr) {
    return base::internal_error(fmt::format("avro: a value of variant {} is not of kind {} ({})",
                                            value.held.index(), static_cast<int>(schema.kind),
                                            schema.name));
  }
  return found;
}

}  // namespace

base::Error BinaryReader::corrupt(std::string_view reason) const {
  return base::corrupt(fmt::format("{}: {} at byte {}", what_, reason, base_ + position_));
}

Result<std::int64_t> BinaryReader::read_long() {
  std::uint64_t zigzag = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_end()) {
      return corrupt("the data ends inside a number");
    }
    const auto byte = static_cast<unsigned char>(bytes_[position_]);
    if (shift == 63 && byte > 1) {
      return corrupt("a number is longer than 64 bits");
    }
    ++position_;
    zigzag |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      return static_cast<std::int64_t>(zigzag >> 1 ^ (~(zigzag & 1) + 1));
    }
  }
  return corrupt("a number is longer than 64 bits");
}

Result<std::string_view> BinaryReader::read_raw(std::int64_t count) {
  if (count < 0 || static_cast<std::uint64_t>(count) > bytes_.size() - position_) {
    return corrupt(fmt::format("a length of {} exceeds the data", count));
  }
  const std::string_view raw = bytes_.substr(position_, static_cast<std::size_t>(count));
  position_ += static_cast<std::size_t>(count);
  return raw;
}

Result<std::string_view> BinaryReader::read_bytes() {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t size, read_long());
  return read_raw(size);
}

Result<Datum> BinaryReader::read(const Schema& schema) {
  switch (schema.kind) {
    case Kind::kNull:
      return Datum();
    case Kind::kBoolean: {
      SLUICE_ASSIGN_OR_RETURN(const std::string_view raw, read_raw(1));
      if (static_cast<unsigned char>(raw[0]) > 1) {
        return corrupt("a boolean is neither 0 nor 1");
      }
      return Datum(raw[0] == 1);
    }
    case Kind::kInt:
    case Kind::kEnum: {
      SLUICE_ASSIGN_OR_RETURN(const std::int64_t value, read_long());
      const bool fits = schema.kind == Kind::kInt
                            ? value == static_cast<std::int32_t>(value)
                            : value >= 0 && static_cast<std::uint64_t>(value) < schema.size;
      return fits ? Result<Datum>(Datum(value)) : Result<Datum>(corrupt("an int is out of range"));
    }
    case Kind::kLong: {
      SLUICE_ASSIGN_OR_RETURN(const std::int64_t value, read_long());
      return Datum(value);
    }
    case Kind::kFloat: {
      SLUICE_ASSIGN_OR_RETURN(const std::string_view raw, read_raw(4));
      return Datum(std::bit_cast<float>(static_cast<std::uint32_t>(load_little_endian(raw))));
    }
    case Kind::kDouble: {
      SLUICE_ASSIGN_OR_RETURN(const std::string_view raw, read_raw(8));
      return Datum(std::bit_cast<double>(load_little_endian(raw)));
    }
    case Kind::kBytes:
    case Kind::kString: {
      SLUICE_ASSIGN_OR_RETURN(const std::string_view raw, read_bytes());
      return Datum(std::string(raw));
    }
    case Kind::kFixed: {
      SLUICE_ASSIGN_OR_RETURN(const std::string_view raw,
                              read_raw(static_cast<std::int64_t>(schema.size)));
      return Datum(std::string(raw));
    }
    case Kind::kRecord:
      return read_items(schema.fields);
    case Kind::kArray:
    case Kind::kMap:
      return read_array(schema);
    case Kind::kOptional:
      return read_optional(schema);
  }
  return corrupt("an unknown kind");
}

Result<Datum> BinaryReader::read_items(const std::vector<Field>& fields) {
  Datum::Items items;
  items.reserve(fields.size());
  for (const Field& field : fields) {
    SLUICE_ASSIGN_OR_RETURN(Datum item, read(*field.type));
    items.push_back(std::move(item));
  }
  return Datum(std::move(items));
}

Result<Datum> BinaryReader::read_array(const Schema& schema) {
  Datum::Items items;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(std::int64_t count, read_long());
    if (count == 0) {
      return Datum(std::move(items));
    }
    if (count < 0) {
      if (count == std::numeric_limits<std::int64_t>::min()) {
        return corrupt("an array's count is out of range");
      }
      count = -count;
      SLUICE_RETURN_IF_ERROR(read_long());  // the block's size in bytes, for those who skip it
    }
    // Every item takes a byte at least: parse_schema() refuses arrays of empty items.
    if (static_cast<std::uint64_t>(count) > bytes_.size() - position_) {
      return corrupt(fmt::format("an array's count of {} exceeds the data", count));
    }
    for (std::int64_t i = 0; i < count; ++i) {
      if (schema.kind == Kind::kMap) {
        SLUICE_ASSIGN_OR_RETURN(const std::string_view key, read_bytes());
        SLUICE_ASSIGN_OR_RETURN(Datum value, read(*schema.item));
        Datum::Items pair;
        pair.emplace_back(std::string(key));
        pair.push_back(std::move(value));
        items.emplace_back(std::move(pair));
      } else {
        SLUICE_ASSIGN_OR_RETURN(Datum item, read(*schema.item));
        items.push_back(std::move(item));
      }
    }
  }
}

Result<Datum> BinaryReader::read_optional(const Schema& schema) {
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t branch, read_long());
  if (branch != 0 && branch != 1) {
    return corrupt("a union's branch is neither 0 nor 1");
  }
  if ((branch == 0) == schema.null_first) {
    return Datum();
  }
  return read(*schema.item);
}

void write_long(std::int64_t value, std::string& out) {
  std::uint64_t zigzag =
      static_cast<std::uint64_t>(value) << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0);
  while (zigzag >= 0x80) {
    out += static_cast<char>(zigzag | 0x80);
    zigzag >>= 7;
  }
  out += static_cast<char>(zigzag);
}

void write_bytes(std::string_view bytes, std::string& out) {
  write_long(static_cast<std::int64_t>(bytes.size()), out);
  out += bytes;
}

namespace {

Status write_record(const Schema& schema, const Datum& value, std::string& out) {
  SLUICE_ASSIGN_OR_RETURN(const Datum::Items* items, held<Datum::Items>(value, schema));
  if (items->size() != schema.fields.size()) {
    return base::internal_error(fmt::format("avro: record {} takes {} values and not {}",
                                            schema.name, schema.fields.size(), items->size()));
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    SLUICE_RETURN_IF_ERROR(write(*schema.fields[i].type, (*items)[i], out));
  }
  return {};
}

Status write_array(const Schema& schema, const Datum& value, std::string& out) {
  SLUICE_ASSIGN_OR_RETURN(const Datum::Items* items, held<Datum::Items>(value, schema));
  if (!items->empty()) {
    write_long(static_cast<std::int64_t>(items->size()), out);
    for (const Datum& item : *items) {
      SLUICE_RETURN_IF_ERROR(write(*schema.item, item, out));
    }
  }
  write_long(0, out);
  return {};
}

Status write_fixed(const Schema& schema, const Datum& value, std::string& out) {
  SLUICE_ASSIGN_OR_RETURN(const std::string* bytes, held<std::string>(value, schema));
  if (bytes->size() != schema.size) {
    return base::internal_error(fmt::format("avro: fixed {} takes {} bytes and not {}", schema.name,
                                            schema.size, bytes->size()));
  }
  out += *bytes;
  return {};
}

}  // namespace

Status write(const Schema& schema, const Datum& value, std::string& out) {
  switch (schema.kind) {
    case Kind::kNull:
      return {};
    case Kind::kBoolean: {
      SLUICE_ASSIGN_OR_RETURN(const bool* flag, held<bool>(value, schema));
      out += static_cast<char>(*flag ? 1 : 0);
      return {};
    }
    case Kind::kInt:
    case Kind::kEnum:
    case Kind::kLong: {
      SLUICE_ASSIGN_OR_RETURN(const std::int64_t* number, held<std::int64_t>(value, schema));
      write_long(*number, out);
      return {};
    }
    case Kind::kFloat: {
      SLUICE_ASSIGN_OR_RETURN(const float* number, held<float>(value, schema));
      append_little_endian(std::bit_cast<std::uint32_t>(*number), 4, out);
      return {};
    }
    case Kind::kDouble: {
      SLUICE_ASSIGN_OR_RETURN(const double* number, held<double>(value, schema));
      append_little_endian(std::bit_cast<std::uint64_t>(*number), 8, out);
      return {};
    }
    case Kind::kBytes:
    case Kind::kString: {
      SLUICE_ASSIGN_OR_RETURN(const std::string* bytes, held<std::string>(value, schema));
      write_bytes(*bytes, out);
      return {};
    }
    case Kind::kFixed:
      return write_fixed(schema, value, out);
    case Kind::kRecord:
      return write_record(schema, value, out);
    case Kind::kArray:
      return write_array(schema, value, out);
    case Kind::kOptional: {
      const bool null = value.is_null();
      write_long(null == schema.null_first ? 0 : 1, out);
      return null ? Status() : write(*schema.item, value, out);
    }
    case Kind::kMap:
      break;
  }
  return base::internal_error("avro: maps with text keys are read and not written");
}

}  // namespace sluice::lake::avro
