#include "sluice/base/murmur3.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

using std::string_view_literals::operator""sv;

TEST(Murmur3, GivesTheSpecsTestValues) {
  EXPECT_EQ(murmur3_x86_32("iceberg"), 1210000089);
  EXPECT_EQ(murmur3_x86_32("\x00\x01\x02\x03"sv), -188683207);
  EXPECT_EQ(murmur3_x86_32("\x22\0\0\0\0\0\0\0"sv), 2017239379);
}

TEST(Murmur3, HashesEveryTailLength) {
  // Reference values of MurmurHash3_x86_32 with seed 0.
  EXPECT_EQ(murmur3_x86_32(""), 0);
  EXPECT_EQ(static_cast<std::uint32_t>(murmur3_x86_32("a")), 0x3c2569b2U);
  EXPECT_EQ(static_cast<std::uint32_t>(murmur3_x86_32("abc")), 0xb3dd93faU);
  EXPECT_EQ(static_cast<std::uint32_t>(murmur3_x86_32("Hello, world!")), 0xc0363e43U);
}

}  // namespace
}  // namespace sluice::base
