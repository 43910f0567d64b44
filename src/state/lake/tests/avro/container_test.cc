#include "sluice/lake/avro/container.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "sluice/lake/avro/binary.h"

namespace sluice::lake::avro {
namespace {

using base::ErrorKind;

SchemaPtr every_kind() {
  return record("everything", {{"flag", 1, primitive(Kind::kBoolean)},
                               {"small", 2, primitive(Kind::kInt)},
                               {"large", 3, primitive(Kind::kLong)},
                               {"single", 4, primitive(Kind::kFloat)},
                               {"wide", 5, primitive(Kind::kDouble)},
                               {"raw", 6, primitive(Kind::kBytes)},
                               {"text", 7, primitive(Kind::kString)},
                               {"id", 8, fixed("id_fixed", 4)},
                               {"other_id", 9, optional(fixed("id_fixed", 4))},
                               {"nothing", 10, record("empty", {})},
                               {"maybe", 11, optional(primitive(Kind::kLong, "time-micros"))},
                               {"list", 12, optional(array(primitive(Kind::kLong), 13))},
                               {"map", 14, int_keyed_map(15, 16, primitive(Kind::kBytes))}});
}

Datum sample(std::int64_t number) {
  return Datum(Datum::Items{
      Datum(number % 2 == 0), Datum(number % 1000), Datum(number), Datum(1.5F), Datum(-2.5),
      Datum(std::string("\0\xFF", 2)), Datum(std::string("täxt")), Datum(std::string("abcd")),
      number % 2 == 0 ? Datum() : Datum(std::string("wxyz")), Datum(Datum::Items{}),
      number % 3 == 0 ? Datum() : Datum(number),
      Datum(Datum::Items{Datum(number), Datum(std::int64_t{-1})}),
      Datum(Datum::Items{Datum(Datum::Items{Datum(std::int64_t{7}), Datum(std::string("v"))})})});
}

std::string write_samples(Codec codec, int count) {
  ContainerWriter writer(every_kind(), {{"key", "value"}}, codec);
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(writer.append(sample(i)).ok());
  }
  return *writer.finish();
}

base::Result<std::vector<Datum>> read_all(std::string_view bytes) {
  SLUICE_ASSIGN_OR_RETURN(const ContainerHeader header, read_header(bytes, "x.avro"));
  std::vector<Datum> values;
  SLUICE_RETURN_IF_ERROR(read_values(bytes, header, "x.avro", [&](Datum value) -> base::Status {
    values.push_back(std::move(value));
    return {};
  }));
  return values;
}

TEST(AvroContainer, ReadsWhatItWrites) {
  for (const Codec codec : {Codec::kNull, Codec::kDeflate}) {
    const auto values = read_all(write_samples(codec, 50));
    ASSERT_TRUE(values.ok()) << values.error().message;
    ASSERT_EQ(values->size(), 50U);
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ((*values)[i], sample(i));
    }
  }
}

TEST(AvroContainer, KeepsMetadataSchemaAndFieldIds) {
  const auto header = read_header(write_samples(Codec::kDeflate, 1), "x.avro");
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->find("key"), "value");
  EXPECT_EQ(header->find("absent"), "");
  EXPECT_EQ(to_json(*header->schema), to_json(*every_kind()));
  EXPECT_EQ(header->schema->index_of(14), 12);
  EXPECT_EQ(header->schema->index_of(99), -1);
}

TEST(AvroContainer, GivesEqualFilesForEqualInput) {
  EXPECT_EQ(write_samples(Codec::kDeflate, 3), write_samples(Codec::kDeflate, 3));
}

TEST(AvroContainer, SplitsLargeContentIntoBlocks) {
  ContainerWriter writer(record("r", {{"text", 1, primitive(Kind::kString)}}), {}, Codec::kNull);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(writer.append(Datum(Datum::Items{Datum(std::string(600'000, 'x'))})).ok());
  }
  const auto values = read_all(*writer.finish());
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(values->size(), 5U);
}

TEST(AvroContainer, NamesFileAndOffsetOfCorruption) {
  std::string bytes = write_samples(Codec::kNull, 2);
  bytes.resize(bytes.size() - 20);
  const auto values = read_all(bytes);
  ASSERT_FALSE(values.ok());
  EXPECT_EQ(values.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(values.error().message.find("x.avro"), std::string::npos);
  EXPECT_NE(values.error().message.find("at byte"), std::string::npos);
}

TEST(AvroContainer, IsRefusedWhenCutAnywhere) {
  for (const Codec codec : {Codec::kNull, Codec::kDeflate}) {
    const std::string bytes = write_samples(codec, 3);
    const std::size_t blocks_at = read_header(bytes, "x.avro")->blocks_at;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto values = read_all(std::string_view(bytes).substr(0, size));
      if (size == blocks_at) {
        EXPECT_TRUE(values.ok() && values->empty());  // a complete file without blocks
      } else {
        ASSERT_FALSE(values.ok()) << size;
        EXPECT_EQ(values.error().kind, ErrorKind::kCorrupt);
      }
    }
  }
}

TEST(AvroContainer, SurvivesEveryFlippedByte) {
  for (const Codec codec : {Codec::kNull, Codec::kDeflate}) {
    const std::string bytes = write_samples(codec, 3);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int mask : {0x01, 0x80, 0xFF}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ mask);
        const auto values = read_all(changed);
        if (!values.ok()) {
          EXPECT_TRUE(values.error().kind == ErrorKind::kCorrupt ||
                      values.error().kind == ErrorKind::kUnsupported)
              << at << values.error().message;
        }
      }
    }
  }
}

TEST(AvroContainer, RefusesWrongSyncMarkers) {
  std::string bytes = write_samples(Codec::kNull, 1);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_FALSE(read_all(bytes).ok());
}

TEST(AvroBinary, WritesAndReadsEveryNumber) {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, std::int64_t{-64}, std::int64_t{64},
        std::int64_t{8192}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    std::string bytes;
    write_long(number, bytes);
    BinaryReader reader(bytes, "x");
    const auto back = reader.read_long();
    ASSERT_TRUE(back.ok()) << number;
    EXPECT_EQ(*back, number);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(AvroBinary, RefusesNumbersOverSixtyFourBits) {
  for (const std::string& bytes : {std::string(11, '\xFF'), std::string(9, '\xFF') + '\x02'}) {
    EXPECT_FALSE(BinaryReader(bytes, "x").read_long().ok());
  }
}

TEST(AvroBinary, RefusesCountsAndLengthsBeyondTheData) {
  std::string bytes;
  write_long(std::int64_t{1} << 60, bytes);
  EXPECT_FALSE(BinaryReader(bytes, "x").read(*array(primitive(Kind::kLong), 1)).ok());
  EXPECT_FALSE(BinaryReader(bytes, "x").read(*primitive(Kind::kString)).ok());
  std::string negative;
  write_long(std::numeric_limits<std::int64_t>::min(), negative);
  EXPECT_FALSE(BinaryReader(negative, "x").read(*array(primitive(Kind::kLong), 1)).ok());
  EXPECT_FALSE(BinaryReader(negative, "x").read(*primitive(Kind::kBytes)).ok());
}

TEST(AvroBinary, ReadsArrayBlocksWithTheirSizes) {
  std::string bytes;
  write_long(-2, bytes);
  write_long(2, bytes);
  write_long(5, bytes);
  write_long(6, bytes);
  write_long(1, bytes);
  write_long(7, bytes);
  write_long(0, bytes);
  const auto value = BinaryReader(bytes, "x").read(*array(primitive(Kind::kLong), 1));
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, Datum(Datum::Items{Datum(std::int64_t{5}), Datum(std::int64_t{6}),
                                       Datum(std::int64_t{7})}));
}

TEST(AvroBinary, RefusesValuesThatAreNotOfTheSchema) {
  std::string out;
  EXPECT_EQ(write(*primitive(Kind::kLong), Datum(true), out).error().kind, ErrorKind::kInternal);
  EXPECT_FALSE(write(*fixed("f", 3), Datum(std::string("toolong")), out).ok());
  EXPECT_FALSE(
      write(*record("r", {{"a", 1, primitive(Kind::kInt)}}), Datum(Datum::Items{}), out).ok());
}

TEST(AvroContainer, RefusesBlocksThatInflateToLessThanTheySay) {
  // A stream of zeros is small on disk; what it yields is not of the schema's size.
  std::string bytes = write_samples(Codec::kDeflate, 1);
  const auto header = read_header(bytes, "x");
  std::string block = bytes.substr(header->blocks_at);
  block[0] = '\x7E';  // count 63 in place of 1
  EXPECT_FALSE(read_all(bytes.substr(0, header->blocks_at) + block).ok());
}

}  // namespace
}  // namespace sluice::lake::avro
