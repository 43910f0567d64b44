#include "sluice/decode/internal/key_hashes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kTop = std::int64_t{1} << 62;

TEST(KeyHashes, NamesWhatWasAddedTwiceOnce) {
  KeyHashes keys(2, 1 << 20);
  for (const std::int64_t hash : {kTop + 5, std::int64_t{1}, kTop + 5, std::int64_t{2}, kTop + 5}) {
    keys.add(0, hash);
  }
  keys.add(1, 1);
  keys.settle();
  EXPECT_TRUE(keys.known());
  EXPECT_THAT(keys.repeated(0), ElementsAre(kTop + 5));
  EXPECT_THAT(keys.repeated(1), IsEmpty());
}

TEST(KeyHashes, KnowsNothingBeyondItsMemory) {
  KeyHashes keys(1, 3 * 8);
  for (std::int64_t hash = 0; hash < 3; ++hash) {
    keys.add(0, hash);
  }
  EXPECT_TRUE(keys.known());
  keys.add(0, 3);
  keys.add(0, 4);
  keys.settle();
  EXPECT_FALSE(keys.known());
}

TEST(KeyHashes, StartsAnew) {
  KeyHashes keys(1, 2 * 8);
  keys.add(0, 1);
  keys.add(0, 1);
  keys.add(0, 1);
  keys.clear();
  keys.add(0, 1);
  keys.settle();
  EXPECT_TRUE(keys.known());
  EXPECT_THAT(keys.repeated(0), IsEmpty());
}

}  // namespace
}  // namespace sluice::decode
