#include "sluice/contract/internal/odcs_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

bool has(std::span<const std::string_view> keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

TEST(OdcsKeys, HoldWhatEachVersionAdded) {
  EXPECT_TRUE(has(internal::kPropertyKeys, "quality"));          // 3.0
  EXPECT_TRUE(has(internal::kPropertyKeys, "relationships"));    // 3.1
  EXPECT_TRUE(has(internal::kPropertyKeys, "enum"));             // 3.2
  EXPECT_TRUE(has(internal::kQualityKeys, "mustNotBeBetween"));  // through oneOf
  EXPECT_TRUE(has(internal::kOptionsIntegerKeys, "multipleOf"));
  EXPECT_FALSE(has(internal::kOptionsStringKeys, "minimum"));
}

/// A key of the standard is never called unknown: it is read, kept as description, or refused.
TEST(OdcsKeys, AreNeverUnknownToTheReader) {
  for (const std::string_view key : internal::kPropertyKeys) {
    const std::string text = contract_of("      - name: a\n        logicalType: string\n        " +
                                         std::string(key) + ": x\n");
    EXPECT_EQ(complaint(text).find("unknown key"), std::string::npos) << key;
  }
  for (const std::string_view key : internal::kContractKeys) {
    EXPECT_EQ(complaint(std::string(key) + ": x\n").find("unknown key"), std::string::npos) << key;
  }
  for (const std::string_view key : internal::kQualityKeys) {
    const std::string text = contract_of(
        "      - name: a\n        logicalType: string\n        quality:\n          - {" +
        std::string(key) + ": x}\n");
    EXPECT_EQ(complaint(text).find("unknown key"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace sluice::contract
